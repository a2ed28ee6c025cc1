/**
 * Reading a file that the agent named: from its workspace alone, whatever the name says.
 *
 * @module
 */
import { nodePart } from "../system/node_part.ts";
import { dirname, isAbsolute, isBelow, join } from "../system/path.ts";

/** Why a file is not read. */
export type FileFault = "outside" | "not-found" | "not-a-file" | "too-large";

/** A file, or why there is none. */
export type WorkspaceFile =
  | { readonly kind: "file"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** `size`: of a file that is too large, where that is known. */
  | { readonly kind: "unavailable"; readonly fault: FileFault; readonly size?: number };

/** Longer than any path a system takes. */
const PATH_CHARS_MAX = 4_096;

function unavailable(fault: FileFault): WorkspaceFile {
  return { kind: "unavailable", fault };
}

async function realPath(path: string): Promise<string | null> {
  try {
    return await Deno.realPath(path);
  } catch {
    return null;
  }
}

/** A path of this machine, from a path or a `file:` URL; null when it is something else. */
function localPath(name: string): string | null {
  // deno-lint-ignore no-control-regex -- a system's paths end at a NUL
  if (name === "" || name.length > PATH_CHARS_MAX || /[\0-\x1f]/.test(name)) return null;
  if (!/^[a-z][a-z0-9+.-]+:/i.test(name)) return name;
  try {
    const url = new URL(name);
    return url.protocol === "file:" && url.host === "" && !/%2f|%00/i.test(url.pathname)
      ? decodeURIComponent(url.pathname)
      : null;
  } catch {
    return null;
  }
}

/**
 * Reads what is at a path whose links have been followed. The file that is open must be the one that was
 * looked at, and must have no second name: one outside the workspace could be linked into it.
 */
async function readPlain(path: string, bytesMax: number): Promise<WorkspaceFile> {
  const seen = await Deno.lstat(path);
  if (!seen.isFile) return unavailable("not-a-file");
  if ((seen.nlink ?? 1) > 1) return unavailable("outside");
  if (seen.size > bytesMax) return { kind: "unavailable", fault: "too-large", size: seen.size };
  const { constants, promises } = nodePart("node:fs");
  const file = await promises.open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const opened = await file.stat();
    if (opened.ino !== seen.ino || opened.dev !== seen.dev) return unavailable("outside");
    const bytes = new Uint8Array(seen.size + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length, null);
      length += bytesRead;
      if (bytesRead === 0 || length === bytes.length) break;
    }
    // It grew while it was read: whoever writes it has not finished.
    if (length > seen.size) return unavailable("too-large");
    return { kind: "file", bytes: bytes.slice(0, length) };
  } finally {
    await file.close();
  }
}

/** `~/x` as a path below one of the roots, whose owner's home is one of the folders above it. */
function fromHome(path: string, roots: readonly string[]): string | undefined {
  if (!/^~[\\/]/.test(path)) return undefined;
  for (const root of roots) {
    for (let at = dirname(root), last = root; at !== last; last = at, at = dirname(at)) {
      const wanted = join(at, path.slice(2));
      if (isBelow(wanted, root)) return wanted;
    }
  }
  return undefined;
}

/**
 * Reads a file that the agent named, as a path (a relative one below the first root, or one from the home
 * of the roots' owner) or a `file:` URL. It is read only if it lies, after all links are followed, below one of the roots.
 *
 * @param roots Folders, absolute.
 */
export async function readWorkspaceFile(
  roots: readonly string[],
  name: string,
  bytesMax: number,
): Promise<WorkspaceFile> {
  const named = localPath(name);
  if (named === null) return unavailable("outside");
  const path = fromHome(named, roots) ?? named;
  const folders = (await Promise.all(roots.map(realPath))).filter((root) => root !== null);
  let fault: FileFault = "outside";
  for (const root of folders) {
    const wanted = isAbsolute(path) ? path : join(root, path);
    const found = await realPath(wanted);
    if (found === null) {
      if (isBelow(wanted, root)) fault = "not-found";
      continue;
    }
    if (!isBelow(found, root)) continue;
    try {
      return await readPlain(found, bytesMax);
    } catch {
      return unavailable("not-found");
    }
  }
  return unavailable(fault);
}
