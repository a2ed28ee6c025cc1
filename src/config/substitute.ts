/**
 * Variables in configuration files, as OpenClaw has them: `${NAME}` is the variable's value, `$${NAME}`
 * is the text `${NAME}`.
 *
 * @module
 */
import { CONFIG_BYTES_MAX, PROBLEMS_TOLD_MAX } from "../system/limits.ts";
import type { Problem } from "./problem.ts";
import { allRows } from "./rows/setting_rows.ts";
import { describeOrigin, mapTexts, type Origin, type Tree } from "./json5/tree.ts";

/** Keys of secrets, under which a text that is one reference is a SecretRef in short. */
const SECRET_KEYS: ReadonlySet<string> = new Set(
  allRows().filter(({ row }) => row.kind.type === "secret")
    .map(({ row }) => row.key.split(".").at(-1)!),
);
const place = (origin: Origin) => ({ where: describeOrigin(origin) });
const REFERENCE = /(\$?)\$\{([A-Z_][A-Z0-9_]*)\}/g;

/**
 * Puts variables into the texts of a tree. What names an unset or empty variable stays as it was
 * written, and is a problem, unless the whole text is a SecretRef in short, or it stands in `secrets`:
 * those are told when they are resolved.
 */
export function substituteVariables(
  tree: Tree,
  env: (name: string) => string | undefined,
): { readonly tree: Tree; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  let put = 0;
  const replace = (text: string, origin: Origin, key: string) =>
    text.replace(REFERENCE, (whole, escape: string, name: string) => {
      if (escape !== "") return whole.slice(1);
      const value = env(name);
      if (value !== undefined && value !== "") {
        put += value.length;
        if (put <= CONFIG_BYTES_MAX) return value;
        if (put - value.length <= CONFIG_BYTES_MAX) {
          const problem = `makes what variables put in longer than ${CONFIG_BYTES_MAX} characters`;
          problems.push({ name: whole, problem, fix: "use it less often", ...place(origin) });
        }
        return whole;
      }
      if (SECRET_KEYS.has(key) && text.trim() === whole) return whole;
      if (problems.length < PROBLEMS_TOLD_MAX) {
        problems.push({
          name: whole,
          problem: "names a variable that is not set",
          fix: `export ${name}=…, or write $${whole} for the text itself`,
          ...place(origin),
        });
      }
      return whole;
    });
  if (tree.kind !== "object") return { tree: mapTexts(tree, replace), problems };
  const { secrets, ...rest } = Object.fromEntries(tree.entries);
  const entries = Object.entries(rest).map(([key, value]) =>
    [key, mapTexts(value, replace, key)] as const
  );
  const told = [...problems];
  if (secrets !== undefined) entries.push(["secrets", mapTexts(secrets, replace)]);
  return { tree: { ...tree, entries: new Map(entries) }, problems: told };
}
