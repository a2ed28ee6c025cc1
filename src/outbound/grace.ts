/**
 * Grace: how long a message must be missing from Twilio's list before that means that it was not sent.
 *
 * It is measured by a timer of this process, not by the time of day, which may be corrected meanwhile;
 * what a former process sent is given the whole of it again.
 *
 * @module
 */
import { type Clock, sleep } from "../system/clock.ts";
import { SEND_ABSENCE_GRACE_MS } from "../system/limits.ts";

/** The time of grace of each send whose answer is not known. */
export interface Grace {
  /** A request of this row leaves now. */
  begin(id: number): void;
  /** Whether the time is over; `begin` is made up for when a former process sent it. */
  isOver(id: number): boolean;
  /** Resolves when the time is over, or when the bridge stops. */
  over(id: number): Promise<void>;
  /** The fate of the row's send is known. */
  end(id: number): void;
}

interface Span {
  readonly passed: Promise<void>;
  isOver: boolean;
}

/** Makes the graces of an outbox. */
export function createGrace(clock: Clock, stopping: AbortSignal): Grace {
  const spans = new Map<number, Span>();
  function begin(id: number): Span {
    const span: Span = { passed: sleep(clock, SEND_ABSENCE_GRACE_MS, stopping), isOver: false };
    spans.set(id, span);
    span.passed.then(() => span.isOver = true);
    return span;
  }
  const spanOf = (id: number) => spans.get(id) ?? begin(id);
  return {
    begin,
    isOver: (id) => spanOf(id).isOver,
    over: (id) => spanOf(id).passed,
    end: (id) => void spans.delete(id),
  };
}
