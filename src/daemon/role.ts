/**
 * The role of a bridge: it answers, always where the store is its own, else as long as it holds the lease.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import { createEar, createListener } from "../store/shared/bell.ts";
import { fenced } from "../store/shared/fence.ts";
import { createLease, type LeaseView, type Term, type Work } from "../store/shared/lease.ts";
import type { Members } from "../store/shared/members.ts";
import type { SharedStore } from "../store/shared/shared_store.ts";
import type { Store } from "../store/kv.ts";
import type { WaitingRow } from "../turn/converse.ts";
import { errorText } from "../system/failure.ts";
import type { BridgeStatus } from "../operations/status.ts";
import type { Answering } from "./answering.ts";

/** What a store is shared with. */
export interface Sharing {
  readonly store: SharedStore;
  readonly members: Members;
  /** This run of this bridge. */
  readonly run: string;
  /** The run of this bridge that ended before; asked once no other can run on the same state directory. */
  readonly former: () => Promise<string | null>;
  /** Milliseconds of a clock that nobody sets. */
  readonly steadyMs: () => number;
}

/** How often all of the queues is looked at: what others put there is not always told of. */
const LOOK_OF_ALL_MS = 30_000;

/** The role of a bridge. */
export interface Role {
  /** What answers; null while another bridge does. */
  readonly answering: Answering | null;
  start(): Promise<void>;
  /** Ends what is under way, once the signal to stop has come. */
  stop(): Promise<void>;
  /** Texts have been stored by this bridge, which are taken up in the order of the store. */
  look(): void;
  /** Who holds the lease; null where the store is this bridge's own. */
  view(): LeaseView | null;
  /** Who shares the store; undefined where it is this bridge's own. */
  bridges(): readonly BridgeStatus[] | undefined;
  /** Calls `told` whenever this bridge has begun or ceased to answer. */
  onChange(told: () => void): void;
}

/** The role of a bridge with a store of its own, in whose inbox these wait: they are handed over, and not kept. */
export function roleAlone(answering: Answering, waiting: WaitingRow[]): Role {
  return {
    answering,
    start: () => answering.start(waiting.splice(0)),
    stop: () => answering.drain(),
    look: () => {},
    view: () => null,
    bridges: () => undefined,
    onChange: () => {},
  };
}

/** What a shared role is made with. */
export interface SharedRoleParts {
  readonly sharing: Sharing;
  /** The store as this bridge sees it, without bell and fence. */
  readonly store: Store;
  readonly context: BridgeContext;
  readonly answeringOver: (context: BridgeContext) => Answering;
  /** Whether this bridge reaches its Gateway. */
  readonly canAnswer: () => boolean;
  /** The greatest id that any row has. */
  readonly lastId: () => Promise<number>;
}

/** Looks into the inbox for what has come, one look at a time. */
function createLooker({ log }: BridgeContext, { converser, deliverer }: Answering) {
  let wantedFrom: number | null = null;
  let last = 0;
  let running: Promise<void> | null = null;
  async function run(): Promise<void> {
    while (wantedFrom !== null) {
      const from = wantedFrom;
      wantedFrom = null;
      try {
        if (from === 0) await deliverer.look();
        last = Math.max(last, await converser.look(from));
      } catch (error) {
        // The next look is for this one too.
        log.warn("store.not-read", { error: errorText(error) });
        wantedFrom = 0;
        break;
      }
    }
    running = null;
  }
  const look = (from: number) => {
    wantedFrom = Math.min(wantedFrom ?? from, from);
    running ??= run();
  };
  return {
    all: () => look(0),
    newer: () => look(last + 1),
    /** Whether a look failed. */
    get owed() {
      return running === null && wantedFrom !== null;
    },
  };
}

/** The bridges; one that was started anew stands there once. */
function bridgesOf({ members, run }: Sharing, { row }: LeaseView): BridgeStatus[] {
  const all = members.view();
  const replaced = (name: string) => all.some((other) => other.there && other.name === name);
  return all.filter(({ there, name }) => there || !replaced(name)).map((one) => ({
    name: one.name,
    version: one.version,
    startedAtMs: one.startedAtMs,
    self: one.run === run,
    silentMs: one.silentMs,
    there: one.there,
    canAnswer: one.canAnswer,
    answers: one.run === row?.holder,
  }));
}

/** Whether another bridge reaches its Gateway than the one that held the lease before. */
const anotherCan = ({ members, run }: Sharing, former: string | null) =>
  members.view().some((one) =>
    one.run !== run && one.run !== former && one.canAnswer && one.wasThere
  );

/** The role of a bridge that shares its store. */
export function roleShared(parts: SharedRoleParts): Role {
  const { sharing, store, context, canAnswer } = parts;
  const { members, run, former, steadyMs } = sharing;
  const { clock, log, stopping } = context;
  const lease = createLease({
    store,
    clock,
    steadyMs,
    log,
    run,
    former,
    member: members.number,
    outdone: (former) => !canAnswer() && anotherCan(sharing, former),
  });
  const told: (() => void)[] = [];
  const background: Promise<void>[] = [];
  let answering: Answering | null = null;
  let looker: ReturnType<typeof createLooker> | null = null;

  async function listen(until: AbortSignal): Promise<void> {
    const hasRung = createListener(store, members.number);
    const ear = createEar({ store: sharing.store, member: members.number, clock, until });
    let lookedAtMs = -Infinity;
    while (!until.aborted) {
      // A commit that was told as failed may have been carried out later, and nobody rang for it.
      const late = steadyMs() - lookedAtMs >= LOOK_OF_ALL_MS;
      try {
        if (await hasRung() || looker?.owed || late) {
          looker?.all();
          if (late) lookedAtMs = steadyMs();
        }
      } catch {
        // The lease is not renewed either, and says so.
      }
      await ear.next();
    }
    await ear.ended;
  }
  async function begin({ fence, holds, lost }: Term): Promise<Work> {
    const over = new AbortController();
    const until = AbortSignal.any([stopping, lost, over.signal]);
    context.sequence.raise(await parts.lastId());
    const now = parts.answeringOver({
      ...context,
      store: fenced(store, fence),
      stopping: until,
      holds,
    });
    async function end(): Promise<void> {
      over.abort();
      answering = null;
      looker = null;
      told.forEach((tell) => tell());
      await now.drain();
    }
    looker = createLooker(context, now);
    answering = now;
    try {
      await now.start();
    } catch (error) {
      // Some of it has begun, and must have ended before another may begin.
      await end();
      throw error;
    }
    const listening = listen(until);
    told.forEach((tell) => tell());
    return {
      async end() {
        await end();
        await listening;
      },
    };
  }
  return {
    get answering() {
      return answering;
    },
    start() {
      background.push(lease.keep(begin, stopping), members.keep(stopping, canAnswer));
      return Promise.resolve();
    },
    async stop() {
      await Promise.all(background);
      await members.leave();
    },
    look: () => looker?.newer(),
    view: () => lease.view(),
    bridges: () => bridgesOf(sharing, lease.view()),
    onChange: (tell) => void told.push(tell),
  };
}
