/**
 * Files of variables, for systemd and for the Gateway.
 *
 * @module
 */
import type { Loaded } from "../../config/load.ts";
import { expand } from "../../config/sources.ts";
import { resolve } from "../../system/path.ts";
import type { Parsed } from "../command.ts";
import type { Context } from "../terminal/context.ts";

/** Both read `'…'` as it stands; within `"…"` systemd takes a backslash for an escape. */
function quoted(value: string): string {
  return /["\\]/.test(value) && !value.includes("'")
    ? `'${value}'`
    : `"${value.replace(/[\\"]/g, "\\$&")}"`;
}

/** The lines of a file with these variables set; other lines stay as they are. */
export function withVariables(before: string, variables: ReadonlyMap<string, string>): string {
  const kept = before.split("\n").filter((line) =>
    line.trim() !== "" && !variables.has(line.replace(/^\s*export\s+/, "").split("=")[0]!.trim())
  );
  const lines = [...variables].map(([name, value]) => `${name}=${quoted(value)}`);
  return `${[...kept, ...lines].join("\n")}\n`;
}

/** Variables that name places, with the options that do: the service runs in another folder than this shell. */
const PLACES = [
  ["SMS_BRIDGE_CONFIG", "config"],
  ["SMS_BRIDGE_STATE_DIR", "state-dir"],
  ["OPENCLAW_STATE_DIR", ""],
  ["OPENCLAW_CONFIG_PATH", ""],
] as const;

/** Variables that only this shell has, and that the configuration is made of; options as their variables. */
export function shellVariables(
  env: Context["env"],
  parsed: Parsed,
  { values }: Loaded,
  home: string,
): Map<string, string> {
  const names = new Set<string>();
  for (const { value, origin } of values) {
    if (origin.kind === "environment") names.add(origin.variable);
    const ref = value as { source?: unknown; id?: unknown } | null;
    if (typeof ref === "object" && ref?.source === "env") names.add(String(ref.id));
  }
  const found = new Map<string, string>();
  for (const name of names) {
    const value = env(name);
    if (value !== undefined && value.trim() !== "" && !/[\r\n\0]/.test(value)) {
      found.set(name, value);
    }
  }
  for (const [name, option] of PLACES) {
    const path = parsed.text(option) ?? env(name)?.trim();
    if (path) found.set(name, resolve(expand(path, home)));
  }
  return found;
}
