/**
 * The settings in force, resolved and checked. What each one means is in its row.
 *
 * @module
 */
import type { AccessGroups } from "../policy/access.ts";
import type { AccountChoice } from "./sms_accounts.ts";
import type { AccountValues } from "./rows/account_rows.ts";
import type { BridgeValues } from "./rows/bridge_rows.ts";

/** One Twilio account or sender: `channels.sms`, or one of its `accounts`. */
export interface AccountSettings extends AccountValues {
  readonly id: string;
}

/** Where the Gateway is. */
export interface GatewaySettings {
  readonly url: string;
  readonly token: string | undefined;
  /** Certificates, PEM, that vouch for the Gateway besides those that the system knows. */
  readonly caCerts?: readonly string[];
}

/** What is the bridge's own. */
export interface BridgeSettings extends BridgeValues {
  /** Folders that files of replies may come from: the workspaces where nothing is written. */
  readonly mediaRoots: readonly string[];
}

/** Everything. */
export interface Settings {
  readonly accounts: readonly AccountSettings[];
  readonly defaultAccount: string;
  /** Which account a command means. */
  readonly accountChoice: AccountChoice;
  readonly gateway: GatewaySettings;
  readonly bridge: BridgeSettings;
  readonly accessGroups: AccessGroups;
  readonly warnings: readonly string[];
}
