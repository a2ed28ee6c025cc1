/**
 * Parts of Node that load when they are first needed: that takes longer than all else that a short command
 * does.
 *
 * @module
 */

/** Gives a part of Node. */
export function nodePart<
  Name extends "node:crypto" | "node:fs" | "node:querystring" | "node:sqlite" | "node:v8",
>(name: Name) {
  // deno-lint-ignore no-process-global -- importing it loads it at once
  return process.getBuiltinModule(name);
}
