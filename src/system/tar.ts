/**
 * Reads a gzipped tar archive, as npm and our releases have them.
 *
 * @module
 */

/** A regular file of an archive: its path as stored, and its bytes. */
export interface TarFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What archives are made of. */
export const BLOCK_BYTES = 512;
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
