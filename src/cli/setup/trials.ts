/**
 * How `setup` tries answers out before anything is written or runs.
 *
 * @module
 */
import type { Check } from "../../checks/check.ts";
import { checkGateway } from "../../checks/probe_gateway.ts";
import { createLink } from "../../gateway/link.ts";
import { PROBE_TIMEOUT_MS } from "../../system/limits.ts";
import { silentLog } from "../../system/log.ts";
import { VERSION } from "../../system/version.ts";
import { createTwilio, type TwilioClient, type TwilioOptions } from "../../twilio/rest.ts";
import type { Context } from "../terminal/context.ts";

/** A client for credentials that are not in any settings yet. */
export function twilioFor(
  { clock, random }: Context,
  credentials: Pick<TwilioOptions, "accountSid" | "username" | "password">,
  baseUrl: string | undefined,
): TwilioClient {
  const timeoutMs = PROBE_TIMEOUT_MS;
  return createTwilio({ ...credentials, baseUrl, timeoutMs, clock, random });
}

/** Shakes hands with a Gateway. */
export async function tryGateway(
  { clock, random }: Context,
  gateway: { readonly url: string; readonly token: string },
): Promise<Check> {
  const link = createLink({ ...gateway, version: VERSION, clock, random, log: silentLog });
  try {
    return await checkGateway(link, gateway, clock, PROBE_TIMEOUT_MS);
  } finally {
    await link.close();
  }
}
