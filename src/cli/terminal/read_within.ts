/**
 * Reading what was given, a file or what is piped in, up to a limit: a device would never end.
 *
 * @module
 */

/** The text that comes in pieces; null when it is longer than `bytesMax`. */
export async function readWithin(
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>>,
  bytesMax: number,
): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.byteLength;
    if (bytes > bytesMax) return null;
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}

/** The text of a file, a pipe or a device; null when it is longer than `bytesMax`. */
export async function readFileWithin(path: string, bytesMax: number): Promise<string | null> {
  return await readWithin((await Deno.open(path)).readable, bytesMax);
}
