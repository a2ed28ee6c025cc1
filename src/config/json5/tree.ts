/**
 * Configuration as a tree of values of which each knows where it came from.
 *
 * @module
 */
import type { Json5Node, TextPlace } from "./json5.ts";

/** Where a value came from. */
export type Origin =
  | { readonly kind: "file"; readonly file: string; readonly line: number }
  | { readonly kind: "environment"; readonly variable: string }
  | { readonly kind: "flag"; readonly flag: string }
  | { readonly kind: "default" };

/** A value without parts. */
export type ScalarValue = string | number | boolean | null;

/** A value with its origin. */
export type Tree =
  | {
    readonly kind: "object";
    readonly origin: Origin;
    readonly entries: ReadonlyMap<string, Tree>;
  }
  | { readonly kind: "list"; readonly origin: Origin; readonly items: readonly Tree[] }
  | { readonly kind: "value"; readonly origin: Origin; readonly value: ScalarValue };

/** The origin in words: `config.json5:12`, a variable, a flag, or `default`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case "file":
      return `${origin.file}:${origin.line}`;
    case "environment":
      return origin.variable;
    case "flag":
      return origin.flag;
    case "default":
      return "default";
  }
}

/** The tree of a text that was read. Of repeated keys the last counts. */
export function treeOf(
  node: Json5Node,
  file: string,
  placeOf: (offset: number) => TextPlace,
): Tree {
  const origin: Origin = { kind: "file", file, line: placeOf(node.start).line };
  switch (node.kind) {
    case "scalar":
      return { kind: "value", origin, value: node.value };
    case "array":
      return {
        kind: "list",
        origin,
        items: node.items.map((item) => treeOf(item, file, placeOf)),
      };
    case "object": {
      const entries = node.members.map(({ key, value }) =>
        [key, treeOf(value, file, placeOf)] as const
      );
      return { kind: "object", origin, entries: new Map(entries) };
    }
  }
}

/** A tree without parts, for a place where nothing was written. */
export function emptyTree(origin: Origin = { kind: "default" }): Tree & { kind: "object" } {
  return { kind: "object", origin, entries: new Map() };
}

/** Puts `over` on `base`: objects merge, lists as `lists` says, everything else is replaced. */
export function mergeTrees(base: Tree, over: Tree, lists: "replace" | "append"): Tree {
  if (base.kind === "list" && over.kind === "list" && lists === "append") {
    return { ...over, items: [...base.items, ...over.items] };
  }
  if (base.kind !== "object" || over.kind !== "object") return over;
  const entries = new Map(base.entries);
  for (const [key, value] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below === undefined ? value : mergeTrees(below, value, lists));
  }
  return { ...over, entries };
}

/** What stands at a path; undefined when nothing does. */
export function lookUp(tree: Tree | undefined, ...path: readonly string[]): Tree | undefined {
  return path.reduce<Tree | undefined>(
    (at, key) => at?.kind === "object" ? at.entries.get(key) : undefined,
    tree,
  );
}

/** The same tree with every text replaced; `key` is the nearest one that it stands under. */
export function mapTexts(
  tree: Tree,
  change: (text: string, origin: Origin, key: string) => string,
  key = "",
): Tree {
  switch (tree.kind) {
    case "value":
      return typeof tree.value === "string"
        ? { ...tree, value: change(tree.value, tree.origin, key) }
        : tree;
    case "list":
      return { ...tree, items: tree.items.map((item) => mapTexts(item, change, key)) };
    case "object": {
      const entries = [...tree.entries].map(([name, value]) =>
        [name, mapTexts(value, change, name)] as const
      );
      return { ...tree, entries: new Map(entries) };
    }
  }
}

/** The plain value. */
export function plainOf(tree: Tree): unknown {
  switch (tree.kind) {
    case "value":
      return tree.value;
    case "list":
      return tree.items.map(plainOf);
    case "object":
      return Object.fromEntries([...tree.entries].map(([key, value]) => [key, plainOf(value)]));
  }
}
