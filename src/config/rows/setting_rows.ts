/**
 * Every setting, one row each: validation, defaults, the types, `config show`, the schema, the example
 * and the reference are made of these tables.
 *
 * @module
 */
import { ACCOUNT_ROWS } from "./account_rows.ts";
import { BRIDGE_ROWS } from "./bridge_rows.ts";
import { isComplete, type SettingRow, type ValuesOf } from "./setting_row.ts";

const ROWS = [
  {
    key: "url",
    kind: { type: "url", schemes: ["wss:", "ws:"], plain: "loopback" },
    fallback: "ws://127.0.0.1:18789",
    example: "ws://127.0.0.1:18789",
    meaning: "the Gateway's WebSocket; from gateway.port of openclaw.json when that is there",
    variables: ["SMS_BRIDGE_GATEWAY_URL"],
  },
  {
    key: "tls.caPath",
    kind: { type: "folder" },
    example: "/etc/openclaw/tls/ca.crt",
    meaning:
      "a file with the certificate of a private CA that vouches for a wss:// Gateway, or the Gateway's own",
    variables: ["SMS_BRIDGE_GATEWAY_CA"],
  },
  {
    key: "auth.token",
    kind: { type: "secret" },
    required: true,
    example: "$OPENCLAW_GATEWAY_TOKEN",
    meaning: "the Gateway's token, or its password: text, `$NAME` or SecretRef",
    variables: ["SMS_BRIDGE_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_PASSWORD"],
  },
] as const satisfies readonly SettingRow[];

/** Settings of `gateway.*`. */
export const GATEWAY_ROWS: readonly SettingRow[] = ROWS;

/** Whether values that were read say where the Gateway is and how to get in. */
export function isGateway<T extends object>(values: T): values is T & ValuesOf<typeof ROWS> {
  return isComplete(values, ROWS);
}

/** All rows with their sections, as `channels.sms.accountSid`. */
export function allRows(): readonly { readonly path: string; readonly row: SettingRow }[] {
  const under = (section: string, rows: readonly SettingRow[]) =>
    rows.map((row) => ({ path: `${section}.${row.key}`, row }));
  return [
    ...under("channels.sms", ACCOUNT_ROWS),
    ...under("gateway", GATEWAY_ROWS),
    ...under("bridge", BRIDGE_ROWS),
  ];
}
