/**
 * Which programs may be asked for a secret: those that nobody else can change or put another in place of.
 *
 * @module
 */
import { dirname, isAbsolute, isBelow } from "../../system/path.ts";

/** A program by its real path, or why it is not run. */
export type Trusted =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problem: string; readonly fix: string };

const no = (problem: string, fix: string): Trusted => ({ ok: false, problem, fix });
/** In such a folder only a file's owner may rename or delete it. */
const STICKY = 0o1000;

function isForeign({ uid }: Deno.FileInfo): boolean {
  const own = Deno.uid();
  return own !== null && uid !== null && uid !== own && uid !== 0;
}

function isOpen({ mode }: Deno.FileInfo, sticky: boolean): boolean {
  return mode !== null && (mode & 0o022) !== 0 && !(sticky && (mode & STICKY) !== 0);
}

/** What speaks against the folders above a program, from its own up to below the root. */
async function folderDoubt(program: string): Promise<Trusted | null> {
  const own = dirname(program);
  // The root itself is the system's, and out of reach of the compiled program's permissions, as /etc is.
  for (let folder = own; folder !== dirname(folder); folder = dirname(folder)) {
    const info = await Deno.stat(folder).catch((error) => {
      if (error instanceof Deno.errors.NotCapable && folder === "/etc") return null;
      throw error;
    });
    if (info === null) continue;
    if (isOpen(info, folder !== own)) {
      return no(`runs ${program}, and others may write to ${folder}`, `chmod go-w ${folder}`);
    }
    if (isForeign(info)) {
      return no(`runs ${program}, and ${folder} belongs to somebody else`, "move the program");
    }
  }
  return null;
}

async function isBelowFolder(path: string, folder: unknown): Promise<boolean> {
  if (typeof folder !== "string" || !isAbsolute(folder)) return false;
  const real = await Deno.realPath(folder).catch(() => null);
  return real !== null && isBelow(path, real);
}

async function isBelowOne(path: string, folders: readonly unknown[]): Promise<boolean> {
  for (const folder of folders) if (await isBelowFolder(path, folder)) return true;
  return false;
}

/**
 * Looks at a program where it really is: `..` and linked folders are followed first.
 *
 * @param trustedDirs The folders it must lie below; it may lie anywhere when there are none given.
 */
export async function trustProgram(command: string, trustedDirs: unknown): Promise<Trusted> {
  if (!isAbsolute(command)) return no("uses a program without an absolute path", "realpath it");
  let info: Deno.FileInfo;
  let path: string;
  try {
    info = await Deno.lstat(command);
    path = await Deno.realPath(command);
  } catch {
    return no(`runs ${command}, which is not there`, "install it, or name where it is");
  }
  if (!info.isFile) return no(`runs ${command}, which is a link or no file`, `realpath ${command}`);
  if (isOpen(info, false)) {
    return no(`runs ${command}, which others may change`, `chmod go-w ${command}`);
  }
  if (isForeign(info)) {
    return no(`runs ${command}, which belongs to somebody else`, "own it, or let root own it");
  }
  // Anything but a list of folders trusts none.
  const folders = Array.isArray(trustedDirs) ? trustedDirs : [];
  if (trustedDirs !== undefined && !await isBelowOne(path, folders)) {
    return no(`runs ${path}, which is in none of trustedDirs`, "add its folder");
  }
  return await folderDoubt(path) ?? { ok: true, path };
}
