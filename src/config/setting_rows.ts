/**
 * Every setting, one row each: validation, defaults, `config show`, the schema, the example and the
 * reference are made of this table.
 *
 * @module
 */
import { LOG_LEVELS } from "../system/log.ts";
import { ACCOUNT_ROWS } from "./account_rows.ts";
import type { Kind } from "./kinds.ts";
import { integer, row, type SettingRow } from "./setting_row.ts";

/** Settings of `gateway.*`. */
export const GATEWAY_ROWS: readonly SettingRow[] = [
  {
    key: "url",
    kind: { type: "url", schemes: ["wss:", "ws:"], plain: "loopback" },
    fallback: "ws://127.0.0.1:18789",
    example: "ws://127.0.0.1:18789",
    meaning: "the Gateway's WebSocket; from gateway.port of openclaw.json when that is there",
    variables: ["SMS_BRIDGE_GATEWAY_URL"],
  },
  {
    key: "auth.token",
    kind: { type: "secret" },
    example: "$OPENCLAW_GATEWAY_TOKEN",
    meaning: "the Gateway's token: text, `$NAME` or SecretRef",
    variables: ["SMS_BRIDGE_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_TOKEN"],
  },
];

function variableOf(key: string): string {
  const words = key.split(".").at(-1)!.replace(/[A-Z]/g, (letter) => `_${letter}`);
  return `SMS_BRIDGE_${words.toUpperCase()}`;
}

function own(
  key: string,
  kind: Kind,
  fallback: unknown,
  example: unknown,
  meaning: string,
): SettingRow {
  const variables = key === "ownerAllowFrom" ? ["SMS_BRIDGE_OWNERS"] : [variableOf(key)];
  return row(key, kind, fallback, example, meaning, variables);
}

/** Settings of `bridge.*`, what is the bridge's own. */
export const BRIDGE_ROWS: readonly SettingRow[] = [
  own(
    "listen",
    { type: "address" },
    "127.0.0.1:8787",
    "127.0.0.1:8787",
    "where webhooks are taken",
  ),
  own(
    "adminListen",
    { type: "adminAddress" },
    "127.0.0.1:8788",
    "/run/sms-bridge/admin.sock",
    "where health, metrics and the admin page are: an address, a socket or off; never public",
  ),
  own("stateDir", { type: "folder" }, undefined, "~/.openclaw/sms-bridge", "where the store is"),
  own(
    "twilioApiUrl",
    { type: "url", schemes: ["https:", "http:"], plain: "loopback" },
    undefined,
    "https://api.twilio.com",
    "another address of Twilio's REST API",
  ),
  own(
    "logFormat",
    { type: "choice", choices: ["text", "json"] },
    "text",
    "json",
    "how events are written",
  ),
  own(
    "logLevel",
    { type: "choice", choices: LOG_LEVELS },
    "info",
    "debug",
    "the least event written",
  ),
  own(
    "sessionScope",
    {
      type: "choice",
      choices: [
        "auto",
        "gateway",
        "main",
        "per-peer",
        "per-channel-peer",
        "per-account-channel-peer",
      ],
    },
    "auto",
    "gateway",
    "which session of the Gateway a sender talks in; auto gives everyone but owners their own",
  ),
  own(
    "smartEncoding",
    { type: "choice", choices: ["auto", "always", "off"] },
    "auto",
    "off",
    "whether characters are replaced by cheaper equals",
  ),
  own(
    "partMarks",
    { type: "choice", choices: ["auto", "off"] },
    "auto",
    "off",
    "whether the parts of a long reply are numbered",
  ),
  own("maxChunksPerReply", integer(1, 100), 10, 5, "messages of one reply at most"),
  own(
    "ownerAllowFrom",
    { type: "owners" },
    [],
    ["+15551234567"],
    "owners, whose /commands the Gateway runs; besides its commands.ownerAllowFrom",
  ),
  own(
    "waitNoticeAfterMs",
    integer(0, 86_400_000),
    120_000,
    60_000,
    "when a sender is told that the Gateway is away; 0 never",
  ),
  own(
    "messagesPerSecond",
    { type: "number", least: 0.01, most: 1_000 },
    1,
    3,
    "messages a second of one sending number",
  ),
  own(
    "serviceMessagesPerSecond",
    { type: "number", least: 0.01, most: 1_000 },
    10,
    20,
    "messages a second of one Messaging Service",
  ),
  own(
    "burstWindowMs",
    integer(0, 60_000),
    1_500,
    0,
    "texts within this time are one turn; 0 never",
  ),
  own("catchUp", { type: "boolean" }, true, false, "whether texts missed while away are fetched"),
  own("catchUpWindowHours", integer(1, 168), 24, 48, "how far back catch-up looks"),
  own(
    "limits.segmentsPerReplyMax",
    integer(0, 10_000),
    30,
    10,
    "segments of one reply; 0 for no limit",
  ),
  own(
    "limits.segmentsPerSenderHourMax",
    integer(0, 100_000),
    60,
    30,
    "segments to one sender in an hour; 0 for no limit",
  ),
  own(
    "limits.segmentsPerDayMax",
    integer(0, 1_000_000),
    500,
    200,
    "segments of an account in 24 hours; 0 for no limit",
  ),
  own(
    "limits.repliesPerSenderMinuteMax",
    integer(0, 1_000),
    10,
    5,
    "replies to one sender in a minute; 0 for no limit",
  ),
  own(
    "maxPriceUsd",
    { type: "number", least: 0.0001, most: 100 },
    undefined,
    0.05,
    "what one message may cost at most, in US dollars (Twilio's MaxPrice)",
  ),
  own(
    "validityPeriodSec",
    integer(1, 36_000),
    undefined,
    14_400,
    "how long Twilio tries to hand a message on (ValidityPeriod)",
  ),
  own(
    "storeBodies",
    { type: "boolean" },
    false,
    true,
    "whether the history keeps what was written",
  ),
  own(
    "agentTool",
    { type: "boolean" },
    true,
    false,
    "whether the agent is offered the tool sms_send",
  ),
  own(
    "mediaRoots",
    { type: "folders" },
    undefined,
    ["~/.openclaw/workspace"],
    "folders that files of replies may come from; the workspaces of openclaw.json when unset",
  ),
  own(
    "proactive",
    { type: "boolean" },
    true,
    false,
    "whether what the agent says unasked in a texter's session is texted, to numbers that are known",
  ),
  own(
    "cronDelivery",
    { type: "boolean" },
    true,
    false,
    "whether scheduled jobs that announce to sms are texted, to numbers that are known",
  ),
  own(
    "toolTargets",
    { type: "targets" },
    "known",
    ["+15551234567"],
    "whom the tool may text: known (let in, owners, defaultTo), any, or a list of numbers",
  ),
];

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
