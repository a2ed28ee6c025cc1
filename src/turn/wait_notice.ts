/**
 * The notice of a wait: whoever waits long for an answer is told so, once for each text, whether the Gateway
 * is away or the model is slow. That it was told stands on the text's row, so that a restart does not tell
 * it again; and it is not sent once the text has left the inbox with its answer.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import type { Step } from "../bridge/steps.ts";
import { composeNotice } from "../outbound/compose.ts";
import type { InboxRow } from "../store/inbox_row.ts";
import type { Entry } from "../store/kv.ts";
import { sleep } from "../system/clock.ts";
import type { Agent } from "./agent.ts";
import { carryOut, type CarryOutParts, rewriteSurely } from "./carry_out.ts";

/** What is needed to wait for an agent. */
export interface WaitParts extends CarryOutParts {
  readonly agent: Pick<Agent, "isReady" | "ready">;
}

const AWAY =
  "Your text has arrived. The assistant is not available right now; the answer will come.";
const AT_WORK = "The assistant is still working on your text; the answer will come.";

/** How long until a text's sender is told, when the wait began at `sinceMs`; never is `Infinity`. */
function noticeInMs({ settings, clock }: BridgeContext, row: InboxRow, sinceMs: number): number {
  const { waitNoticeAfterMs } = settings().bridge;
  if (row.noticed || waitNoticeAfterMs === 0) return Infinity;
  // The clock of who took it in may be ahead.
  return Math.max(0, waitNoticeAfterMs - Math.max(0, clock.now() - sinceMs));
}

/** Waits for the Gateway, and tells the sender once when that takes long. */
export async function waitForAgent(
  parts: WaitParts,
  entry: Entry<InboxRow>,
): Promise<"ready" | Step> {
  const { agent, context } = parts;
  const { clock, stopping } = context;
  if (agent.isReady()) return "ready";
  const row = entry.value;
  const inMs = noticeInMs(context, row, row.receivedAtMs);
  const enough = new AbortController();
  const waits = [agent.ready(AbortSignal.any([stopping, enough.signal]))];
  if (inMs < Infinity) waits.push(sleep(clock, inMs, enough.signal));
  await Promise.race(waits);
  enough.abort();
  if (stopping.aborted) return "finished";
  if (agent.isReady()) return "ready";
  if (inMs < Infinity) {
    const reply = composeNotice(context, row, AWAY, { whileWaiting: row.id });
    return await carryOut(parts, entry, { kind: "rewrite", row: { ...row, noticed: true }, reply });
  }
  return "again";
}

/** A row of the inbox that is changed by one writer after the other. */
export interface HeldEntry {
  readonly current: Entry<InboxRow>;
  /** Makes a change after all others; what `write` throws is thrown, and the row stays as it was. */
  change(write: (current: Entry<InboxRow>) => Promise<Entry<InboxRow>>): Promise<void>;
}

/** Holds a row, as it was read, for several writers. */
export function holdEntry(entry: Entry<InboxRow>): HeldEntry {
  let current = entry;
  let last: Promise<unknown> = Promise.resolve();
  return {
    get current() {
      return current;
    },
    change(write) {
      const next = last.then(async () => {
        current = await write(current);
      });
      last = next.catch(() => {});
      return next;
    },
  };
}

/** Tells the sender of a text once when its turn takes long, until `end` is called. */
export function tellWhenSlow(parts: WaitParts, held: HeldEntry): { end(): Promise<void> } {
  const { agent, context } = parts;
  const { clock, stopping } = context;
  const { started } = held.current.value;
  const inMs = noticeInMs(context, held.current.value, started?.atMs ?? clock.now());
  let telling = Promise.resolve();
  let over = false;
  async function tell(): Promise<void> {
    await held.change(async (current) => {
      if (over || stopping.aborted) return current;
      const row: InboxRow = { ...current.value, noticed: true };
      const sentence = agent.isReady() ? AT_WORK : AWAY;
      const reply = composeNotice(context, row, sentence, { whileWaiting: row.id });
      return await rewriteSurely(parts, current, row, () => Promise.resolve({ reply })) ?? current;
    });
  }
  function due(): void {
    // A notice that could not be written is no reason to lose the answer.
    telling = tell().catch(({ name }) => {
      context.log.warn("turn.notice-failed", { reason: name });
    });
  }
  const cancel = inMs === Infinity ? () => {} : clock.after(inMs, due);
  return {
    end() {
      over = true;
      cancel();
      return telling;
    },
  };
}
