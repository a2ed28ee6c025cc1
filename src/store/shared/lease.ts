/**
 * The lease: which of several bridges answers. It is taken, renewed, given back, and taken over from a
 * holder that has not renewed it for a whole lease. A holder without a Gateway hands it over to one that
 * has some.
 *
 * No two clocks are ever compared. A bridge counts by its own steady clock how long the row has not changed;
 * the holder counts by its own from when it asked for the last renewal, and ends before that has run out.
 *
 * @module
 */
import { type LeaseRow, mayTake } from "../../policy/lease.ts";
import { type Clock, sleep, untilAborted } from "../../system/clock.ts";
import { errorText } from "../../system/failure.ts";
import {
  LEASE_MARGIN_MS,
  LEASE_MS,
  LEASE_OUTDONE_MS,
  LEASE_RENEW_MS,
  SHARED_LOOK_MS,
} from "../../system/limits.ts";
import type { Log } from "../../system/log.ts";
import type { Entry, Store } from "../kv.ts";
import type { Fence } from "./fence.ts";
import { EPOCH_KEY, LEASE_KEY } from "./rows.ts";
import { createTroubleLog, type TroubleLog } from "./trouble_log.ts";

/** What a lease is kept with. */
export interface LeaseParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Milliseconds of a clock that nobody sets. */
  readonly steadyMs: () => number;
  readonly log: Log;
  /** This run of this bridge. */
  readonly run: string;
  /** The run of this bridge that ended before this one began, however it ended; null when unknown. */
  readonly former: () => Promise<string | null>;
  readonly member: () => number;
  /** Whether another run than `former` can answer at this moment, and this one cannot. */
  readonly outdone: (former: string | null) => boolean;
}

/** The time in which a bridge holds the lease. */
export interface Term {
  readonly epoch: number;
  readonly fence: Fence;
  /** Whether it is certain, at this moment, that nobody else has taken it. */
  readonly holds: () => boolean;
  /** Aborts when it is not, and stays so. */
  readonly lost: AbortSignal;
}

/** What a bridge does while it holds the lease. */
export interface Work {
  /** Ends it; when it resolves, nothing more is done. */
  readonly end: () => Promise<void>;
}

/** What is known of the lease. */
export interface LeaseView {
  /** Whether this bridge holds it. */
  readonly held: boolean;
  /** As it was seen last; null before the first look. */
  readonly row: LeaseRow | null;
}

/** A lease that a bridge wants to hold. */
export interface Lease {
  /**
   * Takes the lease whenever it can be had, and has `begin` start the work, until `stopping` aborts. Then
   * the work is ended and the lease given back.
   */
  keep(begin: (term: Term) => Promise<Work>, stopping: AbortSignal): Promise<void>;
  view(): LeaseView;
}

interface Instant {
  readonly steadyMs: number;
  readonly wallMs: number;
}

/** A term as the lease keeps it. */
interface Held extends Term {
  readonly end: () => void;
  /** Aborts when another bridge is to hold the lease in its place. */
  readonly enough: AbortController;
  /** When the last renewal was asked for. */
  renewedAt: Instant;
  versionstamp: string;
}

class Keeper implements Lease {
  #parts: LeaseParts;
  #seen: { readonly entry: Entry<LeaseRow> | null; readonly sinceMs: number } | null = null;
  #held: Held | null = null;
  /** This run, and the one in whose place it came. */
  #selves: readonly string[] = [];
  /** Since when another bridge could have answered, and this one could not. */
  #outdoneSinceMs: number | null = null;
  /** Another is given the time in which it would have taken over from a holder that was killed. */
  #waitsUntilMs = 0;
  /** The epoch of the holder that was told of. */
  #told = 0;
  #unread: TroubleLog;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
    this.#unread = createTroubleLog(parts.log, "lease.not-read");
  }

  view(): LeaseView {
    return { held: this.#held?.holds() ?? false, row: this.#seen?.entry?.value ?? null };
  }

  async keep(begin: (term: Term) => Promise<Work>, stopping: AbortSignal): Promise<void> {
    const { clock, log, run, former } = this.#parts;
    this.#selves = [run, await former() ?? run];
    while (!stopping.aborted) {
      const held = await this.#tryToTake();
      if (held === null) {
        this.#tellStandby();
        await sleep(clock, SHARED_LOOK_MS, stopping);
        continue;
      }
      this.#held = held;
      this.#outdoneSinceMs = null;
      log.info("lease.taken", { epoch: held.epoch });
      const renewing = this.#renew(held);
      const work = await begin(held).catch((error) => {
        log.error("lease.not-begun", { error: errorText(error) });
        return null;
      });
      const { lost: gone, enough } = held;
      if (work !== null) await untilAborted(gone, stopping, enough.signal);
      const lost = gone.aborted;
      const handsOver = enough.signal.aborted;
      if (handsOver) log.warn("lease.handed-over", { epoch: held.epoch });
      await work?.end();
      held.end();
      await renewing;
      this.#held = null;
      if (lost) log.warn("lease.lost", { epoch: held.epoch });
      else await this.#giveBack(held);
      if (handsOver) this.#waitsUntilMs = this.#parts.steadyMs() + LEASE_MS;
      if (work === null) await sleep(clock, LEASE_RENEW_MS, stopping);
    }
  }

  /** Tells once of each holder that this bridge waits for its lease. */
  #tellStandby(): void {
    const row = this.#seen?.entry?.value;
    if (row === undefined || row.holder === null || row.epoch === this.#told) return;
    this.#told = row.epoch;
    this.#parts.log.info("lease.standby", { epoch: row.epoch, holder: row.member });
  }

  #now(): Instant {
    return { steadyMs: this.#parts.steadyMs(), wallMs: this.#parts.clock.now() };
  }

  /** How long ago, by whichever clock says more: one may have stood still while the machine slept. */
  #since({ steadyMs, wallMs }: Instant): number {
    const now = this.#now();
    return Math.max(now.steadyMs - steadyMs, Math.abs(now.wallMs - wallMs));
  }

  async #look(): Promise<Entry<LeaseRow> | null> {
    const entry = await this.#parts.store.get(LEASE_KEY);
    const known = this.#seen;
    if (known === null || known.entry?.versionstamp !== entry?.versionstamp) {
      this.#seen = { entry, sinceMs: this.#parts.steadyMs() };
    }
    return entry;
  }

  async #tryToTake(): Promise<Held | null> {
    try {
      const held = await this.#take();
      this.#unread.over();
      return held;
    } catch (error) {
      this.#unread.tell(error);
      return null;
    }
  }

  async #take(): Promise<Held | null> {
    const { store, run, member, steadyMs } = this.#parts;
    const entry = await this.#look();
    const row = entry?.value ?? null;
    const unchangedMs = steadyMs() - this.#seen!.sinceMs;
    if (!mayTake({ row, unchangedMs }, this.#selves, LEASE_MS)) return null;
    const outdone = this.#parts.outdone(row?.holder ?? null);
    if (outdone || steadyMs() < this.#waitsUntilMs) return null;
    const before = await store.get(EPOCH_KEY);
    const epoch = Math.max(row?.epoch ?? 0, before?.value ?? 0) + 1;
    const askedAt = this.#now();
    const value = { holder: run, epoch, member: member() };
    const versionstamp = await store.commit({
      check: [
        { key: LEASE_KEY, versionstamp: entry?.versionstamp ?? null },
        { key: EPOCH_KEY, versionstamp: before?.versionstamp ?? null },
      ],
      set: [
        { key: LEASE_KEY, value },
        { key: EPOCH_KEY, value: epoch },
      ],
    });
    if (versionstamp === null) return null;
    this.#seen = { entry: { key: LEASE_KEY, value, versionstamp }, sinceMs: steadyMs() };
    return this.#term(epoch, versionstamp, askedAt);
  }

  #term(epoch: number, versionstamp: string, askedAt: Instant): Held {
    const over = new AbortController();
    const held: Held = {
      epoch,
      versionstamp,
      renewedAt: askedAt,
      fence: { versionstamp, lost: () => over.abort() },
      holds: () => !over.signal.aborted && this.#since(held.renewedAt) < LEASE_MS - LEASE_MARGIN_MS,
      lost: over.signal,
      end: () => over.abort(),
      enough: new AbortController(),
    };
    return held;
  }

  /** Renews until the term is over, and ends it when that has not worked for too long. */
  async #renew(held: Held): Promise<void> {
    const { clock, store, run, member, log } = this.#parts;
    while (!held.lost.aborted) {
      await sleep(clock, LEASE_RENEW_MS, held.lost);
      if (held.lost.aborted) return;
      const askedAt = this.#now();
      const value = { holder: run, epoch: held.epoch, member: member() };
      const check = [{ key: LEASE_KEY, versionstamp: held.versionstamp }];
      // What is under way when the time is over is not waited for.
      const late = clock.after(this.#leftMs(held), () => {
        if (!held.holds()) held.end();
      });
      try {
        const renewed = await store.commit({ check, set: [{ key: LEASE_KEY, value }] });
        if (renewed === null) return held.end();
        held.versionstamp = renewed;
        held.renewedAt = askedAt;
      } catch (error) {
        log.warn("lease.not-renewed", { error: errorText(error) });
      } finally {
        late();
      }
      if (!held.holds()) held.end();
      if (this.#isOutdone()) held.enough.abort();
    }
  }

  /** Whether another could have answered all the time for so long that this is no passing trouble. */
  #isOutdone(): boolean {
    const nowMs = this.#parts.steadyMs();
    this.#outdoneSinceMs = this.#parts.outdone(null) ? this.#outdoneSinceMs ?? nowMs : null;
    return nowMs - (this.#outdoneSinceMs ?? nowMs) >= LEASE_OUTDONE_MS;
  }

  #leftMs({ renewedAt }: Held): number {
    return Math.max(0, LEASE_MS - LEASE_MARGIN_MS - this.#since(renewedAt));
  }

  /** Others need not wait for the lease to run out. */
  async #giveBack({ versionstamp, epoch }: Held): Promise<void> {
    const { store, member, log } = this.#parts;
    try {
      await store.commit({
        check: [{ key: LEASE_KEY, versionstamp }],
        // What is still on its way of this term is not carried out any more.
        set: [
          { key: LEASE_KEY, value: { holder: null, epoch, member: member() } },
          { key: EPOCH_KEY, value: epoch },
        ],
      });
      log.info("lease.given-back", { epoch });
    } catch (error) {
      log.warn("lease.not-given-back", { error: errorText(error) });
    }
  }
}

/** Makes the lease of a shared store. */
export function createLease(parts: LeaseParts): Lease {
  return new Keeper(parts);
}
