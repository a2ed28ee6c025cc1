/**
 * `pair`: who asked to be let in, and who is.
 *
 * @module
 */
import type { Operations } from "../../operations/operations.ts";
import type { Approval, PendingView } from "../../operations/pairing_operations.ts";
import { readPairingCode } from "../../policy/pairing_code.ts";
import { Failure, failure } from "../../system/failure.ts";
import { maskNumber } from "../../system/redact.ts";
import {
  type ArgumentSpec,
  CHANNEL_OPTION,
  type Command,
  type OptionSpec,
  type Parsed,
} from "../command.ts";
import { FULL_OPTION, NUMBER, peopleCommand, shown } from "./command.ts";
import { accountOfBridge } from "../account.ts";
import { confirm, type Context } from "../terminal/context.ts";
import { accountGiven } from "../operations_client.ts";
import { printAllowed, printOptedOut, printPending } from "./lists.ts";
import { formatAge } from "../../text/amounts.ts";

const YES_OPTION: OptionSpec = { name: "yes", short: "y", kind: "boolean", meaning: "do not ask" };
const OWNER_OPTION: OptionSpec = {
  name: "owner",
  kind: "boolean",
  meaning: "as an owner, whose /commands the Gateway runs",
};
const NOTIFY_OPTION: OptionSpec = {
  name: "notify",
  kind: "boolean",
  meaning: "tell them by SMS that they were let in",
};
const NAME_OPTION: OptionSpec = {
  name: "name",
  kind: "string",
  value: "NAME",
  meaning: "what to call them, as with `pair name`",
};
const CODE: ArgumentSpec = { name: "CODE", meaning: "the pairing code, in any case" };

/** Requests as `openclaw pairing list --json` shows them, and when each code expires. */
function pendingJson(pending: readonly PendingView[]): unknown {
  const at = (ms: number) => new Date(ms).toISOString();
  return {
    channel: "sms",
    requests: pending.map((one) => ({
      id: one.phone,
      code: one.code,
      createdAt: at(one.createdAtMs),
      lastSeenAt: at(one.lastReplyAtMs ?? one.createdAtMs),
      expiresAt: at(one.expiresAtMs),
      meta: { accountId: one.account },
    })),
  };
}

function codeGiven(parsed: Parsed): { code: string; account?: string } {
  return { code: parsed.argument("CODE")!, ...accountGiven(parsed) };
}

/** Whether questions may be asked: only a person at a terminal can answer them. */
function mayAsk(context: Context, parsed: Parsed): boolean {
  return context.terminal.stdin && !parsed.flag("yes") && !parsed.flag("json");
}

/** Shows whom a code lets in and asks; a code that nobody has is left to the approval to explain. */
async function confirmed(
  operations: Operations,
  parsed: Parsed,
  context: Context,
): Promise<boolean> {
  const code = readPairingCode(parsed.argument("CODE")!);
  const waiting = await operations.ask("listPending", accountGiven(parsed));
  if (waiting instanceof Failure) throw waiting;
  const found = waiting.pending.find((one) => one.code === code);
  if (found === undefined) return true;
  const age = formatAge(found.createdAtMs, context.clock.now());
  context.stderr(
    `${shown(parsed, found.phone)} texted account ${found.account} ${age} and got this code.\n`,
  );
  return await confirm(context, "Let them text the assistant?");
}

async function approve(
  operations: Operations,
  parsed: Parsed,
  context: Context,
): Promise<Approval | Failure> {
  const asking = mayAsk(context, parsed);
  if (asking && !await confirmed(operations, parsed, context)) {
    return failure("failed", "declined", "Nobody was let in", "run it again, or with `--yes`");
  }
  const owner = parsed.flag("owner");
  const approval = await operations.ask("approve", {
    ...codeGiven(parsed),
    owner,
    notify: parsed.flag("notify"),
    name: parsed.text("name"),
  });
  if (approval instanceof Failure || !approval.first || owner || !asking) return approval;
  const question =
    "They are the first. Make them the owner, whose texts such as /new and /status " +
    "are commands of the Gateway?";
  const soFar = "they were let in, but not made the owner";
  if (!await confirm(context, question, false, soFar)) return approval;
  const { phone: number, account } = approval.approved;
  const made = await operations.ask("allow", { number, account, owner: true });
  return made instanceof Failure ? made : { ...approval, approved: made.allowed };
}

const OWNER_NOTE =
  "Their texts such as /new are commands of the Gateway. Its owner tools (automations, so reminders,\n" +
  "and nodes) stay out of reach unless `bridge.ownerTools` is on.\n";

function printApproval(context: Context, parsed: Parsed, approval: Approval): void {
  const { approved: { phone, owner }, first, notified } = approval;
  context.stdout(
    `${shown(parsed, phone)} may now text the assistant${owner ? ", as owner" : ""}.\n`,
  );
  if (owner) context.stderr(OWNER_NOTE);
  if (notified !== null) {
    const told = notified
      ? "They are told by SMS."
      : "They are not told: the bridge cannot text them now.";
    context.stdout(`${told}\n`);
  }
  if (first && !owner && !mayAsk(context, parsed)) {
    context.stderr("There is no owner yet: `sms-bridge pair allow <NUMBER> --owner` makes one.\n");
  }
}

/** The commands of `pair`, also as OpenClaw spells them. */
export const PAIR_COMMANDS: readonly Command[] = [
  peopleCommand({
    path: ["pair", "list"],
    aliases: [["pairing", "list", "sms"], ["pairing", "list"]],
    summary: "list who asked to be let in",
    more: [FULL_OPTION, CHANNEL_OPTION],
    examples: ["pair list", "pair list --json", "pairing list sms"],
    ask: (operations, parsed) => operations.ask("listPending", accountGiven(parsed)),
    tell: (context, parsed, { pending }) => printPending(context, parsed, pending),
    json: ({ pending }) => pendingJson(pending),
  }),
  peopleCommand({
    path: ["pair", "approve"],
    aliases: [["pairing", "approve", "sms"], ["pairing", "approve"]],
    summary: "let in the sender who got this code",
    details: "On a terminal it shows whom the code lets in and asks first.",
    arguments: [CODE],
    more: [YES_OPTION, OWNER_OPTION, NAME_OPTION, NOTIFY_OPTION, FULL_OPTION, CHANNEL_OPTION],
    examples: [
      "pair approve 4MYQL6BM",
      'pair approve 4MYQL6BM --name "Ada"',
      "pairing approve sms 4MYQL6BM --notify",
    ],
    ask: approve,
    tell: printApproval,
  }),
  peopleCommand({
    path: ["pair", "reject"],
    aliases: [["pairing", "reject", "sms"], ["pairing", "reject"]],
    summary: "reject a request and cancel its code",
    arguments: [CODE],
    examples: ["pair reject 4MYQL6BM"],
    ask: (operations, parsed) => operations.ask("reject", codeGiven(parsed)),
    tell: (context, _parsed, { rejected }) =>
      context.stdout(`The request of ${maskNumber(rejected.phone)} was turned down.\n`),
  }),
  peopleCommand({
    path: ["pair", "allow"],
    summary: "let a number in without a code",
    arguments: [NUMBER],
    more: [OWNER_OPTION],
    examples: ["pair allow +15551234567", "pair allow +15551234567 --owner"],
    ask: async (operations, parsed, context) =>
      await operations.ask("allow", {
        number: parsed.argument("NUMBER")!,
        account: await accountOfBridge(context, parsed, operations),
        owner: parsed.flag("owner"),
      }),
    tell(context, _parsed, { allowed: { phone, owner } }) {
      context.stdout(
        `${maskNumber(phone)} may now text the assistant${owner ? ", as owner" : ""}.\n`,
      );
      if (owner) context.stderr(OWNER_NOTE);
    },
  }),
  peopleCommand({
    path: ["pair", "opt-in"],
    summary: "lift the opt-out that is remembered of a number",
    details: "For when the block was lifted at Twilio and the person agrees to be texted again.\n" +
      "As long as Twilio itself has the opt-out, it refuses every message (21610), and the\n" +
      "first one marks the number again.",
    arguments: [NUMBER],
    examples: ["pair opt-in +15551234567"],
    ask: async (operations, parsed, context) =>
      await operations.ask("optIn", {
        number: parsed.argument("NUMBER")!,
        account: await accountOfBridge(context, parsed, operations),
      }),
    tell: (context, _parsed, { phone, reason, optedOutAtMs }) => {
      const why = reason === "twilio" ? "Twilio had refused a message (21610)" : "they said STOP";
      context.stdout(
        `${maskNumber(phone)} may be texted again; ${why} ${
          formatAge(optedOutAtMs, context.clock.now())
        }.\nWhile Twilio has the opt-out too, it still refuses each message with 21610: lift it there, ` +
          "or have them text START.\n",
      );
    },
  }),
  peopleCommand({
    path: ["pair", "opted-out"],
    summary: "list who has opted out, let in or not",
    more: [FULL_OPTION],
    examples: ["pair opted-out", "pair opted-out --full"],
    ask: (operations, parsed) => operations.ask("listOptedOut", accountGiven(parsed)),
    tell: (context, parsed, { optedOut }) => printOptedOut(context, parsed, optedOut),
  }),
  peopleCommand({
    path: ["pair", "revoke"],
    summary: "withdraw a number's access, from the next text on",
    arguments: [NUMBER],
    examples: ["pair revoke +15551234567"],
    ask: (operations, parsed) =>
      operations.ask("revoke", { number: parsed.argument("NUMBER")!, ...accountGiven(parsed) }),
    tell: (context, _parsed, { revoked }) =>
      context.stdout(`${maskNumber(revoked[0]!.phone)} is no longer let in.\n`),
  }),
  peopleCommand({
    path: ["pair", "allowed"],
    summary: "list who has been let in",
    more: [FULL_OPTION],
    examples: ["pair allowed", "pair allowed --full"],
    ask: (operations, parsed) => operations.ask("listAllowed", accountGiven(parsed)),
    tell: (context, parsed, { allowed }) => printAllowed(context, parsed, allowed),
  }),
];
