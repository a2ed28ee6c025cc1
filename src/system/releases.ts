/**
 * Where releases of the program are, and which of two versions is newer.
 *
 * @module
 */

/** Where `scripts/compile.ts` writes the address; the file is part of the executable. */
const BAKED = new URL("../../dist/releases", import.meta.url);

/** The address that the executable was made with; null where none was given, or for a checkout. */
export function readReleasesUrl(): string | null {
  if (!Deno.build.standalone) return null;
  try {
    return Deno.readTextFileSync(BAKED).trim() || null;
  } catch {
    return null;
  }
}

/** Orders versions (https://semver.org): negative when `a` is older. Words after the numbers are compared as text. */
export function compareVersions(a: string, b: string): number {
  const parse = (version: string) => {
    const [numbers = "", ...words] = version.split("-");
    return { numbers: numbers.split(".").map(Number), words: words.join("-") };
  };
  const [left, right] = [parse(a), parse(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (left.numbers[i] ?? 0) - (right.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  if (left.words === right.words) return 0;
  if (left.words === "" || right.words === "") return left.words === "" ? 1 : -1;
  return left.words < right.words ? -1 : 1;
}
