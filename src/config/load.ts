/**
 * Loading: where the values come from and what is wrong with them, all problems at once.
 *
 * @module
 */
import { DM_POLICIES } from "../policy/access.ts";
import { isPhone, parsePhone } from "../policy/phone.ts";
import { LOG_LEVELS } from "../system/log.ts";
import type { AccountSettings, BridgeSettings, ListenAddress, Settings } from "./settings.ts";

/** Something missing or wrong, with what mends it. */
export interface Problem {
  /** The variable or key. */
  readonly name: string;
  /** What is wrong with it. */
  readonly problem: string;
  /** What to do, as an example. */
  readonly fix: string;
}

/** What loading works with. */
export interface LoadOptions {
  readonly env: (name: string) => string | undefined;
  /** The user's home directory. */
  readonly home: string;
}

/** What loading gave. */
export type Loaded =
  | { readonly kind: "settings"; readonly settings: Settings }
  | { readonly kind: "problems"; readonly problems: readonly Problem[] };

/** Reads values and notes what is wrong with them. */
interface Reader {
  readonly problems: Problem[];
  /** The first of the variables that is not blank. */
  text(...names: string[]): string | undefined;
  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T;
  integer(name: string, least: number, most: number, fallback: number): number;
  wrong(name: string, problem: string, fix: string): void;
}

function createReader(env: LoadOptions["env"]): Reader {
  const problems: Problem[] = [];
  const wrong = (name: string, problem: string, fix: string) => {
    problems.push({ name, problem, fix });
  };
  const text = (...names: string[]) =>
    names.map((name) => env(name)?.trim()).find((value) => value !== undefined && value !== "");
  return {
    problems,
    text,
    wrong,
    choice(name, choices, fallback) {
      const value = text(name);
      const found = choices.find((choice) => choice === value);
      if (value !== undefined && found === undefined) {
        wrong(
          name,
          `must be one of ${choices.join(", ")}: it is "${value}"`,
          `${name}=${fallback}`,
        );
      }
      return found ?? fallback;
    },
    integer(name, least, most, fallback) {
      const value = text(name);
      if (value === undefined) return fallback;
      const number = Number(value);
      if (/^\d+$/.test(value) && number >= least && number <= most) return number;
      wrong(
        name,
        `must be a whole number from ${least} to ${most}: it is "${value}"`,
        `${name}=${fallback}`,
      );
      return fallback;
    },
  };
}

function sid(reader: Reader, name: string, prefix: string): string | undefined {
  const value = reader.text(name);
  if (value === undefined || new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(value)) return value;
  reader.wrong(
    name,
    `must be "${prefix}" and 32 hexadecimal digits: it has ${value.length} characters`,
    `copy it from the Twilio Console: ${name}=${prefix}…`,
  );
  return undefined;
}

function fromNumber(reader: Reader): string | undefined {
  const value = reader.text("TWILIO_PHONE_NUMBER", "TWILIO_SMS_FROM");
  if (value === undefined) return undefined;
  const phone = parsePhone(value);
  if (phone !== null) return phone;
  reader.wrong(
    "TWILIO_PHONE_NUMBER",
    "must be a number in E.164",
    "TWILIO_PHONE_NUMBER=+15551234567",
  );
  return undefined;
}

function publicUrl(reader: Reader): string | undefined {
  const name = "SMS_PUBLIC_WEBHOOK_URL";
  const value = reader.text(name);
  if (value === undefined) return undefined;
  if (/^https?:\/\//i.test(value) && URL.canParse(value) && new URL(value).username === "") {
    return value;
  }
  reader.wrong(
    name,
    "must be the absolute https URL that Twilio calls",
    `${name}=https://gateway.example.ts.net/webhooks/sms`,
  );
  return undefined;
}

function allowFrom(reader: Reader): readonly string[] {
  const entries = (reader.text("SMS_ALLOWED_USERS") ?? "").split(",").map((entry) => entry.trim());
  return entries.filter((entry) => entry !== "");
}

function readAccount(reader: Reader): AccountSettings {
  const unsigned = reader.text("SMS_DANGEROUSLY_DISABLE_SIGNATURE_VALIDATION") === "true";
  const accountSid = sid(reader, "TWILIO_ACCOUNT_SID", "AC");
  const authToken = reader.text("TWILIO_AUTH_TOKEN");
  const number = fromNumber(reader);
  const service = sid(reader, "TWILIO_MESSAGING_SERVICE_SID", "MG");
  const url = publicUrl(reader);
  const known = (name: string) => reader.problems.some((problem) => problem.name === name);
  if (accountSid === undefined && !known("TWILIO_ACCOUNT_SID")) {
    reader.wrong(
      "TWILIO_ACCOUNT_SID",
      "is missing",
      "TWILIO_ACCOUNT_SID=AC… (Twilio Console, Account Info)",
    );
  }
  if (authToken === undefined) {
    reader.wrong(
      "TWILIO_AUTH_TOKEN",
      "is missing",
      "TWILIO_AUTH_TOKEN=… (Twilio Console, Account Info)",
    );
  }
  if (number === undefined && service === undefined && !known("TWILIO_PHONE_NUMBER")) {
    reader.wrong(
      "TWILIO_PHONE_NUMBER",
      "is missing, and so is TWILIO_MESSAGING_SERVICE_SID",
      "TWILIO_PHONE_NUMBER=+15551234567 (the number that people text)",
    );
  }
  if (url === undefined && !unsigned && !known("SMS_PUBLIC_WEBHOOK_URL")) {
    reader.wrong(
      "SMS_PUBLIC_WEBHOOK_URL",
      "is missing: signatures are made over it",
      "SMS_PUBLIC_WEBHOOK_URL=https://gateway.example.ts.net/webhooks/sms",
    );
  }
  const path = reader.text("SMS_WEBHOOK_PATH") ?? "/webhooks/sms";
  if (!/^\/[^\s?#]*$/.test(path)) {
    reader.wrong(
      "SMS_WEBHOOK_PATH",
      `must begin with "/": it is "${path}"`,
      "SMS_WEBHOOK_PATH=/webhooks/sms",
    );
  }
  return {
    id: "default",
    enabled: true,
    name: undefined,
    accountSid: accountSid ?? "",
    authToken: authToken ?? "",
    authTokenNext: undefined,
    apiKeySid: undefined,
    apiKeySecret: undefined,
    fromNumber: number,
    messagingServiceSid: service,
    defaultTo: undefined,
    webhookPath: path,
    publicWebhookUrl: url,
    dangerouslyDisableSignatureValidation: unsigned,
    dmPolicy: reader.choice("SMS_BRIDGE_DM_POLICY", DM_POLICIES, "pairing"),
    allowFrom: allowFrom(reader),
    textChunkLimit: reader.integer("SMS_TEXT_CHUNK_LIMIT", 70, 1_600, 1_500),
    mediaMaxMb: 5,
    region: undefined,
    edge: undefined,
  };
}

function listenAddress(reader: Reader, name: string, fallback: string): ListenAddress {
  const value = reader.text(name) ?? fallback;
  const [, bracketed, plain, port = ""] =
    value.match(/^(?:\[([0-9a-f:.]+)\]|([^:\s]+)):(\d{1,5})$/i) ?? [];
  if (port !== "" && Number(port) <= 65_535) {
    return { hostname: bracketed ?? plain!, port: Number(port) };
  }
  reader.wrong(name, `must be ADDRESS:PORT: it is "${value}"`, `${name}=${fallback}`);
  return { hostname: "127.0.0.1", port: 0 };
}

function adminAddress(reader: Reader): BridgeSettings["adminListen"] {
  const name = "SMS_BRIDGE_ADMIN_LISTEN";
  const value = reader.text(name);
  if (value === "off") return null;
  if (value?.startsWith("/")) return { path: value };
  return listenAddress(reader, name, "127.0.0.1:8788");
}

function isLoopback(url: string): boolean {
  return /^(127(\.\d+){3}|localhost|\[::1\])$/.test(new URL(url).hostname);
}

/** A URL of one of these schemes; plain text only to this machine. */
function endpoint(
  reader: Reader,
  name: string,
  [safe, plain]: [string, string],
  fallback?: string,
) {
  const value = reader.text(name) ?? fallback;
  if (value === undefined) return undefined;
  const scheme = URL.canParse(value) ? new URL(value).protocol : "";
  if (scheme === safe || (scheme === plain && isLoopback(value))) return value.replace(/\/+$/, "");
  reader.wrong(
    name,
    scheme === plain
      ? `must be ${safe}// unless it is on this machine: it would carry secrets in the clear`
      : `must be a URL that begins with ${safe}//`,
    `${name}=${fallback ?? `${safe}//example.com`}`,
  );
  return undefined;
}

/** The state directory of an environment. */
export function stateDirOf({ env, home }: LoadOptions): string {
  const given = env("SMS_BRIDGE_STATE_DIR")?.trim();
  return given ? given : `${home}/.openclaw/sms-bridge`;
}

function readBridge(reader: Reader, options: LoadOptions): BridgeSettings {
  const owners = (reader.text("SMS_BRIDGE_OWNERS") ?? "").split(",").map((one) => one.trim());
  for (const owner of owners) {
    if (owner !== "" && !isPhone(owner)) {
      reader.wrong(
        "SMS_BRIDGE_OWNERS",
        "must be numbers in E.164",
        "SMS_BRIDGE_OWNERS=+15551234567",
      );
    }
  }
  return {
    listen: listenAddress(reader, "SMS_BRIDGE_LISTEN", "127.0.0.1:8787"),
    adminListen: adminAddress(reader),
    stateDir: stateDirOf(options),
    twilioApiUrl: endpoint(reader, "SMS_BRIDGE_TWILIO_API_URL", ["https:", "http:"]),
    logFormat: reader.choice("SMS_BRIDGE_LOG_FORMAT", ["text", "json"], "text"),
    logLevel: reader.choice("SMS_BRIDGE_LOG_LEVEL", LOG_LEVELS, "info"),
    sessionScope: reader.choice(
      "SMS_BRIDGE_SESSION_SCOPE",
      ["auto", "gateway", "main", "per-peer", "per-channel-peer", "per-account-channel-peer"],
      "auto",
    ),
    smartEncoding: "auto",
    partMarks: "auto",
    maxChunksPerReply: 10,
    ownerAllowFrom: owners.filter((owner) => owner !== ""),
    waitNoticeAfterMs: 120_000,
    messagesPerSecond: 1,
    catchUp: reader.choice("SMS_BRIDGE_CATCH_UP", ["on", "off"], "on") === "on",
    catchUpWindowHours: reader.integer("SMS_BRIDGE_CATCH_UP_WINDOW_HOURS", 1, 168, 24),
    burstWindowMs: reader.integer("SMS_BRIDGE_BURST_WINDOW_MS", 0, 60_000, 1_500),
    limits: {
      segmentsPerReplyMax: 30,
      segmentsPerSenderHourMax: 60,
      segmentsPerDayMax: 500,
      repliesPerSenderMinuteMax: 10,
    },
    maxPriceUsd: undefined,
    validityPeriodSec: undefined,
    storeBodies: false,
    agentTool: true,
    toolTargets: "known",
    proactive: true,
    cronDelivery: true,
    mediaRoots: [],
  };
}

/** Loads the settings from the environment. */
export function loadSettings(options: LoadOptions): Loaded {
  const reader = createReader(options.env);
  const account = readAccount(reader);
  const bridge = readBridge(reader, options);
  const url = endpoint(reader, "SMS_BRIDGE_GATEWAY_URL", ["wss:", "ws:"], "ws://127.0.0.1:18789");
  const token = reader.text("SMS_BRIDGE_GATEWAY_TOKEN", "OPENCLAW_GATEWAY_TOKEN");
  if (token === undefined) {
    reader.wrong(
      "SMS_BRIDGE_GATEWAY_TOKEN",
      "is missing",
      "SMS_BRIDGE_GATEWAY_TOKEN=… (gateway.auth.token of openclaw.json)",
    );
  }
  if (reader.problems.length > 0) return { kind: "problems", problems: reader.problems };
  return {
    kind: "settings",
    settings: {
      accounts: [account],
      defaultAccount: account.id,
      gateway: { url: url!, token },
      bridge,
      accessGroups: {},
      warnings: account.dangerouslyDisableSignatureValidation
        ? ["signature validation is OFF: anyone who finds the URL can speak as any number"]
        : [],
    },
  };
}
