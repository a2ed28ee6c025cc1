/**
 * Every setting of an account, one row each: the table gives the type.
 *
 * @module
 */
import { DM_POLICIES } from "../../policy/access.ts";
import { TEXT_CHUNK_LIMIT_MAX, TEXT_CHUNK_LIMIT_MIN } from "../../text/sms/chunk_limit.ts";
import { isComplete, type SettingRow, type ValuesOf } from "./setting_row.ts";

/** https://www.twilio.com/docs/global-infrastructure/understanding-twilio-regions */
const TWILIO_REGIONS = ["us1", "ie1", "au1"] as const;
const SID = "0123456789abcdef0123456789abcdef";

const ROWS = [
  {
    key: "enabled",
    kind: { type: "boolean" },
    fallback: true,
    example: false,
    meaning: "whether the account is served",
    variables: [],
    openclaw: true,
  },
  {
    key: "name",
    kind: { type: "text" },
    example: "Home",
    meaning: "a name to show",
    variables: [],
    openclaw: true,
  },
  {
    key: "accountSid",
    kind: { type: "sid", prefix: "AC" },
    required: true,
    example: `AC${SID}`,
    meaning: "Twilio Account SID",
    variables: ["TWILIO_ACCOUNT_SID"],
    openclaw: true,
  },
  {
    key: "authToken",
    kind: { type: "secret" },
    required: true,
    example: { source: "env", provider: "default", id: "TWILIO_AUTH_TOKEN" },
    meaning: "Twilio Auth Token: text, `$NAME` or SecretRef",
    variables: ["TWILIO_AUTH_TOKEN"],
    openclaw: true,
  },
  {
    key: "fromNumber",
    kind: { type: "phone" },
    example: "+15551234567",
    meaning: "the number that people text",
    variables: ["TWILIO_PHONE_NUMBER", "TWILIO_SMS_FROM"],
    openclaw: true,
  },
  {
    key: "messagingServiceSid",
    kind: { type: "sid", prefix: "MG" },
    example: `MG${SID}`,
    meaning:
      "Messaging Service: sends when there is no fromNumber; who texts one of its numbers is answered from that",
    variables: ["TWILIO_MESSAGING_SERVICE_SID"],
    openclaw: true,
  },
  {
    key: "defaultTo",
    kind: { type: "phone" },
    example: "+15557654321",
    meaning: "where messages without a target go",
    variables: [],
    openclaw: true,
  },
  {
    key: "webhookPath",
    kind: { type: "urlPath" },
    fallback: "/webhooks/sms",
    example: "/webhooks/sms",
    meaning: "the path that Twilio's requests come to; each account needs its own",
    variables: ["SMS_WEBHOOK_PATH"],
    openclaw: true,
  },
  {
    key: "publicWebhookUrl",
    kind: { type: "url", schemes: ["https:", "http:"], plain: "anywhere" },
    example: "https://gateway.example.ts.net/webhooks/sms",
    meaning: "the URL as Twilio calls it: signatures are made over it",
    variables: ["SMS_PUBLIC_WEBHOOK_URL"],
    openclaw: true,
  },
  {
    key: "dangerouslyDisableSignatureValidation",
    kind: { type: "boolean" },
    fallback: false,
    example: true,
    meaning: "accepts unsigned requests; for tests on this machine only",
    variables: ["SMS_DANGEROUSLY_DISABLE_SIGNATURE_VALIDATION"],
    openclaw: true,
  },
  {
    key: "dmPolicy",
    kind: { type: "choice", choices: DM_POLICIES },
    fallback: "pairing",
    example: "disabled",
    meaning: "who may text the agent",
    variables: ["SMS_BRIDGE_DM_POLICY"],
    openclaw: true,
  },
  {
    key: "allowFrom",
    kind: { type: "texts" },
    fallback: [],
    example: ["+15557654321"],
    meaning: 'numbers let in; `"*"` with dmPolicy open; `accessGroup:<name>`',
    variables: ["SMS_ALLOWED_USERS"],
    openclaw: true,
  },
  {
    key: "textChunkLimit",
    kind: { type: "integer", least: TEXT_CHUNK_LIMIT_MIN, most: TEXT_CHUNK_LIMIT_MAX },
    fallback: 1_500,
    example: 320,
    meaning: "characters of one message at most",
    variables: ["SMS_TEXT_CHUNK_LIMIT"],
    openclaw: true,
  },
  {
    key: "mediaMaxMb",
    kind: { type: "number", least: 0.1, most: 100 },
    fallback: 5,
    example: 5,
    meaning: "megabytes of one file at most, coming or going",
    variables: [],
    openclaw: true,
  },
  {
    key: "apiKeySid",
    kind: { type: "sid", prefix: "SK" },
    example: `SK${SID}`,
    meaning: "API key for Twilio's REST API, instead of the Auth Token",
    variables: ["TWILIO_API_KEY"],
  },
  {
    key: "apiKeySecret",
    kind: { type: "secret" },
    example: "$TWILIO_API_SECRET",
    meaning: "secret of the API key",
    variables: ["TWILIO_API_SECRET"],
  },
  {
    key: "authTokenNext",
    kind: { type: "secret" },
    example: "$TWILIO_AUTH_TOKEN_NEXT",
    meaning: "a second Auth Token whose signatures are taken, while tokens are rotated",
    variables: ["TWILIO_AUTH_TOKEN_NEXT"],
  },
  {
    key: "region",
    kind: { type: "choice", choices: TWILIO_REGIONS, anyCase: true },
    example: "ie1",
    meaning: "Twilio region: us1, ie1 or au1",
    variables: ["TWILIO_REGION"],
  },
  {
    key: "edge",
    kind: { type: "text" },
    example: "dublin",
    meaning: "Twilio edge",
    variables: ["TWILIO_EDGE"],
  },
  {
    key: "agent",
    kind: { type: "text" },
    example: "main",
    meaning:
      "the Gateway's agent that answers, unless a binding of the Gateway names one for the number",
    variables: ["SMS_BRIDGE_AGENT"],
  },
] as const satisfies readonly SettingRow[];

/** Settings of an account: `channels.sms.*`, and `channels.sms.accounts.<id>.*`. */
export const ACCOUNT_ROWS: readonly SettingRow[] = ROWS;

/** What the settings of an account hold. */
export type AccountValues = ValuesOf<typeof ROWS>;

/** Whether values that were read make an account: nothing is missing. */
export function isAccount<T extends object>(values: T): values is T & AccountValues {
  return isComplete(values, ROWS);
}

/**
 * Those of an account that OpenClaw does not have. They may also stand in `bridge` and in
 * `bridge.accounts.<id>`, since in the Gateway's own `channels.sms` its schema refuses them.
 */
export const OWN_ACCOUNT_ROWS: readonly SettingRow[] = ACCOUNT_ROWS.filter(({ openclaw }) =>
  !openclaw
);
