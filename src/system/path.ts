/**
 * Paths by their text alone: what we need of `node:path`, without the part of Node that it loads, which
 * takes longer than a short command.
 *
 * @module
 */

/** The paths of a kind of system. */
export interface Paths {
  isAbsolute(path: string): boolean;
  /** Joins parts; `.`, `..` and doubled separators are taken out, one at the end stays. */
  join(...parts: readonly string[]): string;
  /** The folder that a path names its last part in. */
  dirname(path: string): string;
  /** Whether a path lies below a folder; both are absolute. */
  isBelow(path: string, folder: string): boolean;
}

/** The rules of Windows, or those of all others. */
export function pathsOf(windows: boolean): Paths {
  const separator = windows ? "\\" : "/";
  const separators = windows ? /[\\/]+/ : /\/+/;
  const absolute = windows ? /^(?:[a-z]:)?[\\/]/i : /^\//;
  const root = windows ? /^(?:[\\/]{2}[^\\/]+[\\/]+[^\\/]+|[a-z]:)?[\\/]*/i : /^\/*/;
  const namesOf = (path: string) => path.split(separators).filter((name) => name !== "");
  function split(path: string) {
    const start = path.match(root)![0];
    return { start, names: namesOf(path.slice(start.length)) };
  }
  function joined(start: string, names: readonly string[]): string {
    const plain = windows ? start.replaceAll("/", "\\").replace(/\\+$/, "\\") : start && "/";
    return plain + names.join(separator) || ".";
  }
  function join(...parts: readonly string[]): string {
    const given = parts.filter((part) => part !== "");
    const [first = "", ...more] = given;
    const { start, names } = split(more.length > 0 ? first + separator : first);
    const kept: string[] = [];
    for (const name of [...names, ...more.flatMap(namesOf)]) {
      if (name === ".") continue;
      if (name !== "..") kept.push(name);
      else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
      else if (!absolute.test(start)) kept.push("..");
    }
    const folder = kept.length > 0 && absolute.test(given.at(-1)!.slice(-1));
    return joined(start, kept) + (folder ? separator : "");
  }
  return {
    isAbsolute: (path) => absolute.test(path),
    join,
    dirname(path) {
      const { start, names } = split(path);
      return joined(start, names.slice(0, -1));
    },
    isBelow(path, folder) {
      const plain = (one: string) => windows ? join(one).toLowerCase() : join(one);
      const start = plain(`${folder}${separator}`);
      return plain(path).startsWith(start) && plain(path) !== start;
    },
  };
}

/** The rules of this system. */
export const { isAbsolute, join, dirname, isBelow } = pathsOf(Deno.build.os === "windows");

/** A path as it is from a folder, ours when none is given. */
export function resolve(path: string, folder: string = Deno.cwd()): string {
  return isAbsolute(path) ? join(path) : join(folder, path);
}
