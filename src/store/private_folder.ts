/**
 * The state directory is its owner's alone: it holds numbers, texts and keys.
 *
 * @module
 */
import { type Failure, failure } from "../system/failure.ts";
import { STORE_FILE } from "./kv.ts";

/** What must not be anybody else's; SQLite gives the two files beside the store no mode of their own. */
const FILES = [STORE_FILE, `${STORE_FILE}-wal`, `${STORE_FILE}-shm`, "config.json5"];
/** Where one of them is, the folder is the bridge's. */
const OWN: readonly string[] = [STORE_FILE, "config.json5", "env"];
/** What a folder may hold before these do; a volume of its own has the last. */
const BESIDE: readonly string[] = ["media", "control.sock", "run", "lost+found"];
/** Set on folders that everybody shares, such as /tmp. */
const STICKY = 0o1000;

async function lookAt(path: string): Promise<Deno.FileInfo | null> {
  return await Deno.lstat(path).catch(() => null);
}

function isForeign({ uid }: Deno.FileInfo): boolean {
  const own = Deno.uid();
  return own !== null && uid !== null && uid !== own;
}

function isOpen({ mode }: Deno.FileInfo): boolean {
  return mode !== null && (mode & 0o077) !== 0;
}

function foreign(path: string, folder: string): Failure {
  return failure(
    "configuration",
    "state-foreign",
    `Cannot use ${path} as it belongs to another user`,
    `run the bridge as that user, or: sudo chown -R "$USER" ${folder}`,
  );
}

/** Whether a folder that others may enter is for more than the bridge: `/`, `/tmp`, somebody's home. */
async function isShared(folder: string, info: Deno.FileInfo): Promise<boolean> {
  if (((info.mode ?? 0) & STICKY) !== 0) return true;
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  return !names.some((name) => OWN.includes(name)) && names.some((name) => !BESIDE.includes(name));
}

async function close(path: string, info: Deno.FileInfo, folder: string): Promise<void> {
  try {
    await Deno.chmod(path, (info.mode ?? 0) & 0o700);
  } catch {
    throw failure(
      "configuration",
      "state-open",
      `Cannot use ${path} as others on this machine may get at it`,
      `chmod -R go= ${folder}`,
    );
  }
}

/**
 * Takes from others what they may do with a state directory, the store and the configuration in it; returns
 * what was open to them. A directory that is not there is nobody's.
 *
 * @throws {Failure} When one of them belongs to somebody else, is a link to elsewhere, or cannot be closed, and
 * when the directory holds other things than the bridge's: their owner decides who may see them.
 */
export async function keepPrivate(folder: string): Promise<readonly string[]> {
  const info = await Deno.stat(folder).catch(() => null);
  if (info === null) return [];
  if (!info.isDirectory) {
    throw failure(
      "configuration",
      "state-no-folder",
      `Cannot use ${folder} as it is not a directory`,
      "name another one with --state-dir or SMS_BRIDGE_STATE_DIR",
    );
  }
  if (isForeign(info)) throw foreign(folder, folder);
  const open: string[] = [];
  if (isOpen(info)) {
    if (await isShared(folder, info)) {
      throw failure(
        "configuration",
        "state-shared",
        `Cannot use ${folder} as others on this machine use it too`,
        "give the bridge a folder of its own: --state-dir, or SMS_BRIDGE_STATE_DIR",
      );
    }
    await close(folder, info, folder);
    open.push(folder);
  }
  for (const name of FILES) {
    const path = `${folder}/${name}`;
    const file = await lookAt(path);
    if (file === null) continue;
    if (file.isSymlink) {
      throw failure(
        "configuration",
        "state-linked",
        `Cannot use ${path} as it is a link to a file elsewhere`,
        "move the file here, or move the whole folder and name it with SMS_BRIDGE_STATE_DIR",
      );
    }
    if (isForeign(file)) throw foreign(path, folder);
    if (!isOpen(file)) continue;
    await close(path, file, folder);
    open.push(path);
  }
  return open;
}
