/**
 * Trouble that comes again with each look, such as a store that is away: a reason is logged once.
 *
 * @module
 */
import { errorText } from "../../system/failure.ts";
import type { Log } from "../../system/log.ts";

/** Logs what goes wrong, each reason once, until it goes well again. */
export interface TroubleLog {
  tell(error: unknown): void;
  over(): void;
}

/** Makes a log of one kind of trouble, under the name of its event. */
export function createTroubleLog(log: Pick<Log, "warn">, event: string): TroubleLog {
  let told: string | null = null;
  return {
    tell(error) {
      const trouble = errorText(error);
      if (trouble !== told) log.warn(event, { error: trouble });
      told = trouble;
    },
    over() {
      told = null;
    },
  };
}
