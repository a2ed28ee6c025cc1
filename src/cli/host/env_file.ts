/**
 * Files of variables, for systemd and for the Gateway.
 *
 * @module
 */

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
