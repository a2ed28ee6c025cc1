/**
 * Variables in configuration files, as OpenClaw has them: `${NAME}` is the variable's value, `$${NAME}`
 * is the text `${NAME}`.
 *
 * @module
 */
import { describeOrigin, mapTexts, type Tree } from "./tree.ts";
import type { Problem } from "./problem.ts";

const REFERENCE = /(\$?)\$\{([A-Z_][A-Z0-9_]*)\}/g;

/**
 * Puts variables into the texts of a tree. What names an unset or empty variable stays as it was
 * written, and is a problem.
 */
export function substituteVariables(
  tree: Tree,
  env: (name: string) => string | undefined,
): { readonly tree: Tree; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const replaced = mapTexts(
    tree,
    (text, origin) =>
      text.replace(REFERENCE, (whole, escape: string, name: string) => {
        if (escape !== "") return whole.slice(1);
        const value = env(name);
        if (value !== undefined && value !== "") return value;
        problems.push({
          name: "$" + `{${name}}`,
          problem: "names a variable that is not set",
          fix: `export ${name}=…, or write $$` + `{${name}} for the text itself`,
          where: describeOrigin(origin),
        });
        return whole;
      }),
  );
  return { tree: replaced, problems };
}
