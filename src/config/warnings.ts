/**
 * What is allowed and yet likely a mistake: told at the start, at a reload and by `config check`.
 *
 * @module
 */
import { type AccessGroups, type AccessProblem, accessProblems } from "../policy/access.ts";
import type { AccountSettings } from "./settings.ts";

const ACCESS_WARNINGS: Readonly<Partial<Record<AccessProblem["kind"], string>>> = {
  "unknown-policy": "dmPolicy is unknown and counts as allowlist",
  "unreadable-entry": "allowFrom has an entry that is not a telephone number and matches nobody",
  "missing-group": "allowFrom names an access group that is not there",
  "unsupported-group": "allowFrom names an access group that is not of type message.senders",
};

/** Accounts that Twilio cannot tell apart: what comes to a URL arrives at one path. */
function* sharedUrls(accounts: readonly AccountSettings[]): Generator<string> {
  const byUrl = Map.groupBy(
    accounts.filter(({ publicWebhookUrl }) => publicWebhookUrl !== undefined),
    ({ publicWebhookUrl }) => publicWebhookUrl,
  );
  for (const group of byUrl.values()) {
    if (group.length < 2) continue;
    const ids = group.map(({ id }) => id).join(", ");
    yield `accounts ${ids} have one publicWebhookUrl: only one of them can get its texts`;
  }
}

/** Values that stand in documentation for one's own, and that were copied as they are. */
const SECRET_LIKE =
  /^(<.*>|\[.*\]|x{3,}|\*{3,}|\.{3}|…|(your|my|the|twilio)?[-_ ]*(twilio)?[-_ ]*(auth|gateway|api)?[-_ ]*(key[-_ ]?)?(token|secret|here)|change[-_ ]?me|replace[-_ ]?me)$/i;
const PLACEHOLDERS: readonly {
  readonly key: keyof AccountSettings;
  readonly looks: RegExp;
  readonly fix: string;
}[] = [
  { key: "accountSid", looks: /^ACx+$/i, fix: "copy yours from the Twilio Console" },
  { key: "messagingServiceSid", looks: /^MGx+$/i, fix: "copy yours from the Twilio Console" },
  { key: "apiKeySid", looks: /^SKx+$/i, fix: "copy yours from the Twilio Console" },
  { key: "authToken", looks: SECRET_LIKE, fix: "copy yours from the Twilio Console" },
  { key: "apiKeySecret", looks: SECRET_LIKE, fix: "copy yours from the Twilio Console" },
  { key: "fromNumber", looks: /^\+1555\d{7}$/, fix: "write the number that people text" },
  {
    key: "publicWebhookUrl",
    looks: /^https:\/\/(gateway\.|box\.|your[^/]*\.|www\.)?example\.(com|org|net|ts\.net)(:|\/|$)/i,
    fix: "write the URL under which Twilio reaches this machine",
  },
];

/** What is told of each such value; the value of a secret is not. */
function placeholderWarnings(account: AccountSettings): string[] {
  return PLACEHOLDERS.flatMap(({ key, looks, fix }) => {
    const value = account[key];
    return typeof value === "string" && looks.test(value)
      ? [`account ${account.id}: ${key} is the placeholder of the documentation; ${fix}`]
      : [];
  });
}

/** Secrets, by their paths, that are the documentation's. */
export function secretWarnings(secrets: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(secrets).flatMap(([path, value]) =>
    typeof value === "string" && SECRET_LIKE.test(value)
      ? [`${path} is the placeholder of the documentation; write yours`]
      : []
  );
}

/** What may be meant but is likely a mistake. */
export function accountWarnings(
  accounts: readonly AccountSettings[],
  accessGroups: AccessGroups,
): string[] {
  const each = accounts.flatMap((account) => {
    const access = accessProblems({ ...account, accessGroups }).flatMap(({ kind }) => {
      const warning = ACCESS_WARNINGS[kind];
      return warning === undefined ? [] : [`account ${account.id}: ${warning}`];
    });
    const unsigned = account.dangerouslyDisableSignatureValidation
      ? ["signature validation is OFF: anyone who finds the URL can speak as any number"]
      : [];
    return [...unsigned, ...access, ...placeholderWarnings(account)];
  });
  return [...each, ...sharedUrls(accounts)];
}

/** What settings mean together that are right, and yet easily taken for something else. */
export function accountNotes(accounts: readonly AccountSettings[]): string[] {
  return accounts.flatMap(({ id, fromNumber, messagingServiceSid }) =>
    fromNumber === undefined || messagingServiceSid === undefined ? [] : [
      `account ${id} has fromNumber and messagingServiceSid: a conversation is answered from the ` +
      "number that was texted; what begins one (send, scheduled jobs, the agent's tool) goes out " +
      "from fromNumber",
    ]
  );
}
