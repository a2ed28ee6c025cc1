/**
 * Writing configuration files: whole or not at all, for their owner alone.
 *
 * @module
 */
import { dirname } from "node:path";

/** The file itself, when the path is a link to it. */
function target(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/**
 * Replaces a file in one step, mode 0600; its folder is made if need be.
 *
 * @throws {Deno.errors.PermissionDenied} And others of the system's.
 */
export async function writeConfigFile(path: string, text: string): Promise<void> {
  const file = target(path);
  await Deno.mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  const handle = await Deno.open(next, { write: true, createNew: true, mode: 0o600 });
  try {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += await handle.write(bytes.subarray(at));
    await handle.syncData();
  } finally {
    handle.close();
  }
  await Deno.rename(next, file);
}

/** Keeps a copy of a file beside it; returns the copy's path. */
export async function backUpFile(path: string): Promise<string> {
  const file = target(path);
  const copy = `${file}.bak`;
  await Deno.copyFile(file, copy);
  await Deno.chmod(copy, 0o600);
  return copy;
}
