/**
 * Checks signatures for a process that does not know the import map: one JSON request a line on stdin,
 * one `true` or `false` a line on stdout.
 *
 * @module
 */
import { type SignatureCase, validateCase } from "./signature_case.ts";

const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
let rest = "";
for await (const text of lines) {
  const parts = (rest + text).split("\n");
  rest = parts.pop()!;
  for (const line of parts) {
    const valid = validateCase(JSON.parse(line) as SignatureCase);
    await Deno.stdout.write(new TextEncoder().encode(`${valid}\n`));
  }
}
