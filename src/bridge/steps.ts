/**
 * Steps: work on one row that is looked at again until nothing is left to do.
 *
 * @module
 */
import { isStoreTrouble } from "../store/kv.ts";
import { sleep } from "../system/clock.ts";
import { STEP_RETRY_MS } from "../system/limits.ts";
import type { BridgeContext } from "./context.ts";
import { errorText } from "../system/failure.ts";

/** A row that fails so often will fail for ever. */
const THROWN_MAX = 3;

/** What has to happen next with a row: nothing, or another look at it. */
export type Step = "finished" | "again";

/**
 * Looks until the work is finished. What is thrown (a full disk, say) is logged under `event` and tried
 * again after a pause: the row is on disk and must not wait for a restart. What was thrown three times, and
 * is no fault of the disk, lies in the row itself: then it is given up.
 *
 * Returns whether the store did not answer meanwhile: then a commit may have been carried out that was not
 * told of.
 */
export async function untilFinished(
  { clock, log, stopping }: Pick<BridgeContext, "clock" | "log" | "stopping">,
  event: string,
  look: () => Promise<Step>,
  giveUp: (detail: string) => Promise<Step> = look,
): Promise<boolean> {
  let thrown = 0;
  let unsure = false;
  const next = () => thrown < THROWN_MAX ? look() : giveUp(`it failed ${thrown} times`);
  for (;;) {
    try {
      if (await next() === "finished") return unsure;
    } catch (error) {
      const away = isStoreTrouble(error);
      if (away) unsure = true;
      else thrown++;
      log.error(event, { error: errorText(error) });
      await sleep(clock, STEP_RETRY_MS, stopping);
      if (stopping.aborted) return unsure;
    }
  }
}
