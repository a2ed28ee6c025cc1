/**
 * How much room a disk has left.
 *
 * @module
 */
import { statfs } from "node:fs";
import { promisify } from "node:util";

/** Bytes that this user may still write where `path` is; null when the system does not tell. */
export async function freeBytes(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await promisify(statfs)(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}
