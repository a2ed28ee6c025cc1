/**
 * Capabilities: what can be done over each account.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { maskNumber } from "../system/redact.ts";
import { askNumber } from "../bridge/ask_number.ts";
import type { ProbeParts } from "./probe.ts";

/** What one account can do. The shape is what `capabilities --json` promises: members are only added. */
export interface Capabilities {
  readonly id: string;
  readonly enabled: boolean;
  readonly sender: string | null;
  readonly chatTypes: readonly ["direct"];
  /** From people to the agent. */
  readonly receives: { readonly text: true; readonly media: true };
  /** To people; null when Twilio could not be asked. */
  readonly sends: { readonly text: boolean | null; readonly media: boolean | null };
  readonly deliveryReports: boolean;
  /** Characters of one SMS at most; longer replies come in several. */
  readonly textChunkLimit: number;
  /** What SMS has none of. */
  readonly reactions: false;
  readonly edits: false;
  readonly threads: false;
}

async function capabilitiesOf(parts: ProbeParts, account: AccountSettings): Promise<Capabilities> {
  const { fromNumber, messagingServiceSid, publicWebhookUrl } = account;
  const number = fromNumber === undefined ? null : await askNumber(parts, account, fromNumber);
  const found = number?.kind === "ok" ? number.value : null;
  const known = number === null ? true : null;
  return {
    id: account.id,
    enabled: account.enabled,
    sender: fromNumber === undefined ? messagingServiceSid ?? null : maskNumber(fromNumber),
    chatTypes: ["direct"],
    receives: { text: true, media: true },
    sends: { text: found?.sendsSms ?? known, media: found?.sendsMms ?? known },
    deliveryReports: publicWebhookUrl !== undefined,
    textChunkLimit: account.textChunkLimit,
    reactions: false,
    edits: false,
    threads: false,
  };
}

/** Reads what each account can do, or one; asks Twilio what the number can. */
export function readCapabilities(parts: ProbeParts, only?: string): Promise<Capabilities[]> {
  const accounts = parts.settings.accounts.filter(({ id }) => only === undefined || id === only);
  return Promise.all(accounts.map((account) => capabilitiesOf(parts, account)));
}
