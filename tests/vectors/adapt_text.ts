/**
 * How the vectors about texts call the program.
 *
 * @module
 */
export { countSegments as segments } from "../../src/text/sms/segments.ts";
import { chunkText } from "../../src/text/sms/chunk.ts";

export const chunk = (text: string, limit: number): string[] =>
  chunkText(text, { limit }).map((chunk) => chunk.body);
export const partCounter = /^\(\d+\/\d+\) /;
export { toPlainText } from "../../src/text/markdown/plain.ts";
