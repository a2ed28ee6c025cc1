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
import { deadKey, inboxKey, outboxKey } from "../store/keys.ts";
import { HISTORY_TTL_MS, historySet, type InboxRow, inboxRows } from "../store/inbox.ts";
import type { Change, Entry } from "../store/kv.ts";
import type { DeadLetter, OutboxRow } from "../store/outbox.ts";
import { sleep } from "../system/clock.ts";
import { INBOX_AGE_MS_MAX, TURNS_MAX } from "../system/limits.ts";
import { maskNumber, shortSid } from "../system/redact.ts";
import type { Agent } from "./agent.ts";
import { accountOf, type BridgeContext } from "./context.ts";
import type { Deliverer } from "./deliver.ts";
import type { Door } from "./door.ts";
import { createGate, createLanes } from "./lanes.ts";
import { composeNotice, composeReply } from "./compose.ts";

/** Answers what is in the inbox. */
export interface Converser {
  /** Takes up everything that waits in the store. */
  start(): Promise<void>;
  /** Takes up a text that has just been committed. */
  wake(row: Pick<InboxRow, "id" | "account" | "from">): void;
  /** Resolves when nothing is under way: after the stop signal, or when the inbox is empty. */
  idle(): Promise<void>;
  /** Texts not answered yet. */
  readonly pending: number;
}

/** What a converser works with. */
export interface ConverserParts {
  readonly agent: Agent;
  readonly door: Door;
  readonly deliverer: Pick<Deliverer, "wake">;
}

/** What has to happen next with a row: nothing, or another look at it. */
type Step = "finished" | "again";

const UNCERTAIN =
  "Sorry, I cannot tell whether your last text was handled. If no answer comes, please send it again.";
const WAITING =
  "Your text has arrived. The assistant is not available right now; the answer will come.";

/** Makes the converser of an inbox. */
export function createConverser(context: BridgeContext, parts: ConverserParts): Converser {
  const { store, clock, log, stopping, tally } = context;
  const { agent, door, deliverer } = parts;
  const gate = createGate(TURNS_MAX);
  const lanes = createLanes((error) => {
    log.error("converse.failed", { error: error instanceof Error ? error.message : String(error) });
  });

  /** Takes a row out of the inbox, with what became of it, in one commit. */
  async function finish(
    entry: Entry<InboxRow>,
    outcome: string,
    more: {
      reply?: OutboxRow | null;
      dead?: Omit<DeadLetter, "id" | "from" | "atMs">;
    } = {},
  ): Promise<Step> {
    const row = entry.value;
    const nowMs = clock.now();
    const { reply, dead } = more;
    const set: NonNullable<Change["set"]>[number][] = [historySet({
      id: row.id,
      direction: "in",
      account: row.account,
      phone: row.from,
      sids: [row.messageSid],
      atMs: nowMs,
      outcome,
      segments: 0,
    })];
    if (reply) set.push({ key: outboxKey(reply.id), value: reply });
    if (dead) {
      const letter: DeadLetter = { id: row.id, from: "inbox", atMs: nowMs, ...dead };
      set.push({ key: deadKey(row.id), value: letter, expireInMs: HISTORY_TTL_MS });
    }
    const committed = await store.commit({
      check: [{ key: entry.key, versionstamp: entry.versionstamp }],
      set,
      delete: [entry.key],
    });
    if (!committed) return "again";
    if (reply) deliverer.wake(reply);
    tally.count("turns", outcome);
    log.info("text.finished", {
      from: maskNumber(row.from),
      sid: shortSid(row.messageSid),
      outcome,
      tookMs: nowMs - row.receivedAtMs,
    });
    return "finished";
  }

  async function giveUp(
    entry: Entry<InboxRow>,
    reason: string,
    detail: string,
    reply: OutboxRow | null = null,
  ): Promise<Step> {
    const { account, from, messageSid } = entry.value;
    const dead = { account, phone: from, messageSid, reason, detail, row: entry.value };
    return await finish(entry, reason, { reply, dead });
  }

  async function update(entry: Entry<InboxRow>, row: InboxRow, reply?: OutboxRow) {
    const set: { key: Entry<InboxRow>["key"]; value: unknown }[] = [{ key: entry.key, value: row }];
    if (reply !== undefined) set.push({ key: outboxKey(reply.id), value: reply });
    const check = [{ key: entry.key, versionstamp: entry.versionstamp }];
    if (!await store.commit({ check, set })) return null;
    if (reply !== undefined) deliverer.wake(reply);
    return await store.get<InboxRow>(entry.key);
  }

  /** Waits for the Gateway; tells the sender once when that takes long. False when the bridge stops. */
  async function waitForAgent(entry: Entry<InboxRow>): Promise<"ready" | Step> {
    const { waitNoticeAfterMs } = context.settings().bridge;
    const row = entry.value;
    if (agent.isReady()) return "ready";
    const enough = new AbortController();
    const noticeInMs = row.receivedAtMs + waitNoticeAfterMs - clock.now();
    const ready = agent.ready(AbortSignal.any([stopping, enough.signal]));
    if (row.noticed || waitNoticeAfterMs === 0) {
      await ready;
    } else {
      await Promise.race([ready, sleep(clock, Math.max(0, noticeInMs), enough.signal)]);
      enough.abort();
      if (!agent.isReady() && !stopping.aborted) {
        await update(entry, { ...row, noticed: true }, composeNotice(context, row, WAITING));
        return "again";
      }
    }
    enough.abort();
    return stopping.aborted ? "finished" : agent.isReady() ? "ready" : "again";
  }

  async function takeTurn(entry: Entry<InboxRow>, account: AccountSettings): Promise<Step> {
    let current = entry;
    const leave = await gate.enter();
    let outcome: TurnOutcome;
    try {
      if (stopping.aborted) return "finished";
      outcome = await agent.turn({
        account,
        row: current.value,
        onStarting: async (bootId) => {
          const started = { bootId, atMs: clock.now() };
          const updated = await update(current, { ...current.value, started });
          if (updated === null) throw new Error("the row was taken away before its turn began");
          current = updated;
        },
        signal: stopping,
      });
    } finally {
      leave();
    }
    return await settle(current, account, outcome);
  }

  async function settle(
    entry: Entry<InboxRow>,
    account: AccountSettings,
    outcome: TurnOutcome,
  ): Promise<Step> {
    const row = entry.value;
    if (stopping.aborted && outcome.kind !== "reply" && outcome.kind !== "failed") {
      return "finished";
    }
    tally.mark("turn", clock.now());
    switch (outcome.kind) {
      case "reply": {
        const reply = composeReply(context, account, row, outcome.payloads);
        return await finish(entry, reply === null ? "silent" : "answered", { reply });
      }
      case "failed":
        log.warn("turn.failed", { sid: shortSid(row.messageSid), detail: outcome.detail });
        return await finish(entry, "failed", {
          reply: composeNotice(context, row, outcome.sentence),
        });
      case "uncertain":
        log.error("turn.uncertain", { sid: shortSid(row.messageSid), reason: outcome.reason });
        return await giveUp(
          entry,
          "uncertain",
          outcome.reason,
          composeNotice(context, row, UNCERTAIN),
        );
      case "later":
        log.info("turn.later", { sid: shortSid(row.messageSid), reason: outcome.reason });
        await update(entry, { ...row, attempts: row.attempts + 1 });
        await sleep(clock, outcome.afterMs, stopping);
        return "again";
    }
  }

  async function step(id: number): Promise<Step> {
    const entry = await store.get<InboxRow>(inboxKey(id));
    if (entry === null || stopping.aborted) return "finished";
    const row = entry.value;
    const account = accountOf(context, row.account);
    if (account === undefined) {
      return await giveUp(entry, "no-account", `account ${row.account} is not configured any more`);
    }
    if (await door.admit(account, row.from) !== "allow") return await finish(entry, "refused");
    if (row.text === "" && row.media.length === 0) return await finish(entry, "empty");
    if (row.started === null && clock.now() - row.receivedAtMs > INBOX_AGE_MS_MAX) {
      return await giveUp(entry, "too-old", "the Gateway could not be reached for a day");
    }
    const waited = await waitForAgent(entry);
    return waited === "ready" ? await takeTurn(entry, account) : waited;
  }

  function wake({ id, account, from }: Pick<InboxRow, "id" | "account" | "from">): void {
    lanes.push(`${account} ${from}`, async () => {
      while (await step(id) === "again");
    });
  }

  return {
    wake,
    async start() {
      for await (const { value } of inboxRows(store)) wake(value);
    },
    idle: () => lanes.idle(),
    get pending() {
      return lanes.pending;
    },
  };
}
