/**
 * The table of settings in other forms: JSON Schema, a commented example, rows of a reference.
 *
 * @module
 */
import { ACCOUNT_ROWS, OWN_ACCOUNT_ROWS } from "./rows/account_rows.ts";
import { BRIDGE_ROWS } from "./rows/bridge_rows.ts";
import { type Kind, readKind, schemaOf } from "./rows/kinds.ts";
import type { SettingRow } from "./rows/setting_row.ts";
import { allRows, GATEWAY_ROWS } from "./rows/setting_rows.ts";

type Schema = Record<string, unknown>;

function objectSchema(rows: readonly SettingRow[], more: Schema = {}): Schema {
  const properties: Record<string, Schema> = {};
  for (const { key, kind, fallback, meaning } of rows) {
    const leaf = {
      ...schemaOf(kind),
      description: meaning,
      ...(fallback === undefined ? {} : { default: fallback }),
    };
    const [first = key, second] = key.split(".");
    if (second === undefined) properties[first] = leaf;
    else {
      const group = properties[first] ?? { type: "object", additionalProperties: false };
      properties[first] = {
        ...group,
        properties: { ...group.properties as Schema, [second]: leaf },
      };
    }
  }
  return {
    type: "object",
    properties: { ...properties, ...more },
    additionalProperties: false,
  };
}

const foreignRow = (key: string, kind: Kind): SettingRow => ({
  key,
  kind,
  example: undefined,
  meaning: "OpenClaw's; means nothing here",
  variables: [],
});
const CONFIG_WRITES = foreignRow("configWrites", { type: "boolean" });
const GATEWAY_KEYS = [
  foreignRow("auth.mode", { type: "text" }),
  foreignRow("auth.password", { type: "secret" }),
];

/** The own file's JSON Schema (draft-07). */
export function settingsSchema(): Schema {
  const account = objectSchema([...ACCOUNT_ROWS, CONFIG_WRITES]);
  const channel = objectSchema([...ACCOUNT_ROWS, CONFIG_WRITES], {
    accounts: { type: "object", additionalProperties: account },
    defaultAccount: { type: "string" },
  });
  const gateway = objectSchema([...GATEWAY_ROWS, ...GATEWAY_KEYS], { port: { type: "integer" } });
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "sms-bridge",
    type: "object",
    properties: {
      $schema: { type: "string" },
      channels: { type: "object", properties: { sms: channel }, additionalProperties: false },
      gateway,
      bridge: objectSchema([...BRIDGE_ROWS, ...OWN_ACCOUNT_ROWS], {
        accounts: { type: "object", additionalProperties: objectSchema(OWN_ACCOUNT_ROWS) },
      }),
      secrets: {
        type: "object",
        properties: { providers: { type: "object" }, defaults: { type: "object" } },
      },
      accessGroups: { type: "object" },
    },
    additionalProperties: false,
  };
}

/** What a setting may be, in words. */
export function describeKind(kind: Kind): string {
  switch (kind.type) {
    case "integer":
    case "number":
      return `${kind.least} to ${kind.most}`;
    case "choice":
      return kind.choices.join(", ");
    case "sid":
      return `${kind.prefix}…`;
    case "boolean":
      return "true, false";
    case "texts":
    case "owners":
      return "a list";
    case "targets":
      return "known, any or a list";
    case "urlPath":
      return "a path";
    case "adminAddress":
      return "an address, a socket, off";
    case "url":
      return "a URL";
    default:
      return {
        text: "text",
        secret: "a secret",
        phone: "E.164",
        folder: "a folder",
        folders: "a list of folders",
        hosts: "a list of names",
        address: "an address",
      }[
        kind.type
      ];
  }
}

function exampleLines(rows: readonly SettingRow[], indent: string): string[] {
  const lines: string[] = [];
  let group: string | undefined;
  const enter = (next: string | undefined) => {
    if (next === group) return;
    if (group !== undefined) lines.push(`${indent}// },`);
    if (next !== undefined) lines.push(`${indent}// ${next}: {`);
    group = next;
  };
  for (const { key, meaning, fallback, example } of rows) {
    const [first = key, second] = key.split(".");
    enter(second === undefined ? undefined : first);
    const inner = `${indent}// ${second === undefined ? "" : "  "}`;
    const note = fallback === undefined ? "" : " (default)";
    lines.push(
      `${inner}${second ?? first}: ${JSON.stringify(fallback ?? example)}, // ${meaning}${note}`,
    );
  }
  enter(undefined);
  return lines;
}

/** A file with every setting in a comment, ready to be uncommented. */
export function exampleConfig(): string {
  return [
    "// sms-bridge: every setting with its default, or an example where there is none.",
    "{",
    "  channels: {",
    "    sms: {",
    ...exampleLines(ACCOUNT_ROWS, "      "),
    "      // Further accounts inherit from here; each needs its own webhookPath.",
    '      // accounts: { work: { fromNumber: "+15551234568", webhookPath: "/webhooks/sms/work" } },',
    '      // defaultAccount: "default",',
    "    },",
    "  },",
    "  gateway: {",
    ...exampleLines(GATEWAY_ROWS, "    "),
    "  },",
    "  bridge: {",
    ...exampleLines(BRIDGE_ROWS, "    "),
    "  },",
    "  // Where SecretRefs lead, as with OpenClaw.",
    '  // secrets: { providers: { files: { source: "file", path: "~/.openclaw/secrets.json" } } },',
    "}",
    "",
  ].join("\n");
}

/** A key of an account that has no row: {@linkcode isOpenPath} lets accounts in, not their misspelt keys. */
const UNKNOWN_ACCOUNT_KEY = /^(channels\.sms|bridge)\.accounts\.[^.]+\./;
const OPEN_PATHS =
  /^(channels\.sms\.(defaultAccount|configWrites|accounts\.[^.]+)|bridge\.accounts\.[^.]+|gateway\.(port|auth\.(mode|password))|secrets|accessGroups|\$schema)(\.|$)/;

/** Whether a path is one that has no row and may be written all the same, such as `secrets.providers`. */
export function isOpenPath(path: string): boolean {
  return rowAt(path) === undefined && !UNKNOWN_ACCOUNT_KEY.test(path) && OPEN_PATHS.test(path);
}

/** The row of a path such as `channels.sms.accounts.work.fromNumber`; undefined when there is none. */
export function rowAt(path: string): SettingRow | undefined {
  const plain = path.replace(/^(channels\.sms|bridge)\.accounts\.[^.]+\./, "$1.");
  const row = allRows().find((one) => one.path === plain)?.row;
  return row ?? OWN_ACCOUNT_ROWS.find(({ key }) => plain === `bridge.${key}`);
}

/** What a setting must be; null where this value is right. */
export function wantedInstead(path: string, value: unknown): string | null {
  const row = rowAt(path);
  const read = row === undefined ? null : readKind(row.kind, value);
  return read?.ok === false ? read.wanted : null;
}
