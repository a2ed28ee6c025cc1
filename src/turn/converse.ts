/**
 * Conversation: takes texts from the inbox, one at a time for each sender, and turns each into one
 * agent turn and one reply in the outbox.
 *
 * Access is decided again for each text, so that an approval or a revocation counts at once. A row
 * leaves the inbox in the same commit that puts its reply into the outbox.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import type { TurnOutcome } from "../gateway/turn.ts";
import { commandKind } from "../policy/commands.ts";
import { inboxKey, type InboxRow, type TurnStart } from "../store/inbox_row.ts";
import { readSender, senderKey } from "../store/sender_row.ts";
import { type Look, lookAt } from "../store/look.ts";
import { inboxRows } from "../store/inbox.ts";
import { type Entry, type Store, StoreError } from "../store/kv.ts";
import { sleep } from "../system/clock.ts";
import { TURNS_MAX } from "../system/limits.ts";
import { shortSid } from "../system/redact.ts";
import type { Agent } from "./agent.ts";
import { gatherBurst } from "./burst.ts";
import { composeNotice, composeReply } from "../outbound/compose.ts";
import { accountOf, type BridgeContext } from "../bridge/context.ts";
import type { Deliverer } from "../outbound/deliver.ts";
import type { Door } from "../inbound/door.ts";
import { carryOut, rewrite, rewriteSurely } from "./carry_out.ts";
import { decideOutcome, decideText, type TextFacts, type Verdict } from "./decide.ts";
import { createGate, createLanes, type Gate } from "../bridge/lanes.ts";
import { holdBack, type HoldParts, withMissed } from "./hold.ts";
import { noteText } from "./loop_guard.ts";
import { isOptedOut } from "../people/opt_out.ts";
import type { OutgoingFiles } from "../outbound/outgoing_files.ts";
import { type Step, untilFinished } from "../bridge/steps.ts";
import { holdEntry, tellWhenSlow, waitForAgent } from "./wait_notice.ts";

/** What must be known of a text to find its lane. */
export type WaitingRow = Pick<InboxRow, "id" | "account" | "from" | "text">;

/** What waits is taken up so long after the start. */
const BEGIN_AFTER_MS = 20;

/** Answers what is in the inbox. */
export interface Converser {
  /** Takes up everything that waits in the store, which is read where it is not known yet. */
  start(waiting?: readonly WaitingRow[]): Promise<void>;
  /** Takes up what another bridge has put into the store, from this id on; returns the last id there. */
  look(fromId: number): Promise<number>;
  /** Takes up a text that has just been committed. */
  wake(row: WaitingRow): void;
  /** Resolves when nothing is under way: after the stop signal, or when the inbox is empty. */
  idle(): Promise<void>;
  /** Texts not answered yet. */
  readonly pending: number;
}

/** What a converser works with. */
export interface ConverserParts {
  readonly agent: Agent;
  readonly door: Door;
  readonly deliverer: Pick<Deliverer, "wake" | "claim" | "look">;
  readonly files: OutgoingFiles;
}

interface TurnContext extends ConverserParts, Omit<HoldParts, "deliverer"> {
  /** What people are looked up in, anew with each step. */
  readonly look: Look;
  /** How many turns may be under way. */
  readonly gate: Gate;
  /** Whether pauses and budgets do not hold it up. */
  readonly urgent: boolean;
}

/** Notes on disk that a turn begins. */
async function begin(
  work: TurnContext,
  entry: Entry<InboxRow>,
  where: Omit<TurnStart, "atMs">,
): Promise<Entry<InboxRow>> {
  const { clock } = work.context;
  const row: InboxRow = { ...entry.value, started: { ...where, atMs: clock.now() } };
  const begun = await rewriteSurely(work, entry, row, async () => ({
    also: entry.value.started === null ? await noteText(work.context, row) : {},
  }));
  if (begun === null) throw new Error("the row was taken away before its turn began");
  if (!work.context.holds()) throw new StoreError("Cannot begin: another bridge may answer by now");
  return begun;
}

async function takeTurn(
  work: TurnContext,
  entry: Entry<InboxRow>,
  account: AccountSettings,
): Promise<Step> {
  const { agent, context, gate } = work;
  const { clock, stopping } = context;
  const held = holdEntry(entry);
  const notice = tellWhenSlow(work, held);
  let outcome: TurnOutcome;
  try {
    const leave = await gate.enter();
    try {
      if (stopping.aborted) return "finished";
      const beganAtMs = clock.now();
      outcome = await agent.turn({
        account,
        row: withMissed(held.current.value),
        look: work.look,
        onStarting: (where) => held.change((current) => begin(work, current, where)),
        signal: stopping,
      });
      work.look.anew();
      if (outcome.kind !== "later") context.tally.observe("turn", clock.now() - beganAtMs);
    } finally {
      leave();
    }
  } finally {
    await notice.end();
  }
  const { current } = held;
  return await carryOut(work, current, await judge(work, current.value, account, outcome));
}

function logOutcome({ log }: BridgeContext, row: InboxRow, outcome: TurnOutcome): void {
  const trace = shortSid(row.messageSid);
  if (outcome.kind === "failed") log.warn("turn.failed", { trace, detail: outcome.detail });
  if (outcome.kind === "uncertain") log.error("turn.uncertain", { trace, reason: outcome.reason });
  if (outcome.kind === "later") log.info("turn.later", { trace, reason: outcome.reason });
}

async function judge(
  { context, files }: TurnContext,
  row: InboxRow,
  account: AccountSettings,
  outcome: TurnOutcome,
): Promise<Verdict> {
  const stopping = context.stopping.aborted;
  context.tally.mark("turn", context.clock.now());
  if (!stopping || outcome.kind === "failed") logOutcome(context, row, outcome);
  const prepared = outcome.kind === "reply"
    ? await files.prepare({ account, to: row.from, payloads: outcome.payloads })
    : null;
  return decideOutcome(row, outcome, {
    reply: prepared === null ? null : composeReply(context, account, row, prepared),
    notice: (sentence) => composeNotice(context, row, sentence),
    stopping,
  });
}

/** Reads what decides about a text; nothing further once the answer is clear. */
async function readFacts(
  { context, door, look }: TurnContext,
  row: InboxRow,
): Promise<TextFacts> {
  const account = accountOf(context, row.account);
  if (account === undefined) return { account, access: null, optedOut: null };
  const access = await door.admit(account, row.from, look);
  if (access !== "allow") return { account, access, optedOut: null };
  return { account, access, optedOut: await isOptedOut(context, row.account, row.from) };
}

/** Puts what the sender has tapped since the last turn in front of a text; true when there was something. */
async function takeReactions(work: TurnContext, entry: Entry<InboxRow>): Promise<boolean> {
  const row = entry.value;
  if (commandKind(row.text) !== null) return false;
  const sender = await readSender(work.context, row.account, row.from);
  const { reactions = [], ...rest } = sender.row;
  if (reactions.length === 0) return false;
  const told = reactions.map((reaction) => `[The sender reacted to a message: ${reaction}]`);
  const key = senderKey(row.account, row.from);
  await rewrite(work, entry, { ...row, text: [...told, row.text].join("\n") }, {
    also: {
      check: [{ key, versionstamp: sender.versionstamp }],
      set: [{ key, value: rest }],
    },
  });
  return true;
}

/** Looks at a row and does the next thing with it. */
async function step(given: Omit<TurnContext, "look">, id: number): Promise<Step> {
  const look = lookAt(given.context.store);
  const context = { ...given.context, store: look };
  const work: TurnContext = { ...given, context, look };
  let entry = await context.store.get(inboxKey(id));
  if (entry === null || context.stopping.aborted) return "finished";
  const row = entry.value;
  const verdict = decideText(row, await readFacts(work, row), context.clock.now());
  if (verdict.kind !== "run") return await carryOut(work, entry, verdict);
  if (row.started === null) {
    entry = await gatherBurst(context, entry, work.behind);
    if (entry === null) return "again";
    if (await takeReactions(work, entry)) return "again";
    const held = work.urgent ? null : await holdBack(work, entry);
    if (held !== null) return held;
  }
  const waited = await waitForAgent(work, entry);
  if (waited !== "ready") return waited;
  // Its sender may have been blocked or have opted out while it waited.
  look.anew();
  const still = decideText(entry.value, await readFacts(work, row), context.clock.now());
  if (still.kind !== "run") return await carryOut(work, entry, still);
  return await takeTurn(work, entry, still.account);
}

/** Takes a text out that no step can be made with. */
async function abandon(work: Omit<TurnContext, "look">, id: number, detail: string): Promise<Step> {
  const entry = await work.context.store.get(inboxKey(id));
  if (entry === null) return "finished";
  return await carryOut(work, entry, { kind: "give-up", reason: "failed", detail });
}

/** The lane of a conversation. */
function laneOf({ account, from }: Pick<InboxRow, "account" | "from">): string {
  return `${account} ${from}`;
}

async function* waitingRows(store: Store): AsyncGenerator<WaitingRow> {
  for await (const { value } of inboxRows(store)) yield value;
}

/** Makes the converser of an inbox. */
export function createConverser(context: BridgeContext, parts: ConverserParts): Converser {
  const lanes = createLanes();
  const stops = createLanes();
  /** What waits in each lane, in order: the ids of the texts. */
  const waiting = new Map<string, Set<number>>();
  function leave(row: Pick<WaitingRow, "id" | "account" | "from">): void {
    const lane = waiting.get(laneOf(row));
    lane?.delete(row.id);
    if (lane?.size === 0) waiting.delete(laneOf(row));
  }
  const work: Omit<TurnContext, "look"> = {
    ...parts,
    context,
    gate: createGate(TURNS_MAX),
    urgent: false,
    behind: {
      ids: (row) => [...waiting.get(laneOf(row)) ?? []].filter((id) => id > row.id),
      joined: (rows) => rows.forEach((row) => leave(row)),
    },
  };
  async function finishing(id: number, urgent = false): Promise<void> {
    const unsure = await untilFinished(
      context,
      "converse.failed",
      () => step(urgent ? { ...work, gate: createGate(Infinity), urgent } : work, id),
      (detail) => abandon(work, id, detail),
    );
    // Its answer may be in the outbox though nobody was told so; the next one must not overtake it.
    if (unsure) await untilFinished(context, "converse.failed", lookForAnswers);
  }
  async function lookForAnswers(): Promise<Step> {
    await parts.deliverer.look();
    return "finished";
  }
  /** Has an owner's /stop answered at once: what it stops is under way in the lane and holds the gate. */
  function stopAtOnce({ id, account, from }: WaitingRow): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    stops.push(laneOf({ account, from }), async () => {
      let may = false;
      await untilFinished(context, "converse.failed", async () => {
        const known = accountOf(context, account);
        may = known !== undefined && await parts.agent.isOwner(known, from);
        return "finished";
      });
      if (may) {
        await finishing(id, true);
        leave({ id, account, from });
      }
      resolve();
    });
    return promise;
  }
  function wake(row: WaitingRow, begins?: Promise<unknown>): void {
    const { id, account, from, text } = row;
    const lane = laneOf({ account, from });
    waiting.set(lane, (waiting.get(lane) ?? new Set()).add(id));
    const stopped = commandKind(text) === "stop" ? stopAtOnce(row) : null;
    lanes.push(lane, async () => {
      await Promise.all([begins, stopped]);
      // One that was joined to the text before it holds nobody up.
      if (waiting.get(lane)?.has(id)) await context.rush.over();
      if (waiting.get(lane)?.has(id)) await finishing(id);
      leave({ id, account, from });
    });
  }
  return {
    wake: (row) => wake(row),
    async start(found) {
      // Each lane begins when the store has had time for those before: however much waits, what comes
      // meanwhile is served between. The first lets the start come to its end.
      let begins: Promise<unknown> = sleep(context.clock, BEGIN_AFTER_MS, context.stopping);
      for await (const row of found ?? waitingRows(context.store)) {
        if (waiting.has(laneOf(row))) {
          wake(row);
          continue;
        }
        begins = begins.then(() => context.store.get(inboxKey(row.id))).catch(() => {});
        wake(row, begins);
      }
    },
    async look(fromId) {
      let last = fromId;
      for await (const { value } of inboxRows(context.store, fromId)) {
        last = Math.max(last, value.id);
        if (!waiting.get(laneOf(value))?.has(value.id)) wake(value);
      }
      return last;
    },
    idle: () => lanes.idle(),
    get pending() {
      return lanes.pending;
    },
  };
}
