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
import { decideLoop } from "../policy/loops.ts";
import { deadKey, inboxKey, senderKey } from "../store/keys.ts";
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
import { post, readSender } from "./post.ts";

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
      dead?: Pick<DeadLetter, "reason" | "detail">;
      also?: Change;
    } = {},
  ): Promise<Step> {
    const row = entry.value;
    const nowMs = clock.now();
    const { check = [], set: alsoSet = [] } = more.also ?? {};
    const set: Writes[] = [inHistory(row, outcome, nowMs), ...alsoSet];
    if (more.dead) {
      const { account, from, messageSid } = row;
      const letter: DeadLetter = {
        id: row.id,
        from: "inbox",
        account,
        phone: from,
        messageSid,
        atMs: nowMs,
        row,
        ...more.dead,
      };
      set.push({ key: deadKey(row.id), value: letter, expireInMs: HISTORY_TTL_MS });
    }
    const posted = await post(context, more.reply ?? null, {
      check: [{ key: entry.key, versionstamp: entry.versionstamp }, ...check],
      set,
      delete: [entry.key],
    });
    if (posted.kind === "conflict") return "again";
    posted.wake.forEach(deliverer.wake);
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
    return await finish(entry, reason, { reply, dead: { reason, detail } });
  }

  /** Rewrites a row; null when somebody took it away meanwhile. */
  async function update(
    entry: Entry<InboxRow>,
    row: InboxRow,
    more: { reply?: OutboxRow; also?: Change } = {},
  ): Promise<Entry<InboxRow> | null> {
    const posted = await post(context, more.reply ?? null, {
      check: [{ key: entry.key, versionstamp: entry.versionstamp }, ...more.also?.check ?? []],
      set: [{ key: entry.key, value: row }, ...more.also?.set ?? []],
    });
    if (posted.kind === "conflict") return null;
    posted.wake.forEach(deliverer.wake);
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
        await update(entry, { ...row, noticed: true }, {
          reply: composeNotice(context, row, WAITING),
        });
        return "again";
      }
    }
    enough.abort();
    return stopping.aborted ? "finished" : agent.isReady() ? "ready" : "again";
  }

  /** Notes on disk that a turn begins, and the sender's text with the loop guard, once for each text. */
  async function begin(entry: Entry<InboxRow>, bootId: string): Promise<Entry<InboxRow>> {
    const row: InboxRow = { ...entry.value, started: { bootId, atMs: clock.now() } };
    const key = senderKey(row.account, row.from);
    for (;;) {
      const sender = await readSender(context, row.account, row.from);
      const { state } = decideLoop(sender.row.loop, { text: row.text, nowMs: row.receivedAtMs });
      const also: Change = entry.value.started !== null ? {} : {
        check: [{ key, versionstamp: sender.versionstamp }],
        set: [{ key, value: { ...sender.row, loop: state } }],
      };
      const updated = await update(entry, row, { also });
      if (updated !== null) return updated;
      const now = await store.get(entry.key);
      if (now?.versionstamp !== entry.versionstamp) {
        throw new Error("the row was taken away before its turn began");
      }
    }
  }

  /** Lets a conversation rest in which two machines seem to talk; null when it may go on. */
  async function restFromLoop(entry: Entry<InboxRow>): Promise<Step | null> {
    const row = entry.value;
    const { row: sender, versionstamp } = await readSender(context, row.account, row.from);
    const loop = decideLoop(sender.loop, { text: row.text, nowMs: row.receivedAtMs });
    if (loop.kind === "answer") return null;
    if (loop.reason !== "paused") {
      log.warn("conversation.paused", {
        from: maskNumber(row.from),
        reason: loop.reason,
        until: new Date(loop.untilMs).toISOString(),
      });
    }
    const key = senderKey(row.account, row.from);
    return await finish(entry, "paused", {
      also: {
        check: [{ key, versionstamp }],
        set: [{ key, value: { ...sender, loop: loop.state } }],
      },
    });
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
          current = await begin(current, bootId);
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
    if (row.started === null) {
      const rested = await restFromLoop(entry);
      if (rested !== null) return rested;
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

type Writes = NonNullable<Change["set"]>[number];

function inHistory(row: InboxRow, outcome: string, atMs: number): Writes {
  return historySet({
    id: row.id,
    direction: "in",
    account: row.account,
    phone: row.from,
    sids: [row.messageSid],
    atMs,
    outcome,
    segments: 0,
  });
}
