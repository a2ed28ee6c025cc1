/**
 * Why the store cannot be used, as the file system tells it, and what mends that without losing a text.
 *
 * @module
 */
import { STORE_FILE } from "../store/kv.ts";
import { errorText, type Failure, failure } from "../system/failure.ts";
import { dirname } from "../system/path.ts";

/** What is wrong, and what mends it. */
export interface StateTrouble {
  readonly why: string;
  readonly fix: string;
  /** To be copied into a shell. */
  readonly command?: string;
}

/** What mends it, as a failure hints at it. */
export function mendingHint({ fix, command }: StateTrouble): string {
  return command === undefined ? fix : `${fix}: ${command}`;
}

/** A full disk may still have room for an empty file, and SQLite makes one of half this size at once. */
const TRIAL_BYTES = 65_536;

/** Whether the user of this process may write what belongs to `uid`. */
function foreign(uid: number | null): boolean {
  const own = Deno.uid();
  return own !== null && own !== 0 && uid !== null && uid !== own;
}

function fullDisk(path: string): StateTrouble {
  return { why: `the disk of ${path} is full`, fix: "make room", command: `df -h ${path}` };
}

function troubleOf(error: unknown, path: string): StateTrouble | null {
  const { code } = error as { code?: string };
  switch (code) {
    case "EROFS":
      return {
        why: `the disk of ${path} is read-only`,
        fix: "mount it for writing again; the store itself is left as it is",
        command: `sudo mount -o remount,rw "$(df --output=target ${path} | tail -1)"`,
      };
    case "ENOSPC":
    case "EDQUOT":
      return fullDisk(path);
    case "EACCES":
    case "EPERM":
      return {
        why: `this user may not write ${path}`,
        fix: "run this as the user that the bridge runs as, or give the folder to this one",
        command: `sudo chown -R "$USER" ${path}`,
      };
    case "ENOTDIR":
    case "EEXIST":
      return {
        why: `${path} is not a directory`,
        fix: "name another one with --state-dir or SMS_BRIDGE_STATE_DIR",
      };
    default:
      return null;
  }
}

/** A folder that is to be made below one that is there. */
function makingTrouble(error: unknown, folder: string, above: string): StateTrouble | null {
  const { code = "" } = error as { code?: string };
  if (code !== "EACCES" && code !== "EPERM") return troubleOf(error, above);
  return {
    why: `${folder} is not there, and this user may not make it`,
    fix: "make it for the user that the bridge runs as, or name another with SMS_BRIDGE_STATE_DIR",
    command: `sudo install -d -m 700 -o "$USER" ${folder}`,
  };
}

/** A folder, or what of its path is there. */
async function nearestThere(folder: string): Promise<string> {
  const there = await Deno.stat(folder).then(() => true, () => false);
  const above = dirname(folder);
  return there || above === folder ? folder : await nearestThere(above);
}

/** Tries to write into a folder, or above one that is to be made; null when that is possible. */
export async function writingTrouble(folder: string): Promise<StateTrouble | null> {
  const there = await nearestThere(folder);
  const path = `${there}/.sms-bridge-${crypto.randomUUID()}`;
  try {
    await Deno.writeFile(path, new Uint8Array(TRIAL_BYTES), { createNew: true, mode: 0o600 });
    return null;
  } catch (error) {
    return there === folder ? troubleOf(error, folder) : makingTrouble(error, folder, there);
  } finally {
    await Deno.remove(path).catch(() => {});
  }
}

async function ownershipTrouble(folder: string): Promise<StateTrouble | null> {
  for (const name of [STORE_FILE, `${STORE_FILE}-wal`, `${STORE_FILE}-shm`]) {
    const path = `${folder}/${name}`;
    const info = await Deno.stat(path).catch(() => null);
    if (info === null || !foreign(info.uid)) continue;
    const owner = info.uid === 0 ? "root" : "another user";
    return {
      why: `${path} belongs to ${owner}`,
      fix: "give it to the user that runs the bridge; a command run with sudo makes such files",
      command: `sudo chown -R "$USER" ${folder}`,
    };
  }
  return null;
}

/** Why the store in `folder` cannot be used. Nothing that it advises loses what is in it. */
export async function stateTrouble(folder: string, error: unknown): Promise<StateTrouble> {
  const why = errorText(error).replace(/^Cannot (use|read|copy) the store: /, "");
  if (/disk is full/i.test(why)) return fullDisk(folder);
  const known = await ownershipTrouble(folder) ?? await writingTrouble(folder) ??
    troubleOf((error as Error).cause ?? error, folder);
  if (known !== null) return known;
  if (/not a database|malformed|corrupt/i.test(why)) {
    return {
      why: `${folder}/${STORE_FILE} is damaged: ${why}`,
      fix:
        `stop the bridge, keep a copy of ${STORE_FILE} and the files beside it, and look at the ` +
        "disk; a backup made with `sms-bridge backup` can take its place",
    };
  }
  return { why, fix: `check that ${folder} is yours and that no other program has it open` };
}

/** What is told where a state directory was named that is not there: most likely a typo. */
export function stateDirAbsent(stateDir: string): Failure {
  return failure(
    "not-found",
    "state-dir-absent",
    `There is no state directory ${stateDir}`,
    "name the one in which the bridge runs; `sms-bridge serve` makes a new one",
  );
}
