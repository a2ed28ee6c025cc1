/**
 * Every setting of an account, one row each.
 *
 * @module
 */
import { DM_POLICIES } from "../policy/access.ts";
import { TEXT_CHUNK_LIMIT_MAX, TEXT_CHUNK_LIMIT_MIN } from "../text/sms/render.ts";
import { integer, row, type SettingRow } from "./setting_row.ts";

const CHUNK_LIMIT = integer(TEXT_CHUNK_LIMIT_MIN, TEXT_CHUNK_LIMIT_MAX);
const SID = "0123456789abcdef0123456789abcdef";

/** Settings of an account: `channels.sms.*`, and `channels.sms.accounts.<id>.*`. */
export const ACCOUNT_ROWS: readonly SettingRow[] = [
  row("enabled", { type: "boolean" }, true, false, "whether the account is served", [], true),
  row("name", { type: "text" }, undefined, "Home", "a name to show", [], true),
  row("accountSid", { type: "sid", prefix: "AC" }, undefined, `AC${SID}`, "Twilio Account SID", [
    "TWILIO_ACCOUNT_SID",
  ], true),
  row(
    "authToken",
    { type: "secret" },
    undefined,
    { source: "env", provider: "default", id: "TWILIO_AUTH_TOKEN" },
    "Twilio Auth Token: text, `$NAME` or SecretRef",
    ["TWILIO_AUTH_TOKEN"],
    true,
  ),
  row("fromNumber", { type: "phone" }, undefined, "+15551234567", "the number that people text", [
    "TWILIO_PHONE_NUMBER",
    "TWILIO_SMS_FROM",
  ], true),
  row(
    "messagingServiceSid",
    { type: "sid", prefix: "MG" },
    undefined,
    `MG${SID}`,
    "Messaging Service to send with when there is no fromNumber",
    ["TWILIO_MESSAGING_SERVICE_SID"],
    true,
  ),
  row(
    "defaultTo",
    { type: "phone" },
    undefined,
    "+15557654321",
    "where messages without a target go",
    [],
    true,
  ),
  row(
    "webhookPath",
    { type: "urlPath" },
    "/webhooks/sms",
    "/webhooks/sms",
    "the path that Twilio's requests come to; each account needs its own",
    ["SMS_WEBHOOK_PATH"],
    true,
  ),
  row(
    "publicWebhookUrl",
    { type: "url", schemes: ["https:", "http:"], plain: "anywhere" },
    undefined,
    "https://gateway.example.ts.net/webhooks/sms",
    "the URL as Twilio calls it: signatures are made over it",
    ["SMS_PUBLIC_WEBHOOK_URL"],
    true,
  ),
  row(
    "dangerouslyDisableSignatureValidation",
    { type: "boolean" },
    false,
    true,
    "takes requests that nobody signed; for tests on this machine only",
    ["SMS_DANGEROUSLY_DISABLE_SIGNATURE_VALIDATION"],
    true,
  ),
  row(
    "dmPolicy",
    { type: "choice", choices: DM_POLICIES },
    "pairing",
    "allowlist",
    "who may text the agent",
    ["SMS_BRIDGE_DM_POLICY"],
    true,
  ),
  row(
    "allowFrom",
    { type: "texts" },
    [],
    ["+15557654321"],
    'numbers let in; `"*"` with dmPolicy open; `accessGroup:<name>`',
    ["SMS_ALLOWED_USERS"],
    true,
  ),
  row(
    "textChunkLimit",
    CHUNK_LIMIT,
    1_500,
    320,
    "characters of one message at most",
    ["SMS_TEXT_CHUNK_LIMIT"],
    true,
  ),
  row(
    "mediaMaxMb",
    { type: "number", least: 0.1, most: 100 },
    5,
    5,
    "megabytes of one text's files at most",
    [],
    true,
  ),
  row(
    "apiKeySid",
    { type: "sid", prefix: "SK" },
    undefined,
    `SK${SID}`,
    "API key for Twilio's REST API, instead of the Auth Token",
    ["TWILIO_API_KEY"],
  ),
  row(
    "apiKeySecret",
    { type: "secret" },
    undefined,
    "$TWILIO_API_SECRET",
    "secret of the API key",
    ["TWILIO_API_SECRET"],
  ),
  row(
    "authTokenNext",
    { type: "secret" },
    undefined,
    "$TWILIO_AUTH_TOKEN_NEXT",
    "a second Auth Token whose signatures are taken, while tokens are rotated",
    ["TWILIO_AUTH_TOKEN_NEXT"],
  ),
  row("region", { type: "text" }, undefined, "ie1", "Twilio region, together with edge", [
    "TWILIO_REGION",
  ]),
  row("edge", { type: "text" }, undefined, "dublin", "Twilio edge", ["TWILIO_EDGE"]),
];

/**
 * Those of an account that OpenClaw does not have. They may also stand in `bridge` and in
 * `bridge.accounts.<id>`, since in the Gateway's own `channels.sms` its schema refuses them.
 */
export const OWN_ACCOUNT_ROWS: readonly SettingRow[] = ACCOUNT_ROWS.filter(({ openclaw }) =>
  !openclaw
);
