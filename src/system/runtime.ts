/**
 * Which Deno the program runs on, and whether that one is safe to be reached by strangers.
 *
 * @module
 */

/** The lowest version on which a client that breaks off leaves no open connection behind. */
export const RUNTIME_MIN = "2.9.0";

/** What speaks against running a service on a version of Deno; null when nothing does. */
export function runtimeDoubt(version: string = Deno.version.deno): string | null {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [majorMin = 0, minorMin = 0] = RUNTIME_MIN.split(".").map(Number);
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return null;
  return `Deno ${version} keeps a descriptor open for each client that breaks off, until there are none ` +
    `left: run the bridge on Deno ${RUNTIME_MIN} or later`;
}
