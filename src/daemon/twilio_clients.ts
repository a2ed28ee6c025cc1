/**
 * Clients of Twilio for the accounts of the settings.
 *
 * @module
 */
import type { AccountSettings, Settings } from "../config/settings.ts";
import type { Clock } from "../system/clock.ts";
import { TWILIO_REQUEST_TIMEOUT_MS } from "../system/limits.ts";
import type { Random } from "../system/random.ts";
import { createTwilio, type TwilioClient } from "../twilio/rest.ts";

/** What clients are made with. */
export interface TwilioClientParts {
  /** Asked anew for each client, as a reload replaces them. */
  readonly settings: () => Settings;
  readonly clock: Clock;
  readonly random: Random;
}

/** One client for each set of credentials, made when it is first needed. */
export function twilioClients({ settings, clock, random }: TwilioClientParts) {
  const clients = new Map<string, TwilioClient>();
  return (account: AccountSettings): TwilioClient => {
    const username = account.apiKeySid ?? account.accountSid;
    const password = account.apiKeySecret ?? account.authToken;
    const baseUrl = settings().bridge.twilioApiUrl;
    const { accountSid, region, edge } = account;
    const name = JSON.stringify([accountSid, username, password, baseUrl, region, edge]);
    const known = clients.get(name);
    if (known !== undefined) return known;
    const client = createTwilio({
      accountSid,
      username,
      password,
      baseUrl,
      region,
      edge,
      timeoutMs: TWILIO_REQUEST_TIMEOUT_MS,
      clock,
      random,
    });
    clients.set(name, client);
    return client;
  };
}
