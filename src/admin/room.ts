/**
 * What a room of the admin page is: a path, a title, and what stands there.
 *
 * @module
 */
import type { InputOf, OperationName, OutputOf } from "../operations/operations.ts";
import type { Balance } from "../operations/spend_operations.ts";
import type { Check } from "../checks/check.ts";
import type { SpendReport } from "../operations/spend.ts";
import type { PersonView } from "../operations/people_view.ts";
import type { Status } from "../operations/status.ts";
import type { AdminSession } from "./session.ts";

/** What the doctor said last. */
export interface Diagnosis {
  readonly atMs: number;
  readonly checks: readonly Check[];
  /** Why it could not look; null when it could. */
  readonly trouble: string | null;
}

/** What takes long to read, and is read again behind the page when it does. */
export interface SlowViews {
  status(): Promise<Status>;
  people(): Promise<readonly PersonView[]>;
  /** By person, this month. */
  spenders(): Promise<SpendReport>;
  /** What was left at Twilio of late; null until it has answered. */
  balances(): readonly Balance[] | null;
  /** What the doctor said last; null when it was not asked. */
  diagnosis(): Diagnosis | "running" | null;
}

/** What a room is made from. */
export interface RoomParts extends SlowViews {
  /** Asks the bridge. @throws {Failure} */
  ask<Name extends OperationName>(name: Name, input: InputOf<Name>): Promise<OutputOf<Name>>;
  readonly session: AdminSession;
  readonly query: URLSearchParams;
  readonly nowMs: number;
}

/** A room. */
export interface Room {
  readonly path: string;
  readonly title: string;
  /** What stands there, as HTML. */
  render(parts: RoomParts): Promise<string>;
}
