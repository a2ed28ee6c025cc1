/**
 * Reads a gzipped tar archive as npm makes it, and writes one that is the same each time.
 *
 * @module
 */

/** A regular file of an archive: its path as stored, and its bytes. */
export interface TarFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const BLOCK_BYTES = 512;
const decoder = new TextDecoder();

function field(header: Uint8Array, start: number, length: number): string {
  const raw = decoder.decode(header.subarray(start, start + length));
  const end = raw.indexOf("\0");
  return end < 0 ? raw : raw.slice(0, end);
}

/**
 * Lists the regular files of a gzipped ustar archive (POSIX.1-1988 header layout). Links, folders and
 * pax extensions are passed over.
 *
 * @throws {RangeError} when a header's size is not an octal number or exceeds the archive.
 */
export async function readTarGz(gzipped: Uint8Array<ArrayBuffer>): Promise<TarFile[]> {
  const stream = new Blob([gzipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  const tar = new Uint8Array(await new Response(stream).arrayBuffer());
  const files: TarFile[] = [];
  for (let at = 0; at + BLOCK_BYTES <= tar.length;) {
    const header = tar.subarray(at, at + BLOCK_BYTES);
    const name = field(header, 0, 100);
    if (name === "") break;
    const sizeBytes = parseInt(field(header, 124, 12).trim(), 8);
    const start = at + BLOCK_BYTES;
    if (!Number.isSafeInteger(sizeBytes) || start + sizeBytes > tar.length) {
      throw new RangeError(`Cannot read the archive as the size of "${name}" is not valid`);
    }
    const kind = field(header, 156, 1);
    if (kind === "0" || kind === "") {
      const prefix = field(header, 345, 155);
      files.push({
        path: prefix === "" ? name : `${prefix}/${name}`,
        bytes: tar.slice(start, start + sizeBytes),
      });
    }
    at = start + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return files;
}

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
