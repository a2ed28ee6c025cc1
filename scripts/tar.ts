/**
 * Writes a gzipped tar archive that is the same each time.
 *
 * @module
 */
import { BLOCK_BYTES, type TarFile } from "../src/system/tar.ts";

/** A file to be put into an archive. */
export interface TarEntry extends TarFile {
  readonly executable: boolean;
}

function header({ path, bytes, executable }: TarEntry, mtimeSec: number): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  const put = (text: string, at: number) => block.set(new TextEncoder().encode(text), at);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0");
  put(path, 0);
  put(`${octal(executable ? 0o755 : 0o644, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100);
  put(`${octal(bytes.length, 11)}\0${octal(mtimeSec, 11)}\0`, 124);
  put("        0", 148);
  put("ustar\x0000root", 257);
  put("root", 297);
  put(`${octal(block.reduce((sum, byte) => sum + byte, 0), 6)}\0 `, 148);
  return block;
}

/**
 * A gzipped ustar archive whose bytes depend on the files and `mtimeSec` alone: no user, no clock.
 *
 * @throws {RangeError} when a path is longer than the 100 bytes of its field.
 */
export async function writeTarGz(
  entries: readonly TarEntry[],
  mtimeSec: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: BlobPart[] = [];
  for (const entry of entries) {
    if (new TextEncoder().encode(entry.path).length > 100) {
      throw new RangeError(
        `Cannot pack ${entry.path} as its path must be at most 100 bytes long`,
      );
    }
    const padding = (BLOCK_BYTES - entry.bytes.length % BLOCK_BYTES) % BLOCK_BYTES;
    parts.push(header(entry, mtimeSec) as BlobPart, entry.bytes as BlobPart);
    parts.push(new Uint8Array(padding));
  }
  parts.push(new Uint8Array(2 * BLOCK_BYTES));
  const stream = new Blob(parts).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
