/**
 * How much room a disk has left.
 *
 * @module
 */
import { statfs } from "node:fs/promises";

/** Bytes that this user may still write where `path` is; null when the system does not tell. */
export async function freeBytes(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}
