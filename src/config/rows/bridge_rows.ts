/**
 * Every setting of `bridge.*`, one row each: the table gives the type.
 *
 * @module
 */
import { LOG_FORMATS, LOG_LEVELS } from "../../system/log.ts";
import { isComplete, type SettingRow, type ValuesOf } from "./setting_row.ts";

const ROWS = [
  {
    key: "listen",
    kind: { type: "address" },
    fallback: "127.0.0.1:8787",
    example: "127.0.0.1:8787",
    meaning: "where webhooks are taken",
    variables: ["SMS_BRIDGE_LISTEN"],
  },
  {
    key: "adminListen",
    kind: { type: "adminAddress" },
    fallback: "127.0.0.1:8788",
    example: "/run/sms-bridge/admin.sock",
    meaning:
      "where health, metrics and the admin page are: an address, a socket or off; never public",
    variables: ["SMS_BRIDGE_ADMIN_LISTEN"],
  },
  {
    key: "adminHosts",
    kind: { type: "hosts" },
    fallback: [],
    example: ["pi.tail1234.ts.net"],
    meaning:
      "names under which `tailscale serve` may show the admin page, beside this machine's own",
    variables: ["SMS_BRIDGE_ADMIN_HOSTS"],
  },
  {
    key: "adminUsers",
    kind: { type: "texts" },
    fallback: [],
    example: ["ada@example.com"],
    meaning: "Tailscale logins that may open it there; anybody of the tailnet when empty",
    variables: ["SMS_BRIDGE_ADMIN_USERS"],
  },
  {
    key: "stateDir",
    kind: { type: "folder" },
    required: true,
    example: "~/.openclaw/sms-bridge",
    meaning: "where the store is",
    variables: ["SMS_BRIDGE_STATE_DIR"],
  },
  {
    key: "store",
    kind: { type: "url", schemes: ["https:", "http:"], plain: "loopback", base: true },
    example: "https://kv.example.net",
    meaning:
      "a KV Connect engine (denokv) that several bridges share; a file in stateDir when unset",
    variables: ["SMS_BRIDGE_STORE"],
  },
  {
    key: "storeToken",
    kind: { type: "secret" },
    example: "$SMS_BRIDGE_STORE_TOKEN",
    meaning: "access token of bridge.store: text, `$NAME` or SecretRef",
    variables: ["SMS_BRIDGE_STORE_TOKEN", "DENO_KV_ACCESS_TOKEN"],
  },
  {
    key: "twilioApiUrl",
    kind: { type: "url", schemes: ["https:", "http:"], plain: "loopback", base: true },
    example: "https://api.twilio.com",
    meaning: "another address of Twilio's REST API",
    variables: ["SMS_BRIDGE_TWILIO_API_URL"],
  },
  {
    key: "logFormat",
    kind: { type: "choice", choices: LOG_FORMATS },
    fallback: "text",
    example: "json",
    meaning: "how events are written; journal: as json, with the priority for journald before it",
    variables: ["SMS_BRIDGE_LOG_FORMAT"],
  },
  {
    key: "logLevel",
    kind: { type: "choice", choices: LOG_LEVELS },
    fallback: "info",
    example: "debug",
    meaning: "the lowest level of events that are written",
    variables: ["SMS_BRIDGE_LOG_LEVEL"],
  },
  {
    key: "sessionScope",
    kind: {
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
    fallback: "auto",
    example: "gateway",
    meaning:
      "which session of the Gateway a sender talks in; auto gives everyone but owners their own",
    variables: ["SMS_BRIDGE_SESSION_SCOPE"],
  },
  {
    key: "smartEncoding",
    kind: { type: "choice", choices: ["auto", "always", "off"] },
    fallback: "auto",
    example: "off",
    meaning: "whether characters are replaced by cheaper equals",
    variables: ["SMS_BRIDGE_SMART_ENCODING"],
  },
  {
    key: "partMarks",
    kind: { type: "choice", choices: ["auto", "off"] },
    fallback: "auto",
    example: "off",
    meaning: "whether the parts of a long reply are numbered",
    variables: ["SMS_BRIDGE_PART_MARKS"],
  },
  {
    key: "maxChunksPerReply",
    kind: { type: "integer", least: 1, most: 100 },
    fallback: 10,
    example: 5,
    meaning: "messages of one reply at most",
    variables: ["SMS_BRIDGE_MAX_CHUNKS_PER_REPLY"],
  },
  {
    key: "ownerAllowFrom",
    kind: { type: "owners" },
    fallback: [],
    example: ["+15551234567"],
    meaning: "owners, whose /commands the Gateway runs; besides its commands.ownerAllowFrom",
    variables: ["SMS_BRIDGE_OWNERS"],
  },
  {
    key: "ownerNotices",
    kind: { type: "boolean" },
    fallback: true,
    example: false,
    meaning:
      "whether owners are texted, once a day at most, that people wait whom no code was sent",
    variables: ["SMS_BRIDGE_OWNER_NOTICES"],
  },
  {
    key: "budgetNotices",
    kind: { type: "boolean" },
    fallback: false,
    example: true,
    meaning: "whether owners are texted when a budget of the account is spent to 80 %",
    variables: ["SMS_BRIDGE_BUDGET_NOTICES"],
  },
  {
    key: "ownerApprovalsPerDay",
    kind: { type: "integer", least: 0, most: 20 },
    fallback: 0,
    example: 5,
    meaning:
      "pairing requests a day of which owners are texted, with a word that lets the sender in; 0 none",
    variables: ["SMS_BRIDGE_OWNER_APPROVALS_PER_DAY"],
  },
  {
    key: "ownerQuestions",
    kind: { type: "boolean" },
    fallback: false,
    example: true,
    meaning:
      "whether owners are texted what the agent asks in a turn (commands to approve, `ask_user`), with a word to answer it with; whoever reads their texts may answer, too",
    variables: ["SMS_BRIDGE_OWNER_QUESTIONS"],
  },
  {
    key: "ownerTools",
    kind: { type: "boolean" },
    fallback: false,
    example: true,
    meaning:
      "whether owners' texts may use the Gateway's owner tools (automations, nodes, gateway); whoever forges an owner's number may, too",
    variables: ["SMS_BRIDGE_OWNER_TOOLS"],
  },
  {
    key: "waitNoticeAfterMs",
    kind: { type: "integer", least: 0, most: 86_400_000 },
    fallback: 120_000,
    example: 60_000,
    meaning: "when a sender is told, once, that the Gateway is away or still at work; 0 never",
    variables: ["SMS_BRIDGE_WAIT_NOTICE_AFTER_MS"],
  },
  {
    key: "messagesPerSecond",
    kind: { type: "number", least: 0.01, most: 1_000 },
    fallback: 1,
    example: 3,
    meaning: "messages a second of one sending number",
    variables: ["SMS_BRIDGE_MESSAGES_PER_SECOND"],
  },
  {
    key: "serviceMessagesPerSecond",
    kind: { type: "number", least: 0.01, most: 1_000 },
    fallback: 10,
    example: 20,
    meaning: "messages a second of one Messaging Service",
    variables: ["SMS_BRIDGE_SERVICE_MESSAGES_PER_SECOND"],
  },
  {
    key: "burstWindowMs",
    kind: { type: "integer", least: 0, most: 60_000 },
    fallback: 0,
    example: 1_500,
    meaning: "how long a turn waits for more texts of its sender; 0: it begins at once",
    variables: ["SMS_BRIDGE_BURST_WINDOW_MS"],
  },
  {
    key: "catchUp",
    kind: { type: "boolean" },
    fallback: true,
    example: false,
    meaning: "whether texts that came while the bridge was away are fetched",
    variables: ["SMS_BRIDGE_CATCH_UP"],
  },
  {
    key: "catchUpWindowHours",
    kind: { type: "integer", least: 1, most: 168 },
    fallback: 24,
    example: 48,
    meaning: "how far back catch-up looks",
    variables: ["SMS_BRIDGE_CATCH_UP_WINDOW_HOURS"],
  },
  {
    key: "limits.segmentsPerReplyMax",
    kind: { type: "integer", least: 0, most: 10_000 },
    fallback: 30,
    example: 10,
    meaning: "segments of one reply; 0 for no limit",
    variables: ["SMS_BRIDGE_SEGMENTS_PER_REPLY_MAX"],
  },
  {
    key: "limits.segmentsPerSenderHourMax",
    kind: { type: "integer", least: 0, most: 100_000 },
    fallback: 60,
    example: 30,
    meaning: "segments to one sender in an hour; 0 for no limit",
    variables: ["SMS_BRIDGE_SEGMENTS_PER_SENDER_HOUR_MAX"],
  },
  {
    key: "limits.segmentsPerSenderDayMax",
    kind: { type: "integer", least: 0, most: 1_000_000 },
    fallback: 200,
    example: 100,
    meaning: "segments to one sender in 24 hours, owners excepted; 0 for no limit",
    variables: ["SMS_BRIDGE_SEGMENTS_PER_SENDER_DAY_MAX"],
  },
  {
    key: "limits.segmentsPerDayMax",
    kind: { type: "integer", least: 0, most: 1_000_000 },
    fallback: 500,
    example: 200,
    meaning: "segments of an account in 24 hours, a fifth of them for owners; 0 for no limit",
    variables: ["SMS_BRIDGE_SEGMENTS_PER_DAY_MAX"],
  },
  {
    key: "limits.usdPerDayMax",
    kind: { type: "number", least: 0, most: 100_000 },
    fallback: 0,
    example: 5,
    meaning: "US dollars of an account in a day (UTC), a fifth of them for owners; 0 for no limit",
    variables: ["SMS_BRIDGE_USD_PER_DAY_MAX"],
  },
  {
    key: "limits.usdPerMonthMax",
    kind: { type: "number", least: 0, most: 100_000 },
    fallback: 0,
    example: 50,
    meaning:
      "US dollars of an account in a month (UTC), a fifth of them for owners; 0 for no limit",
    variables: ["SMS_BRIDGE_USD_PER_MONTH_MAX"],
  },
  {
    key: "limits.usdPerSenderDayMax",
    kind: { type: "number", least: 0, most: 100_000 },
    fallback: 0,
    example: 0.5,
    meaning: "US dollars to one sender in a day (UTC), owners excepted; 0 for no limit",
    variables: ["SMS_BRIDGE_USD_PER_SENDER_DAY_MAX"],
  },
  {
    key: "limits.repliesPerSenderMinuteMax",
    kind: { type: "integer", least: 0, most: 1_000 },
    fallback: 10,
    example: 5,
    meaning: "replies to one sender in a minute; 0 for no limit",
    variables: ["SMS_BRIDGE_REPLIES_PER_SENDER_MINUTE_MAX"],
  },
  {
    key: "maxPriceUsd",
    kind: { type: "number", least: 0.0001, most: 100 },
    example: 0.05,
    meaning: "what one message may cost at most, in US dollars (Twilio's MaxPrice)",
    variables: ["SMS_BRIDGE_MAX_PRICE_USD"],
  },
  {
    key: "validityPeriodSec",
    kind: { type: "integer", least: 1, most: 36_000 },
    example: 14_400,
    meaning: "how long Twilio tries to hand a message on (ValidityPeriod)",
    variables: ["SMS_BRIDGE_VALIDITY_PERIOD_SEC"],
  },
  {
    key: "storeBodies",
    kind: { type: "boolean" },
    fallback: false,
    example: true,
    meaning: "whether the history keeps the words of messages",
    variables: ["SMS_BRIDGE_STORE_BODIES"],
  },
  {
    key: "agentTool",
    kind: { type: "boolean" },
    fallback: true,
    example: false,
    meaning: "whether the agent is offered the tool sms_send",
    variables: ["SMS_BRIDGE_AGENT_TOOL"],
  },
  {
    key: "mediaRoots",
    kind: { type: "folders" },
    example: ["~/.openclaw/workspace"],
    meaning:
      "folders that files of replies may come from; the workspaces of openclaw.json when unset",
    variables: ["SMS_BRIDGE_MEDIA_ROOTS"],
  },
  {
    key: "proactive",
    kind: { type: "boolean" },
    fallback: true,
    example: false,
    meaning:
      "whether what the agent says unasked in a texter's session is texted, to numbers that are known",
    variables: ["SMS_BRIDGE_PROACTIVE"],
  },
  {
    key: "cronDelivery",
    kind: { type: "boolean" },
    fallback: true,
    example: false,
    meaning: "whether scheduled jobs that announce to sms are texted, to numbers that are known",
    variables: ["SMS_BRIDGE_CRON_DELIVERY"],
  },
  {
    key: "optOutKeywords",
    kind: { type: "texts" },
    fallback: ["twilio"],
    example: ["STOP", "UNSUBSCRIBE"],
    meaning:
      "words that opt out where Twilio does not say so: twilio (its default words), minimal (STOP, START and HELP are all there are) or a list beside STOP",
    variables: ["SMS_BRIDGE_OPT_OUT_KEYWORDS"],
  },
  {
    key: "optInKeywords",
    kind: { type: "texts" },
    fallback: [],
    example: ["JOIN"],
    meaning:
      "own words that opt in at Twilio: its list, which catch-up reads, does not tell them from texts",
    variables: ["SMS_BRIDGE_OPT_IN_KEYWORDS"],
  },
  {
    key: "reactions",
    kind: { type: "choice", choices: ["context", "turn", "ignore"] },
    fallback: "context",
    example: "turn",
    meaning:
      "what a tapback is: told with the next turn (context), a turn of its own, or nothing (ignore)",
    variables: ["SMS_BRIDGE_REACTIONS"],
  },
  {
    key: "toolTargets",
    kind: { type: "targets" },
    fallback: "known",
    example: ["+15551234567"],
    meaning: "whom the tool may text: known (let in, owners, defaultTo), any, or a list of numbers",
    variables: ["SMS_BRIDGE_TOOL_TARGETS"],
  },
  {
    key: "releasesUrl",
    kind: { type: "url", schemes: ["https:", "http:"], plain: "loopback" },
    example: "https://example.com/sms-bridge/releases/latest/download",
    meaning:
      "where `upgrade` finds the newest archives and SHA256SUMS; releases know their own place",
    variables: ["SMS_BRIDGE_RELEASES"],
  },
  {
    key: "updateCheck",
    kind: { type: "boolean" },
    fallback: false,
    example: true,
    meaning: "whether `status` looks there for a newer version, and mentions it",
    variables: ["SMS_BRIDGE_UPDATE_CHECK"],
  },
] as const satisfies readonly SettingRow[];

/** Settings of `bridge.*`, what is the bridge's own. */
export const BRIDGE_ROWS: readonly SettingRow[] = ROWS;

/** What the settings of `bridge.*` hold. */
export type BridgeValues = ValuesOf<typeof ROWS>;

/** Whether values that were read are all that the bridge needs. */
export function isBridge<T extends object>(values: T): values is T & BridgeValues {
  return isComplete(values, ROWS);
}
