/**
 * What is allowed and yet likely a mistake: told at the start, at a reload and by `config check`.
 *
 * @module
 */
import { type AccessGroups, type AccessProblem, accessProblems } from "../policy/access.ts";
import type { AccountSettings } from "./settings.ts";

const ACCESS_WARNINGS: Readonly<Record<AccessProblem["kind"], string>> = {
  "unknown-policy": "dmPolicy is unknown and counts as allowlist",
  "empty-allowlist": "dmPolicy is allowlist and allowFrom is empty: nobody can text the agent",
  "open-without-wildcard":
    'dmPolicy is open without "*" in allowFrom: only those listed are let in',
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

/** What may be meant but is likely a mistake. */
export function accountWarnings(
  accounts: readonly AccountSettings[],
  accessGroups: AccessGroups,
): string[] {
  const each = accounts.flatMap((account) => {
    const access = accessProblems({ ...account, accessGroups }).map(({ kind }) =>
      `account ${account.id}: ${ACCESS_WARNINGS[kind]}`
    );
    const unsigned = account.dangerouslyDisableSignatureValidation
      ? ["signature validation is OFF: anyone who finds the URL can speak as any number"]
      : [];
    return [...unsigned, ...access];
  });
  return [...each, ...sharedUrls(accounts)];
}
