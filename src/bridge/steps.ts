/**
 * Steps: work on one row that is looked at again until nothing is left to do.
 *
 * @module
 */
import { sleep } from "../system/clock.ts";
import { STEP_RETRY_MS } from "../system/limits.ts";
import type { BridgeContext } from "./context.ts";
import { errorText } from "../system/failure.ts";

/** What has to happen next with a row: nothing, or another look at it. */
export type Step = "finished" | "again";

/**
 * Looks until the work is finished. What is thrown (a full disk, say) is logged under `event` and tried
 * again after a pause: the row is on disk and must not wait for a restart.
 */
export async function untilFinished(
  { clock, log, stopping }: Pick<BridgeContext, "clock" | "log" | "stopping">,
  event: string,
  look: () => Promise<Step>,
): Promise<void> {
  for (;;) {
    try {
      if (await look() === "finished") return;
    } catch (error) {
      log.error(event, { error: errorText(error) });
      await sleep(clock, STEP_RETRY_MS, stopping);
      if (stopping.aborted) return;
    }
  }
}
