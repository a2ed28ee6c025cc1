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
  try {
    if (await Deno.lstat(path).then(() => true, () => false)) throw taken(path);
    const opened = await Deno.open(part, { write: true, createNew: true, mode: 0o600 });
    opened.close();
    await write(part);
    using file = await Deno.open(part, { write: true });
    await file.syncData();
    // A link, unlike a rename, does not replace what somebody else has put there meanwhile.
    await Deno.link(part, path);
    await Deno.remove(part);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw taken(path);
    await Deno.remove(part).catch(() => {});
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
    const why = error instanceof Deno.errors.NotFound
      ? "its folder does not exist"
      : "you may not write there";
    throw failure("failed", "file-unwritable", `Cannot write ${path} as ${why}`, "name another");
  }
}
