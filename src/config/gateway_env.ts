/**
 * Variables that the Gateway sets itself, and that its file may name: those of the `.env` in its state
 * directory, and `env.vars` of its file (https://docs.openclaw.ai/help/environment). None of them
 * overrides one that is set.
 *
 * @module
 */
import { lookUp, type Origin, type Tree } from "./json5/tree.ts";

/** A variable with where it is written. */
export interface WrittenVariable {
  readonly value: string;
  readonly origin: Origin;
}

const LINE =
  /^\s*(?:export\s+)?([\w.-]+)\s*=\s*(?:'([^']*)'|"((?:\\.|[^"\\])*)"|`([^`]*)`|([^#\r\n]*))\s*(?:#.*)?$/;

/** The variables of a `.env` text; nothing in them is expanded. Other lines are skipped. */
export function* readDotenv(text: string, file: string): Generator<[string, WrittenVariable]> {
  for (const [i, line] of text.split(/\r\n|\n|\r/).entries()) {
    const [, name, single, double, back, plain] = line.match(LINE) ?? [];
    if (name === undefined) continue;
    const value = single ?? double?.replaceAll("\\n", "\n") ?? back ?? plain!.trim();
    yield [name, { value, origin: { kind: "file", file, line: i + 1 } }];
  }
}

/** The variables of `env.vars`. */
export function* configVariables(gateway: Tree | null): Generator<[string, WrittenVariable]> {
  const vars = lookUp(gateway ?? undefined, "env", "vars");
  if (vars?.kind !== "object") return;
  for (const [name, { kind, origin, ...rest }] of vars.entries) {
    const { value } = rest as { value?: unknown };
    if (kind === "value" && typeof value === "string") yield [name, { value, origin }];
  }
}
