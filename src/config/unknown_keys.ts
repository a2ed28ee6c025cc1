/**
 * Keys that nobody knows: told with the nearest name, since a misspelt setting is one that silently
 * does not hold.
 *
 * @module
 */
import { PROBLEMS_TOLD_MAX } from "../system/limits.ts";
import { nearest } from "../system/suggest.ts";
import { ACCOUNT_ROWS, OWN_ACCOUNT_ROWS } from "./rows/account_rows.ts";
import { BRIDGE_ROWS } from "./rows/bridge_rows.ts";
import type { SettingRow } from "./rows/setting_row.ts";
import { GATEWAY_ROWS } from "./rows/setting_rows.ts";
import type { Problem } from "./problem.ts";
import { describeOrigin, lookUp, type Tree } from "./json5/tree.ts";

/** Keys of OpenClaw's that mean nothing here. */
const IGNORED_ACCOUNT_KEYS = ["configWrites"];

/** The keys that may stand at each place; null where anything may. */
type Shape = { readonly [key: string]: Shape | null };

function shapeOf(rows: readonly SettingRow[]): Shape {
  const shape: Record<string, Shape | null> = {};
  for (const { key } of rows) {
    const [first = key, ...rest] = key.split(".");
    if (rest.length === 0) shape[first] = null;
    else shape[first] = { ...shape[first], [rest.join(".")]: null };
  }
  return shape;
}

const ACCOUNT_SHAPE: Shape = {
  ...shapeOf(ACCOUNT_ROWS),
  ...Object.fromEntries(IGNORED_ACCOUNT_KEYS.map((key) => [key, null])),
};
/** Where accounts stand by their ids, with the keys of each. */
const ACCOUNTS_SHAPES: Readonly<Record<string, Shape>> = {
  "channels.sms.accounts": ACCOUNT_SHAPE,
  "bridge.accounts": shapeOf(OWN_ACCOUNT_ROWS),
};
const ROOT_SHAPE: Shape = {
  channels: { sms: { ...ACCOUNT_SHAPE, accounts: {}, defaultAccount: null } },
  gateway: {
    ...shapeOf(GATEWAY_ROWS),
    port: null,
    auth: { token: null, mode: null, password: null },
  },
  bridge: { ...shapeOf([...BRIDGE_ROWS, ...OWN_ACCOUNT_ROWS]), accounts: {} },
  secrets: { providers: null, defaults: null },
  accessGroups: null,
  $schema: null,
};

function* walk(tree: Tree, shape: Shape, path: string): Generator<Problem> {
  if (tree.kind !== "object") {
    yield {
      name: path,
      problem: "must be an object",
      fix: `${path}: { … }`,
      where: describeOrigin(tree.origin),
    };
    return;
  }
  for (const [key, value] of tree.entries) {
    const name = path === "" ? key : `${path}.${key}`;
    if (Object.hasOwn(ACCOUNTS_SHAPES, name)) {
      yield* walkAccounts(value, ACCOUNTS_SHAPES[name]!, name);
    } else if (!Object.hasOwn(shape, key)) {
      const meant = nearest(key, Object.keys(shape));
      yield {
        name,
        problem: "is not a setting",
        fix: meant === undefined
          ? "see `sms-bridge config example` for those that are"
          : `did you mean ${path === "" ? meant : `${path}.${meant}`}?`,
        where: describeOrigin(value.origin),
      };
    } else if (shape[key] !== null) {
      yield* walk(value, shape[key]!, name);
    }
  }
}

function* walkAccounts(tree: Tree, shape: Shape, path: string): Generator<Problem> {
  if (tree.kind !== "object") return yield* walk(tree, shape, path);
  for (const [id, account] of tree.entries) yield* walk(account, shape, `${path}.${id}`);
}

/** The first unknown keys of the own file, and of `bridge` wherever it stands. */
export function unknownKeys(own: Tree | null, root: Tree): readonly Problem[] {
  const problems: Problem[] = [];
  for (const problem of allUnknown(own, root)) {
    if (problems.length < PROBLEMS_TOLD_MAX) problems.push(problem);
    else {
      const { name, where } = problem;
      const more = "is not a setting either, and there may be more";
      problems.push({ name, problem: more, fix: "mend those first", ...(where && { where }) });
      break;
    }
  }
  return problems;
}

function* allUnknown(own: Tree | null, root: Tree): Generator<Problem> {
  if (own !== null) yield* walk(own, ROOT_SHAPE, "");
  const bridge = own === null || lookUp(own, "bridge") === undefined
    ? lookUp(root, "bridge")
    : undefined;
  if (bridge !== undefined) yield* walk(bridge, ROOT_SHAPE.bridge!, "bridge");
}
