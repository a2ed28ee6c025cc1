/**
 * How the vectors about texts call the program.
 *
 * @module
 */
export { countSegments as segments } from "../../src/text/segments.ts";
import { chunkText } from "../../src/text/chunk.ts";

export const chunk = (text: string, limit: number): string[] =>
  chunkText(text, { limit }).map((chunk) => chunk.body);
export const partCounter = /^\(\d+\/\d+\) /;
export { toPlainText } from "../../src/text/plain.ts";
