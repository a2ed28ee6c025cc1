/**
 * The permissions that the program runs with, compiled or not.
 *
 * @module
 */

/** Flags for `deno run` and `deno compile`. */
export const PERMISSIONS: readonly string[] = [
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-run",
  "--allow-sys=hostname,osRelease,statfs,uid",
];
