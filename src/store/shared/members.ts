/**
 * The bridges that share a store: each has a number as long as it runs, and says again and again that it
 * does.
 *
 * @module
 */
import { type Clock, sleep } from "../../system/clock.ts";
import { MEMBER_AWAY_MS, MEMBER_BEAT_MS, MEMBER_TTL_MS } from "../../system/limits.ts";
import type { Log } from "../../system/log.ts";
import { printable } from "../../system/redact.ts";
import { type Store, StoreError } from "../kv.ts";
import { COMMAND_NUMBER, memberKey, type MemberRow, MEMBERS } from "./rows.ts";
import { createTroubleLog } from "./trouble_log.ts";

/** So much of what another bridge says of itself is shown. */
const NAME_CHARS_MAX = 80;

/** What a bridge says of itself. */
export type MemberFacts = Omit<MemberRow, "beat" | "canAnswer">;

/** What the list of bridges is kept with. */
export interface MembersParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly steadyMs: () => number;
  readonly log: Log;
  readonly self: MemberFacts;
}

/** A bridge as another sees it. */
export interface MemberView extends MemberFacts {
  readonly number: number;
  /** Whether it reaches its Gateway, by what it said last; null when it has not said. */
  readonly canAnswer: boolean | null;
  /** Since it was heard of last, as far as this bridge has looked. */
  readonly silentMs: number;
  /** Whether it was heard of of late. */
  readonly there: boolean;
  /** Whether it was, when this bridge looked last: one that was paused itself knows no more. */
  readonly wasThere: boolean;
}

/** The bridges that share a store, one of them this. */
export interface Members {
  /** This bridge's number. */
  readonly number: () => number;
  view(): readonly MemberView[];
  /** Says that this bridge runs, and whether it `canAnswer`, until `stopping` aborts. */
  keep(stopping: AbortSignal, canAnswer: () => boolean): Promise<void>;
  /** Gives the number back. */
  leave(): Promise<void>;
}

interface Seen {
  readonly row: MemberRow;
  readonly versionstamp: string;
  readonly sinceMs: number;
}

class Roll implements Members {
  #parts: MembersParts;
  #seen = new Map<number, Seen>();
  #lookedAtMs = 0;
  #number = COMMAND_NUMBER;
  #versionstamp: string | null = null;
  #beat = 0;
  #canAnswer: (() => boolean) | null = null;

  constructor(parts: MembersParts) {
    this.#parts = parts;
  }

  readonly number = () => this.#number;

  view(): MemberView[] {
    const nowMs = this.#parts.steadyMs();
    return [...this.#seen].map(([number, { row: { beat: _, ...facts }, sinceMs }]) => ({
      number,
      ...facts,
      canAnswer: facts.canAnswer ?? null,
      silentMs: Math.round(nowMs - sinceMs),
      name: printable(facts.name, NAME_CHARS_MAX),
      version: printable(facts.version, NAME_CHARS_MAX),
      there: nowMs - sinceMs < MEMBER_AWAY_MS,
      wasThere: this.#lookedAtMs - sinceMs < MEMBER_AWAY_MS,
    }));
  }

  /** Takes the first number that is free. @throws {StoreError} When none is. */
  async join(): Promise<void> {
    for (;;) {
      await this.#look();
      const numbers = Array.from({ length: COMMAND_NUMBER - 1 }, (_, i) => i + 1);
      const free = numbers.find((number) => !this.#seen.has(number));
      if (free === undefined) {
        throw new StoreError("Cannot use the store: too many bridges share it");
      }
      if (await this.#write(free, null)) return await this.#look();
    }
  }

  async keep(stopping: AbortSignal, canAnswer: () => boolean): Promise<void> {
    const { clock, log } = this.#parts;
    this.#canAnswer = canAnswer;
    const away = createTroubleLog(log, "store.not-beaten");
    for (;;) {
      await sleep(clock, MEMBER_BEAT_MS, stopping);
      if (stopping.aborted) return;
      try {
        // One that was away for long has lost its number, perhaps to another.
        if (!await this.#write(this.#number, this.#versionstamp)) await this.join();
        await this.#look();
        away.over();
      } catch (error) {
        away.tell(error);
      }
    }
  }

  async leave(): Promise<void> {
    const key = memberKey(this.#number);
    const check = [{ key, versionstamp: this.#versionstamp }];
    await this.#parts.store.commit({ check, delete: [key] }).catch(() => {});
  }

  async #write(number: number, versionstamp: string | null): Promise<boolean> {
    const key = memberKey(number);
    const canAnswer = this.#canAnswer === null ? {} : { canAnswer: this.#canAnswer() };
    const value: MemberRow = { ...this.#parts.self, ...canAnswer, beat: ++this.#beat };
    const written = await this.#parts.store.commit({
      check: [{ key, versionstamp }],
      set: [{ key, value, expireInMs: MEMBER_TTL_MS }],
    });
    if (written === null) return false;
    this.#number = number;
    this.#versionstamp = written;
    return true;
  }

  async #look(): Promise<void> {
    const nowMs = this.#parts.steadyMs();
    const now = new Map<number, Seen>();
    for await (const { key, value, versionstamp } of this.#parts.store.list({ prefix: MEMBERS })) {
      const number = Number(key.at(-1));
      const before = this.#seen.get(number);
      const same = before?.versionstamp === versionstamp;
      now.set(number, { row: value, versionstamp, sinceMs: same ? before.sinceMs : nowMs });
    }
    this.#seen = now;
    this.#lookedAtMs = nowMs;
  }
}

/** Joins the bridges that share a store. @throws {StoreError} */
export async function joinMembers(parts: MembersParts): Promise<Members> {
  const roll = new Roll(parts);
  await roll.join();
  return roll;
}
