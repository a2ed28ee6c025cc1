/**
 * What every part of the bridge is given.
 *
 * @module
 */
import type { AccountSettings, Settings } from "../config/settings.ts";
import { Sequence } from "../store/keys.ts";
import type { Store } from "../store/kv.ts";
import type { Clock } from "../system/clock.ts";
import type { Log } from "../system/log.ts";
import type { Random } from "../system/random.ts";
import { normalId } from "../gateway/routes.ts";
import type { InstanceProof } from "../twilio/probe_form.ts";
import type { TwilioClient } from "../twilio/rest.ts";
import type { Rush } from "./rush.ts";
import type { Tally } from "./tally.ts";
import type { Together } from "./together.ts";

/** The bridge's surroundings: effects, settings, and the counters of what happened. */
export interface BridgeContext {
  /** The settings in force; asked anew for each message, as a reload replaces them. */
  readonly settings: () => Settings;
  readonly store: Store;
  readonly sequence: Sequence;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly tally: Tally;
  /** Proves to an operator that it is this bridge that answered. */
  readonly instanceProof: InstanceProof;
  /** The client for an account's Twilio credentials. */
  readonly twilio: (account: AccountSettings) => TwilioClient;
  /** The Gateway's own `commands.ownerAllowFrom`, as far as it is known. */
  readonly gatewayOwners: () => readonly string[];
  /** Whether no other bridge can have begun to answer: asked before what cannot be taken back. */
  readonly holds: () => boolean;
  /** For changes of a row that all people of an account share: side by side, one alone would hold. */
  readonly together: Together;
  /** Lets acknowledgements go before turns. */
  readonly rush: Rush;
  /** How far the clock of whoever began a send may be from Twilio's. */
  readonly clockSkewMs: number;
  /** Aborts when the bridge stops, or another begins to answer: waits end, nothing new begins. */
  readonly stopping: AbortSignal;
}

/** The settings of an account, or undefined when it is gone or off. */
export function accountOf(
  context: Pick<BridgeContext, "settings">,
  id: string,
): AccountSettings | undefined {
  return context.settings().accounts.find((account) => account.id === id && account.enabled);
}

/** The account that a session key names, where ids are in lower case; undefined when it is gone or off. */
export function accountByKey(
  context: Pick<BridgeContext, "settings">,
  id: string,
): AccountSettings | undefined {
  return context.settings().accounts.find((account) =>
    account.enabled && normalId(account.id, "default") === normalId(id, "default")
  );
}
