/**
 * The messages of an answer that has no end: each with its length in front, as 32 bits in little endian.
 *
 * @module
 */

/** The rows that are watched, with room to spare. */
const MESSAGE_BYTES_MAX = 1 << 20;

/**
 * Takes messages out of an answer as they come; one without bytes says that the engine is there.
 *
 * @throws {RangeError} When one is longer than any that watches a few rows.
 */
export async function* messagesOf(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let rest = new Uint8Array();
  for await (const piece of pieces) {
    const joined = new Uint8Array(rest.length + piece.length);
    joined.set(rest);
    joined.set(piece, rest.length);
    rest = joined;
    while (rest.length >= 4) {
      const length = new DataView(rest.buffer, rest.byteOffset).getUint32(0, true);
      if (length > MESSAGE_BYTES_MAX) throw new RangeError("a message is too long");
      if (rest.length < 4 + length) break;
      yield rest.slice(4, 4 + length);
      rest = rest.slice(4 + length);
    }
  }
}
