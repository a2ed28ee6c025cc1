/**
 * `queue`: what waits, what was given up, and to try it again or to let it go.
 *
 * @module
 */
import { accountNamed } from "../../config/sms_accounts.ts";
import type { Operations, OutputOf } from "../../operations/operations.ts";
import type { QueueItem } from "../../operations/queue_item.ts";
import { Failure, failure, unknownAccount } from "../../system/failure.ts";
import { maskNumber, printableLines } from "../../system/redact.ts";
import {
  ACCOUNT_OPTION,
  type ArgumentSpec,
  CHANNEL_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type OptionSpec,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import { confirm, type Context } from "../terminal/context.ts";
import { withOperations } from "../operations_client.ts";
import { paint, printJson, renderTable } from "../terminal/output.ts";
import { formatAge, formatDuration, plural } from "../../text/amounts.ts";

/** Options that every command of `queue` takes. */
export const QUEUE_OPTIONS: readonly OptionSpec[] = [CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION];
const FULL_OPTION: OptionSpec = {
  name: "full",
  kind: "boolean",
  meaning: "show whole numbers, not masked ones",
};
const ALL_OPTION: OptionSpec = { name: "all", kind: "boolean", meaning: "all dead letters" };
const REASON_OPTION: OptionSpec = {
  name: "reason",
  kind: "string",
  value: "WORD",
  meaning: "with --all: only those given up for this reason",
};
const YES_OPTION: OptionSpec = { name: "yes", short: "y", kind: "boolean", meaning: "do not ask" };
const IDS: ArgumentSpec = {
  name: "ID",
  meaning: "the item's id, as `queue list` shows it",
  optional: true,
  rest: true,
};

/** Asks the bridge whose state the options name. @throws {Failure} */
export async function ask<T>(
  context: Context,
  parsed: Parsed,
  use: (operations: Operations) => Promise<T | Failure>,
): Promise<T> {
  return await withOperations(context, parsed, use);
}

/** Items as they may be shown: with masked numbers, unless whole ones are asked for. */
function shownItems(items: readonly QueueItem[], full: boolean): readonly QueueItem[] {
  return full ? items : items.map((item) => ({
    ...item,
    number: item.number === null ? null : maskNumber(item.number),
  }));
}

function stateOf(item: QueueItem, nowMs: number): string {
  const waitMs = item.notBeforeMs - nowMs;
  return waitMs > 0 ? `${item.state}, next in ${formatDuration(waitMs)}` : item.state;
}

function printItems(context: Context, items: readonly QueueItem[]): void {
  const nowMs = context.clock.now();
  const rows = items.map((item) => [
    item.id,
    item.queue,
    formatAge(item.atMs, nowMs),
    item.number ?? "",
    item.sent === null ? "" : `${item.sent.chunks}/${item.sent.of}`,
    String(item.attempts),
    stateOf(item, nowMs),
  ]);
  const columns = [
    { title: "Id" },
    { title: "Queue" },
    { title: "Since" },
    { title: "Number" },
    { title: "Sent", align: "right" as const },
    { title: "Tries", align: "right" as const },
    { title: "State" },
  ];
  context.stdout(renderTable(columns, rows, { paint: paint(context.colour) }));
}

/** Items of one queue or of all, of the account that is given or of all. */
async function itemsOf(
  operations: Operations,
  parsed: Parsed,
  queue: string | undefined,
): Promise<OutputOf<"listQueue"> | Failure> {
  const listed = await operations.ask("listQueue", queue === undefined ? {} : { queue });
  const name = parsed.text("account");
  if (listed instanceof Failure || name === undefined) return listed;
  const choice = await operations.ask("accounts", {});
  if (choice instanceof Failure) return choice;
  const account = accountNamed(choice, name) ?? name;
  const items = listed.items.filter((item) => item.account === account);
  // An account that was taken out of the configuration may have left some.
  if (items.length === 0 && !choice.ids.includes(account)) return unknownAccount(name, choice.ids);
  return { ...listed, items };
}

/** Lists items. @throws {Failure} */
async function listItems(
  context: Context,
  parsed: Parsed,
  queue: string | undefined,
): Promise<ExitCode> {
  const result = await ask(context, parsed, (operations) => itemsOf(operations, parsed, queue));
  const items = shownItems(result.items, parsed.flag("full"));
  if (parsed.flag("json")) printJson(context, { ...result, items });
  else if (items.length === 0) context.stdout("Nothing waits, nothing was given up.\n");
  else printItems(context, items);
  if (result.more) context.stderr("There is more; `sms-bridge queue export` has all of it.\n");
  return 0;
}

const listCommand: Command = {
  path: ["queue", "list"],
  group: "Messages",
  summary: "list what waits and what became a dead letter",
  details: "The inbox holds texts that wait for the agent, the outbox messages that wait for\n" +
    "Twilio, and dead letters are what was given up, with the reason.",
  arguments: [{
    name: "QUEUE",
    meaning: "only this queue",
    optional: true,
    choices: ["inbox", "outbox", "dead"],
  }],
  options: [...QUEUE_OPTIONS, FULL_OPTION],
  examples: ["queue list", "queue list dead --json"],
  run: (context, parsed) => listItems(context, parsed, parsed.argument("QUEUE")),
};

const deadCommand: Command = {
  path: ["queue", "dead"],
  aliases: [["channels", "dead-letters", "list"], ["channels", "dead-letters"]],
  group: "Messages",
  summary: "list dead letters: what was given up",
  options: [CHANNEL_OPTION, ACCOUNT_OPTION, ...QUEUE_OPTIONS, FULL_OPTION],
  examples: ["queue dead", "channels dead-letters list --channel sms"],
  run: (context, parsed) => listItems(context, parsed, "dead"),
};

const showCommand: Command = {
  path: ["queue", "show"],
  group: "Messages",
  summary: "show one item with its text",
  arguments: [{ name: "ID", meaning: "the item's id, as `queue list` shows it" }],
  options: [...QUEUE_OPTIONS, FULL_OPTION],
  examples: ["queue show 1767225600000001"],
  async run(context, parsed): Promise<ExitCode> {
    const id = parsed.argument("ID")!;
    const result = await ask(context, parsed, (operations) => operations.ask("showQueued", { id }));
    const { bodies } = result;
    const [item] = shownItems([result.item], parsed.flag("full")) as [QueueItem];
    if (parsed.flag("json")) {
      printJson(context, { ...result, item });
      return 0;
    }
    printItems(context, [item]);
    if (item.detail !== "") context.stdout(`\n${printableLines(item.detail)}\n`);
    for (const body of bodies) context.stdout(`\n${printableLines(body)}\n`);
    return 0;
  },
};

/** The ids given, or those of the dead letters that `--all` and `--reason` mean. @throws {Failure} */
async function idsGiven(operations: Operations, parsed: Parsed): Promise<string[] | Failure> {
  const ids = parsed.rest("ID");
  if (parsed.flag("all") === ids.length > 0) {
    return failure(
      "usage",
      "queue-ids-missing",
      "Cannot tell which items are meant",
      "give their ids, or `--all` for all dead letters",
    );
  }
  const listed = await itemsOf(operations, parsed, "dead");
  if (listed instanceof Failure) return listed;
  if (ids.length > 0) return [...ids];
  const reason = parsed.text("reason");
  return listed.items.filter(({ state }) => reason === undefined || state === reason)
    .map(({ id }) => id);
}

/** What came of several items: those that failed do not keep the others back. */
interface Batch {
  readonly done: readonly QueueItem[];
  readonly failed: readonly { readonly id: string; readonly failure: Failure }[];
}

async function each(
  ids: readonly string[],
  work: (id: string) => Promise<QueueItem | Failure>,
): Promise<Batch> {
  const done: QueueItem[] = [];
  const failed: { id: string; failure: Failure }[] = [];
  for (const id of ids) {
    const result = await work(id);
    if (result instanceof Failure) failed.push({ id, failure: result });
    else done.push(result);
  }
  return { done, failed };
}

/** Tells a batch; a single failure is told as any other command tells it. @throws {Failure} */
function tell(context: Context, parsed: Parsed, word: string, { done, failed }: Batch): ExitCode {
  if (failed.length === 1 && done.length === 0) throw failed[0]!.failure;
  if (parsed.flag("json")) {
    const failures = failed.map(({ id, failure }) => ({ id, ...failure.toJSON() }));
    printJson(context, { [word]: done, failed: failures });
  } else {
    for (const { failure } of failed) context.stderr(`${failure.message}\n  ${failure.hint}\n`);
    context.stdout(`${plural(done.length, "item")} ${word}.\n`);
  }
  return (failed[0]?.failure.exitCode ?? 0) as ExitCode;
}

const retryCommand: Command = {
  path: ["queue", "retry"],
  aliases: [["channels", "dead-letters", "resubmit"]],
  group: "Messages",
  summary: "try dead letters again",
  details: "A text is given to the agent again, whatever became of it before; a message goes on\n" +
    "with the SMS that Twilio has not taken yet, budgets or not.",
  arguments: [IDS],
  options: [CHANNEL_OPTION, ACCOUNT_OPTION, ...QUEUE_OPTIONS, ALL_OPTION, REASON_OPTION],
  examples: ["queue retry 1767225600000001", "queue retry --all --reason too-old"],
  async run(context, parsed): Promise<ExitCode> {
    const batch = await ask(context, parsed, async (operations): Promise<Batch | Failure> => {
      const ids = await idsGiven(operations, parsed);
      if (ids instanceof Failure) return ids;
      return await each(ids, async (id) => {
        const result = await operations.ask("retryQueued", { id });
        return result instanceof Failure ? result : result.retried;
      });
    });
    return tell(context, parsed, "retried", batch);
  },
};

async function agrees(context: Context, parsed: Parsed, count: number): Promise<boolean> {
  if (!context.terminal.stdin || parsed.flag("yes") || parsed.flag("json")) return true;
  return await confirm(context, `Delete ${plural(count, "item")} for good?`);
}

const dropCommand: Command = {
  path: ["queue", "drop"],
  group: "Messages",
  summary: "delete items: they are neither answered nor sent",
  details: "On a terminal it asks first. What Twilio has taken already is not called back.",
  arguments: [IDS],
  options: [ACCOUNT_OPTION, ...QUEUE_OPTIONS, ALL_OPTION, REASON_OPTION, YES_OPTION],
  examples: ["queue drop 1767225600000001", "queue drop --all --reason refused --yes"],
  async run(context, parsed): Promise<ExitCode> {
    const batch = await ask(context, parsed, async (operations): Promise<Batch | Failure> => {
      const ids = await idsGiven(operations, parsed);
      if (ids instanceof Failure) return ids;
      if (!await agrees(context, parsed, ids.length)) {
        return failure("failed", "declined", "Nothing was dropped", "run it with `--yes`");
      }
      return await each(ids, async (id) => {
        const result = await operations.ask("dropQueued", { id });
        return result instanceof Failure ? result : result.dropped;
      });
    });
    return tell(context, parsed, "dropped", batch);
  },
};

/** The commands of `queue` that work on items. */
export const QUEUE_COMMANDS: readonly Command[] = [
  listCommand,
  deadCommand,
  showCommand,
  retryCommand,
  dropCommand,
];
