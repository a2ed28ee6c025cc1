/**
 * What one of our own numbers can do, as Twilio knows it.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { PROBE_TIMEOUT_MS } from "../system/limits.ts";
import type { NumberRecord } from "../twilio/records.ts";
import type { ReadOutcome } from "../twilio/rest.ts";
import type { BridgeContext } from "./context.ts";

/** Asks Twilio what a number can, within the time of a probe. */
export async function askNumber(
  { clock, twilio }: Pick<BridgeContext, "clock" | "twilio">,
  account: AccountSettings,
  number: string,
  signal?: AbortSignal,
): Promise<ReadOutcome<NumberRecord | null>> {
  const deadline = new AbortController();
  const cancel = clock.after(PROBE_TIMEOUT_MS, () => deadline.abort());
  const signals = [deadline.signal, ...signal === undefined ? [] : [signal]];
  const found = await twilio(account).findIncomingNumber(number, AbortSignal.any(signals));
  cancel();
  return found;
}
