/**
 * A line that is typed while the terminal neither shows nor edits it.
 *
 * @module
 */

/** What is left of a line that was typed without the terminal's help; null when Ctrl-C or Ctrl-D ended it. */
export function typedSecret(keys: string): string | null {
  let line = "";
  // What arrow keys and the like send is no part of a secret.
  // deno-lint-ignore no-control-regex
  for (const key of keys.replace(/\x1b(\[[0-9;]*.|O?.)?/g, "")) {
    if (key === "\x03" || (key === "\x04" && line === "")) return null;
    if (key === "\x7f" || key === "\b") line = [...line].slice(0, -1).join("");
    else if (key === "\x15") line = "";
    else if (key >= " ") line += key;
  }
  return line;
}
