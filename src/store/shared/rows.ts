/**
 * Rows that only a store has that several bridges share.
 *
 * @module
 */
import type { LeaseRow } from "../../policy/lease.ts";
import { below, bridgeKey } from "../keys.ts";

/** A bridge that runs. */
export interface MemberRow {
  /** This run of it. */
  readonly run: string;
  readonly version: string;
  /** Its machine and where it listens, for people. */
  readonly name: string;
  readonly startedAtMs: number;
  /** Whether it reaches its Gateway; older versions do not say, nor one that has just begun. */
  readonly canAnswer?: boolean;
  /** So that its row changes with every beat. */
  readonly beat: number;
}

/** Who answers, renewed all the time. */
export const LEASE_KEY = bridgeKey<LeaseRow>("lease");
/** Changes when the lease is taken or given back, and never else: what a holder writes is conditional on it. */
export const EPOCH_KEY = bridgeKey<number>("epoch");
/** Below it a row of each bridge, which changes whenever that one has put something into a queue. */
export const BELLS = bridgeKey<number>("bell");
/** The id of the last text that was taken in, by whichever bridge. */
export const LAST_TEXT_KEY = bridgeKey<number>("last-text");
/** There while a store is moved in: what has arrived is not all of it. */
export const MOVING_KEY = bridgeKey<number>("moving");
/** The bridges that run, by number. */
export const MEMBERS = bridgeKey<MemberRow>("member");
/** A bridge that runs. */
export const memberKey = (number: number) => below(MEMBERS, number);
/** The marks of commits, by run. */
export const MARKS = bridgeKey<string>("mark");
/** The mark of a commit: by it one whose answer was lost is told from one that failed. */
export const markKey = (run: string, slot: number) => below(MARKS, run, slot);
/** Of so many ids in a row each bridge takes one, by its number; those of texts are numbered 0. */
export const MEMBER_NUMBERS = 64;
/** The number of commands that write themselves, as no bridge runs on their machine. */
export const COMMAND_NUMBER = MEMBER_NUMBERS - 1;
