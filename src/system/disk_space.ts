/**
 * How much room a disk has left.
 *
 * @module
 */
import { nodePart } from "./node_part.ts";

/** Bytes that this user may still write where `path` is; null when the system does not tell. */
export async function freeBytes(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await nodePart("node:fs").promises.statfs(path);
    return bavail * bsize;
  } catch {
    return null;
  }
}
