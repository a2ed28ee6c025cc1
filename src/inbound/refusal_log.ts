/**
 * The log of refused requests: at most a line a second, however many come.
 *
 * @module
 */
import { REFUSAL_LOG_INTERVAL_MS } from "../system/limits.ts";
import type { BridgeContext } from "../bridge/context.ts";

/** Tells the log what was refused at the door. */
export interface RefusalLog {
  /** Notes one refusal; `reason` is a word of a closed set. */
  note(reason: string): void;
}

/** Makes the log. Refusals that come too soon after a line are told with the next one, by their number. */
export function createRefusalLog({ clock, log }: Pick<BridgeContext, "clock" | "log">): RefusalLog {
  let toldAtMs = -Infinity;
  let untold = 0;
  return {
    note(reason) {
      untold++;
      const nowMs = clock.now();
      if (Math.abs(nowMs - toldAtMs) < REFUSAL_LOG_INTERVAL_MS) return;
      log.warn("webhook.refused", { reason, refused: untold });
      toldAtMs = nowMs;
      untold = 0;
    },
  };
}
