/**
 * The fake Gateway's memory: transcripts that outlive a restart and runs that do not.
 *
 * @module
 */
import { encodeHex } from "@std/encoding/hex";
import { type Clock, sleep } from "../system/clock.ts";
import type { Random } from "../system/random.ts";
import type { Dialect } from "./gateway_dialects.ts";
import type { Asks, Plan } from "./gateway_replies.ts";

/** A row of a transcript, as `chat.history` shows it. */
export type TranscriptRow = Record<string, unknown>;

/** A run's end, as the second answer of `agent` carries it. */
export type RunResult =
  | { readonly ok: true; readonly payload: Record<string, unknown> }
  | { readonly ok: false; readonly error: Record<string, unknown> };

/** A file that came with a text. */
export interface TurnFile {
  readonly mimeType: string;
  readonly fileName: string;
  /** Base64. */
  readonly content: string;
}

/** Where the Gateway would deliver what is said in a session. */
export interface Route {
  readonly channel: string;
  readonly to: string;
  readonly accountId: string;
}

/** A turn that was begun. */
export interface BegunTurn {
  readonly key: string;
  readonly sessionKey: string;
  readonly message: string;
  readonly attachments: readonly TurnFile[];
  /** Whether the model was offered the tools of an owner. */
  readonly ownerTools?: boolean;
}

/** A text to be answered. */
export interface Asked extends BegunTurn {
  readonly plan: Plan;
  /** Whether it came by `chat.send`. */
  readonly byChat?: boolean;
  /** Of the connection that it came by. */
  readonly scopes: readonly string[];
}

/** A run: one text being answered. */
export interface Run {
  readonly runId: string;
  readonly sessionKey: string;
  readonly asked: Asked;
  readonly done: Promise<RunResult | "interrupted">;
  readonly stopped: AbortController;
  endedAtMs: number | null;
  result: RunResult | null;
  began: boolean;
}

/** Everything that was said, by session. */
export interface Sessions {
  /** Queues a text; runs of one session follow one another. */
  begin(asked: Asked): Run;
  run(runId: string): Run | undefined;
  /** Whether a run was taken, and lost before it began as the process died: its key serves no more. */
  isOrphan(runId: string): boolean;
  /** Has a session be at work with something of its own: who asks next is refused. */
  change(sessionKey: string): void;
  /** Whether a session has been, as a restart cut its work short: true once, for who asks first. */
  takeChanged(sessionKey: string): boolean;
  rows(sessionKey: string): readonly TranscriptRow[];
  /** Runs that have not ended, of one session. */
  active(sessionKey: string): readonly Run[];
  /** Ends the runs of a session that have not ended, as `/stop` does; returns them. */
  stop(sessionKey: string): readonly Run[];
  /** Notes a command with its answer. */
  note(sessionKey: string, command: string, answer: string, key: string): void;
  /** Begins a session anew. */
  reset(sessionKey: string): void;
  /** Ends all runs as a dying process does; `recover` goes on with those that had begun. */
  interrupt(): { recover: () => void };
  /** Appends an assistant row that nobody asked for. */
  say(sessionKey: string, text: string, runId: string): void;
  /** Appends what somebody typed in another client, or what the Gateway itself asks the model. */
  prompt(sessionKey: string, text: string, runId: string, provenance?: string): void;
  /** Plays another session's message, its answer, and what the release has follow. */
  hear(sessionKey: string, message: string, answer: string): void;
  /** Plays a scheduled job in a session. */
  job(sessionKey: string, message: string, answer: string): void;
  /** How a session was last written to from a channel. */
  route(sessionKey: string): Route | null;
  setRoute(sessionKey: string, route: Route): void;
  /** All agent turns that were begun, in order: what a checker counts. */
  readonly turns: readonly BegunTurn[];
  /** Keys of the turns that were cut off. */
  readonly interrupted: ReadonlySet<string>;
}

/** Whose turn asks. */
export interface AskingRun {
  readonly runId: string;
  readonly sessionKey: string;
  readonly route: Route | null;
  /** Of the connection that began the turn. */
  readonly scopes: readonly string[];
}

/** What sessions need. */
export interface SessionParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly dialect: Dialect;
  /** Has a run ask something, and gives what its tool was told. */
  readonly ask: (run: AskingRun, asks: Asks) => Promise<string>;
  /** Called with every new row. */
  readonly onRow: (sessionKey: string, row: TranscriptRow) => void;
  /** How long a text is held before it is written down; not at all when left out. */
  readonly beginAfterMs?: number | undefined;
}

const INTERRUPTED =
  "[System] Your previous turn was interrupted by a gateway restart. Continue where you left off.";

function newId(random: Random): string {
  return encodeHex(random.bytes(8));
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

class Memory implements Sessions {
  readonly turns: BegunTurn[] = [];
  readonly interrupted = new Set<string>();
  #parts: SessionParts;
  #transcripts = new Map<string, TranscriptRow[]>();
  #tails = new Map<string, Promise<unknown>>();
  #runs = new Map<string, Run>();
  #routes = new Map<string, Route>();
  #orphans = new Set<string>();
  #changed = new Set<string>();
  #power = new AbortController();

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  begin(asked: Asked): Run {
    const { key: runId, sessionKey } = asked;
    const off = this.#power.signal;
    const ended = Promise.withResolvers<RunResult | "interrupted">();
    const run: Run = {
      runId,
      sessionKey,
      asked,
      done: ended.promise,
      stopped: new AbortController(),
      endedAtMs: null,
      result: null,
      began: false,
    };
    const before = this.#tails.get(sessionKey) ?? Promise.resolve();
    before.then(() => this.#answer(run, off)).then((result) => {
      if (result !== "interrupted") {
        run.result = result;
        run.endedAtMs = this.#parts.clock.now();
      }
      ended.resolve(result);
    });
    this.#tails.set(sessionKey, run.done);
    this.#runs.set(runId, run);
    return run;
  }

  run(runId: string): Run | undefined {
    return this.#runs.get(runId);
  }

  isOrphan(runId: string): boolean {
    return this.#orphans.has(runId);
  }

  change(sessionKey: string): void {
    this.#changed.add(sessionKey);
  }

  takeChanged(sessionKey: string): boolean {
    return this.#changed.delete(sessionKey);
  }

  rows(sessionKey: string): readonly TranscriptRow[] {
    return this.#transcripts.get(sessionKey) ?? [];
  }

  active(sessionKey: string): readonly Run[] {
    const runs = [...this.#runs.values()];
    return runs.filter((run) => run.sessionKey === sessionKey && run.endedAtMs === null);
  }

  stop(sessionKey: string): readonly Run[] {
    const runs = this.active(sessionKey);
    for (const run of runs) run.stopped.abort();
    return runs;
  }

  note(sessionKey: string, command: string, answer: string, key: string): void {
    this.#append(sessionKey, { role: "user", content: command, idempotencyKey: `${key}:user` });
    const content = [{ type: "text", text: answer }];
    const row = { role: "assistant", content, stopReason: "stop", model: "gateway-injected" };
    this.#append(sessionKey, { ...row, idempotencyKey: key });
  }

  reset(sessionKey: string): void {
    this.#transcripts.delete(sessionKey);
  }

  interrupt(): { recover: () => void } {
    const cut = [...this.#runs.values()].filter((run) => run.began && run.endedAtMs === null);
    for (const run of this.#runs.values()) {
      if (run.endedAtMs === null) this.change(run.sessionKey);
      if (!run.began) this.#orphans.add(run.runId);
    }
    for (const { runId } of cut) this.interrupted.add(runId);
    this.#runs.clear();
    this.#tails.clear();
    this.#power.abort();
    this.#power = new AbortController();
    return { recover: () => cut.forEach((run) => this.#recover(run)) };
  }

  say(sessionKey: string, text: string, runId: string): void {
    const content = [{ type: "text", text }];
    this.#append(sessionKey, { role: "assistant", content, stopReason: "stop" }, runId);
  }

  prompt(sessionKey: string, text: string, runId: string, provenance?: string): void {
    const asked = { content: text, idempotencyKey: `${runId}:user` };
    this.#append(
      sessionKey,
      provenance === undefined
        ? { role: "user", ...asked }
        : { role: "assistant", ...asked, provenance: { kind: provenance } },
    );
  }

  hear(sessionKey: string, message: string, answer: string): void {
    const { random, dialect: { sessionsTalkOn } } = this.#parts;
    const turns = [[message, answer]];
    if (sessionsTalkOn) turns.push([`re: ${answer}`, "thank you"], ["welcome", "bye"]);
    for (const [text, reply] of turns) {
      const runId = newId(random);
      const provenance = { kind: "inter_session", sourceSessionKey: "agent:main:other" };
      const key = `${runId}:user`;
      this.#append(sessionKey, {
        role: "assistant",
        content: text,
        idempotencyKey: key,
        provenance,
      });
      this.say(sessionKey, reply!, runId);
    }
    this.say(sessionKey, `I said: ${answer}`, newId(random));
  }

  job(sessionKey: string, message: string, answer: string): void {
    const { random, dialect: { marksJobs } } = this.#parts;
    const prompt = `[cron:job-1 daily] ${message}`;
    if (marksJobs) this.prompt(sessionKey, prompt, newId(random), "internal_system");
    else this.#append(sessionKey, { role: "user", content: prompt });
    this.say(sessionKey, answer, newId(random));
  }

  route(sessionKey: string): Route | null {
    return this.#routes.get(sessionKey) ?? null;
  }

  setRoute(sessionKey: string, route: Route): void {
    this.#routes.set(sessionKey, route);
  }

  #append(sessionKey: string, row: TranscriptRow, runId?: string, keyed = false): void {
    const { clock, random, onRow, dialect: { namesRuns } } = this.#parts;
    const rows = this.#transcripts.get(sessionKey) ?? [];
    this.#transcripts.set(sessionKey, rows);
    const run = runId && namesRuns ? { runId } : {};
    const origin = { id: newId(random), seq: rows.length + 1, ...run };
    const { idempotencyKey: _, ...unkeyed } = row;
    const full = {
      ...(namesRuns || keyed ? row : unkeyed),
      timestamp: clock.now(),
      "__openclaw": origin,
    };
    rows.push(full);
    onRow(sessionKey, full);
  }

  #recover(run: Run): void {
    if (!this.#parts.dialect.keepsInterrupted) this.#takeBack(run);
    this.#append(run.sessionKey, { role: "user", content: INTERRUPTED });
    this.say(run.sessionKey, run.asked.plan.text, newId(this.#parts.random));
  }

  /** Has a run ask; null where the release ends it, and another goes on once it is answered. */
  async #ask(
    { runId, sessionKey }: Run,
    asks: Asks,
    scopes: readonly string[],
  ): Promise<string | null> {
    const { ask, random, dialect: { waitsForApprovals } } = this.#parts;
    const told = ask({ runId, sessionKey, route: this.route(sessionKey), scopes }, asks);
    if (waitsForApprovals || asks.kind !== "exec") return await told;
    told.then((answer) => {
      const next = `exec-approval-followup:${newId(random)}:nonce:${newId(random)}`;
      const provenance = { kind: "inter_session", sourceSessionKey: sessionKey };
      const idempotencyKey = `${next}:user`;
      const content = "An async command the user already approved has completed.";
      this.#append(sessionKey, { role: "user", content, idempotencyKey, provenance });
      this.say(sessionKey, `tool said: ${answer}`, next);
    });
    return null;
  }

  /** Takes the text of a run out of its transcript. */
  #takeBack({ sessionKey, asked }: Run): void {
    const rows = this.#transcripts.get(sessionKey) ?? [];
    const at = rows.findLastIndex(({ role, content }) =>
      role === "user" && content === asked.message
    );
    if (at >= 0) rows.splice(at, 1);
  }

  async #answer(run: Run, off: AbortSignal): Promise<RunResult | "interrupted"> {
    const { runId, sessionKey, asked } = run;
    const { plan, byChat = false, scopes, ...turn } = asked;
    const { clock, beginAfterMs = 0, dialect: { stopReason } } = this.#parts;
    if (beginAfterMs > 0) await sleep(clock, beginAfterMs, off);
    if (off.aborted) return "interrupted";
    run.began = true;
    this.turns.push(turn);
    this.#append(
      sessionKey,
      {
        role: "user",
        content: turn.message,
        idempotencyKey: `${runId}:user`,
      },
      undefined,
      byChat,
    );
    if (plan.delayMs > 0) {
      const ends = AbortSignal.any([off, run.stopped.signal]);
      await sleep(this.#parts.clock, plan.delayMs, ends);
    }
    if (off.aborted) return "interrupted";
    if (run.stopped.signal.aborted) {
      const payload = { runId, status: "timeout", summary: "aborted", stopReason };
      return { ok: true, payload };
    }
    const told = plan.asks && !run.stopped.signal.aborted
      ? await this.#ask(run, plan.asks, scopes)
      : undefined;
    if (off.aborted) return "interrupted";
    if (plan.failure !== null) {
      const idempotencyKey = `${runId}:terminal-error`;
      const row = { role: "assistant", content: [], stopReason: "error", idempotencyKey };
      this.#append(sessionKey, row);
      return failure(plan.failure);
    }
    const { mediaUrls } = plan;
    const text = told === undefined ? plan.text : `tool said: ${told ?? "Approval required"}`;
    this.say(sessionKey, text + mediaUrls.map((url) => `\nMEDIA:${url}`).join(""), runId);
    if (told === null) {
      return { ok: true, payload: { runId, status: "ok", result: { payloads: [], meta: {} } } };
    }
    const files = mediaUrls.length > 0 ? { mediaUrls } : {};
    const payloads = [{ text, mediaUrl: mediaUrls[0] ?? null, ...files }];
    const result = { payloads, meta: {} };
    return { ok: true, payload: { runId, status: "ok", summary: "completed", result } };
  }
}

/** Makes an empty memory. */
export function createSessions(parts: SessionParts): Sessions {
  return new Memory(parts);
}
