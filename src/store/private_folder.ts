/**
 * The state directory is its owner's alone: it holds numbers, texts and keys.
 *
 * @module
 */
import { failure } from "../system/failure.ts";
import { STORE_FILE } from "./kv.ts";

/** What must not be anybody else's; SQLite gives the two files beside the store no mode of their own. */
const FILES = ["", `/${STORE_FILE}`, `/${STORE_FILE}-wal`, `/${STORE_FILE}-shm`];

async function statOf(path: string): Promise<Deno.FileInfo | null> {
  return await Deno.stat(path).catch(() => null);
}

/**
 * Takes from others what they may do with a state directory and the store in it; returns what was open to
 * them. A directory that is not there is nobody's.
 *
 * @throws {Failure} When it, or the store, belongs to somebody else, or its mode cannot be changed.
 */
export async function keepPrivate(folder: string): Promise<readonly string[]> {
  const own = Deno.uid();
  const open: string[] = [];
  for (const path of FILES.map((name) => `${folder}${name}`)) {
    const info = await statOf(path);
    if (info === null) continue;
    if (own !== null && info.uid !== null && info.uid !== own) {
      throw failure(
        "configuration",
        "state-foreign",
        `Cannot use ${path} as it belongs to another user`,
        `run the bridge as that user, or: sudo chown -R "$USER" ${folder}`,
      );
    }
    if (info.mode === null || (info.mode & 0o077) === 0) continue;
    try {
      await Deno.chmod(path, info.mode & 0o700);
    } catch {
      throw failure(
        "configuration",
        "state-open",
        `Cannot use ${path} as others on this machine may get at it`,
        `chmod -R go= ${folder}`,
      );
    }
    open.push(path);
  }
  return open;
}
