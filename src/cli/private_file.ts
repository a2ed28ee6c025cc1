/**
 * Files that only their owner may read, written whole or not at all.
 *
 * @module
 */
import { type Failure, failure } from "../system/failure.ts";

/** The failure of writing to a path that is taken. */
function taken(path: string): Failure {
  return failure(
    "conflict",
    "file-exists",
    `Cannot write ${path} as it exists already`,
    "name another file, or remove it first",
  );
}

/** The failure where another command writes the file, or one was killed over it. */
function underWay(path: string, part: string): Failure {
  return failure(
    "conflict",
    "file-exists",
    `Cannot write ${path} as ${part} is there, of a command that runs or was broken off`,
    `if none runs: rm -f ${part} ${part}-wal ${part}-shm`,
  );
}

/** The failure of a path that nothing can be written to; other errors as they are. */
function unwritable(path: string, error: unknown): unknown {
  const absent = error instanceof Deno.errors.NotFound ||
    error instanceof Deno.errors.NotADirectory;
  if (!absent && !(error instanceof Deno.errors.PermissionDenied)) return error;
  const why = absent ? "its folder does not exist" : "you may not write there";
  return failure("failed", "file-unwritable", `Cannot write ${path} as ${why}`, "name another");
}

const isTaken = (path: string) => Deno.lstat(path).then(() => true, () => false);

/** Gives a file its name. A link, unlike a rename, does not replace what somebody else has put there meanwhile. */
async function nameFile(part: string, path: string): Promise<void> {
  try {
    await Deno.link(part, path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || await isTaken(path)) throw taken(path);
    // FAT and some network disks have no links.
    await Deno.rename(part, path);
  }
}

/**
 * Lets `write` fill a new file beside `path` (mode 0600), and gives it its name once it is on disk. An
 * existing file is never replaced.
 *
 * @throws {Failure} When the path is taken or cannot be written.
 */
export async function writePrivate(
  path: string,
  write: (path: string) => Promise<void> | void,
): Promise<void> {
  const part = `${path}.part`;
  if (await isTaken(path)) throw taken(path);
  try {
    (await Deno.open(part, { write: true, createNew: true, mode: 0o600 })).close();
  } catch (error) {
    throw error instanceof Deno.errors.AlreadyExists
      ? underWay(path, part)
      : unwritable(path, error);
  }
  try {
    await write(part);
    using file = await Deno.open(part, { write: true });
    await file.syncData();
    await nameFile(part, path);
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    // A store has two more beside it.
    for (const end of ["", "-wal", "-shm"]) await Deno.remove(`${part}${end}`).catch(() => {});
  }
}
