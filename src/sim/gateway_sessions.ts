/**
 * The fake Gateway's memory: transcripts that outlive a restart and runs that do not.
 *
 * @module
 */
import { type Clock, sleep } from "../system/clock.ts";
import type { Random } from "../system/random.ts";
import type { Plan } from "./gateway_replies.ts";

/** A row of a transcript, as `chat.history` shows it. */
export type TranscriptRow = Record<string, unknown>;

/** A run's end, as the second answer of `agent` carries it. */
export type RunResult =
  | { readonly ok: true; readonly payload: Record<string, unknown> }
  | { readonly ok: false; readonly error: Record<string, unknown> };

/** A run: one text being answered. */
export interface Run {
  readonly runId: string;
  readonly sessionKey: string;
  readonly message: string;
  readonly plan: Plan;
  readonly done: Promise<RunResult | "interrupted">;
  endedAtMs: number | null;
  result: RunResult | null;
  began: boolean;
}

/** Everything that was said, by session. */
export interface Sessions {
  /** Queues a text; runs of one session follow one another. */
  begin(runId: string, sessionKey: string, message: string, plan: Plan): Run;
  run(runId: string): Run | undefined;
  rows(sessionKey: string): readonly TranscriptRow[];
  /** Runs that have not ended, of one session. */
  active(sessionKey: string): readonly Run[];
  /** Ends all runs as a dying process does; `recover` goes on with those that had begun. */
  interrupt(): { recover: () => void };
  /** Appends an assistant row that nobody asked for. */
  say(sessionKey: string, text: string, runId: string): void;
  /** All agent turns that were begun, in order: what a checker counts. */
  readonly turns: readonly {
    readonly key: string;
    readonly sessionKey: string;
    readonly message: string;
  }[];
}

/** What sessions need. */
export interface SessionParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Called with every new row. */
  readonly onRow: (sessionKey: string, row: TranscriptRow) => void;
}

const INTERRUPTED =
  "[System] Your previous turn was interrupted by a gateway restart. Continue where you left off.";

function newId(random: Random): string {
  return [...random.bytes(8)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function failure(status: number): RunResult {
  return {
    ok: false,
    error: {
      code: "UNAVAILABLE",
      message: `fake/fake-1 request failed (HTTP ${status}). This is usually temporary.`,
    },
  };
}

/** Makes an empty memory. */
export function createSessions({ clock, random, onRow }: SessionParts): Sessions {
  const transcripts = new Map<string, TranscriptRow[]>();
  const tails = new Map<string, Promise<unknown>>();
  const turns: { key: string; sessionKey: string; message: string }[] = [];
  let runs = new Map<string, Run>();
  let power = new AbortController();

  function append(sessionKey: string, row: TranscriptRow, runId?: string): void {
    const rows = transcripts.get(sessionKey) ?? [];
    transcripts.set(sessionKey, rows);
    const origin = { id: newId(random), seq: rows.length + 1, ...(runId ? { runId } : {}) };
    const full = { ...row, timestamp: clock.now(), "__openclaw": origin };
    rows.push(full);
    onRow(sessionKey, full);
  }
  function reply(sessionKey: string, text: string, runId: string): void {
    const content = [{ type: "text", text }];
    append(sessionKey, { role: "assistant", content, stopReason: "stop" }, runId);
  }

  async function answer(
    run: Run,
    off: AbortSignal,
  ): Promise<RunResult | "interrupted"> {
    const { plan } = run;
    if (off.aborted) return "interrupted";
    run.began = true;
    turns.push({ key: run.runId, sessionKey: run.sessionKey, message: run.message });
    const user = { role: "user", content: run.message, idempotencyKey: `${run.runId}:user` };
    append(run.sessionKey, user);
    if (plan.delayMs > 0) await sleep(clock, plan.delayMs, off);
    if (off.aborted) return "interrupted";
    if (plan.failure !== null) {
      const key = `${run.runId}:terminal-error`;
      append(run.sessionKey, {
        role: "assistant",
        content: [],
        stopReason: "error",
        idempotencyKey: key,
      });
      return failure(plan.failure);
    }
    const media = plan.mediaUrls.map((url) => `\nMEDIA:${url}`).join("");
    reply(run.sessionKey, plan.text + media, run.runId);
    const payload = {
      text: plan.text,
      mediaUrl: plan.mediaUrls[0] ?? null,
      ...(plan.mediaUrls.length > 0 ? { mediaUrls: plan.mediaUrls } : {}),
    };
    const result = { payloads: [payload], meta: {} };
    return { ok: true, payload: { runId: run.runId, status: "ok", summary: "completed", result } };
  }

  function recover(run: Run): void {
    append(run.sessionKey, { role: "user", content: INTERRUPTED });
    reply(run.sessionKey, run.plan.text, newId(random));
  }

  return {
    turns,
    begin(runId, sessionKey, message, plan) {
      const off = power.signal;
      const run: Omit<Run, "done"> & { done?: Run["done"] } = {
        runId,
        sessionKey,
        message,
        plan,
        endedAtMs: null,
        result: null,
        began: false,
      };
      const before = tails.get(sessionKey) ?? Promise.resolve();
      run.done = before.then(() => answer(run as Run, off)).then((result) => {
        if (result !== "interrupted") {
          run.result = result;
          run.endedAtMs = clock.now();
        }
        return result;
      });
      tails.set(sessionKey, run.done);
      runs.set(runId, run as Run);
      return run as Run;
    },
    run: (runId) => runs.get(runId),
    rows: (sessionKey) => transcripts.get(sessionKey) ?? [],
    active: (sessionKey) =>
      [...runs.values()].filter((run) => run.sessionKey === sessionKey && run.endedAtMs === null),
    interrupt() {
      const cut = [...runs.values()].filter((run) => run.began && run.endedAtMs === null);
      runs = new Map();
      tails.clear();
      power.abort();
      power = new AbortController();
      return { recover: () => cut.forEach(recover) };
    },
    say: reply,
  };
}
