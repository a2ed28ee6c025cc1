/**
 * Which commit the program was made from.
 *
 * @module
 */

/** Where `scripts/compile.ts` writes the commit; the file is part of the executable. */
const BAKED = new URL("../../dist/commit", import.meta.url);
const COMMIT = /^[0-9a-f]{40}$/;

function read(url: URL): string | null {
  try {
    return Deno.readTextFileSync(url).trim();
  } catch {
    return null;
  }
}

/** The folder of git's files; in a worktree, `.git` is a file that names it. */
function gitFolder(): URL {
  const root = new URL("../../", import.meta.url);
  const named = read(new URL(".git", root))?.match(/^gitdir: (.+)$/)?.[1];
  if (named === undefined) return new URL(".git/", root);
  return new URL(`${named.replace(/\/?$/, "/")}`, root);
}

function packedCommit(folder: URL, name: string): string | null {
  const line = read(new URL("packed-refs", folder))?.split("\n")
    .find((one) => one.endsWith(` ${name}`));
  return line?.split(" ")[0] ?? null;
}

/** The commit that is checked out. */
function checkedOut(): string | null {
  const folder = gitFolder();
  const head = read(new URL("HEAD", folder));
  const name = head?.match(/^ref: (.+)$/)?.[1];
  if (name === undefined) return head;
  const common = read(new URL("commondir", folder));
  const shared = common === null ? folder : new URL(`${common.replace(/\/?$/, "/")}`, folder);
  return read(new URL(name, shared)) ?? packedCommit(shared, name);
}

/** The commit as 40 hexadecimal digits; null when it is not known, as in an unpacked archive. */
export function readCommit(): string | null {
  const commit = Deno.build.standalone ? read(BAKED) : checkedOut();
  return commit !== null && COMMIT.test(commit) ? commit : null;
}
