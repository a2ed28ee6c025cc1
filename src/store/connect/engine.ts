/**
 * An engine: a store on another machine, asked once for each call, which may be lost on either way.
 *
 * @module
 */
import { type Change, type Entry, type Key, type Range, StoreError } from "../kv.ts";

/** Rows that may be watched at one time. */
export const WATCHED_MAX = 10;

/** Rows of a list as far as one call gives them. */
export interface Page {
  readonly rows: readonly Entry<unknown>[];
  /** From where the next call goes on; null when there is no more. */
  readonly next: string | null;
}

/** A store on another machine. Its reads are strong: they see every commit that was answered before. */
export interface Engine {
  /** @throws {EngineError} */
  get(keys: readonly Key[]): Promise<readonly (Entry<unknown> | null)[]>;
  /** @throws {EngineError} */
  page(range: Range<unknown>, next: string | null): Promise<Page>;
  /**
   * Carries out a change; null when a check did not hold.
   *
   * @throws {EngineError} Which says whether it may have been carried out, now or a while later.
   */
  write(change: Change): Promise<string | null>;
  /**
   * Calls `changed` at the beginning, and from then on whenever one of at most {@linkcode WATCHED_MAX} rows
   * has changed, until `until` aborts. Left out where an engine cannot.
   *
   * @throws {EngineError} When the engine cannot, or tells nothing any more.
   */
  watch?(keys: readonly Key[], changed: () => void, until: AbortSignal): Promise<void>;
  close(): void;
}

const START_IT =
  "start the engine there; `sms-bridge config get bridge.store` shows the address in force";

/** The engine gave no answer, or refused. */
export class EngineError extends StoreError {
  override name = "EngineError";
  /** Whether it is of use to ask again, and a change may have been carried out. */
  readonly unknown: boolean;

  /** Makes one with the reason in words. */
  constructor(
    why: string,
    { unknown, cause, hint = START_IT }: {
      unknown: boolean;
      cause?: unknown;
      hint?: string | undefined;
    },
  ) {
    super(`Cannot use the store: ${why}`, { cause, hint });
    this.unknown = unknown;
  }
}
