// Types of the parts of @std/cli 1.0.32 (parse-args) that this project uses.
// deno-lint-ignore-file no-explicit-any
export interface ParseOptions {
  "--"?: boolean;
  alias?: Record<string, string | readonly string[]>;
  boolean?: boolean | readonly string[];
  default?: Record<string, unknown>;
  stopEarly?: boolean;
  string?: readonly string[];
  collect?: readonly string[];
  negatable?: readonly string[];
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}
export function parseArgs(args: readonly string[], options?: ParseOptions): Record<string, any> & { _: (string | number)[] };
