/**
 * What the questions of `setup` have in common.
 *
 * @module
 */
import type { PublicProbeParts } from "../../checks/probe_public.ts";
import type { Loaded } from "../../config/load.ts";
import type { ListenAddress } from "../../config/rows/kinds.ts";
import type { Phone } from "../../policy/phone.ts";
import type { Context } from "../terminal/context.ts";
import type { Dialogue, Reading } from "./dialogue.ts";

/** What the walk is made in. */
export interface Walk {
  readonly context: Context;
  readonly dialogue: Dialogue;
  /** What is configured already. */
  readonly loaded: Loaded;
  /** The Gateway's token, where it is configured already, as in the Gateway's own file. */
  readonly gatewayToken: string | undefined;
  /** The Auth Token, where it is configured already. */
  readonly authToken: string | undefined;
  /** The API key's secret, where it is configured already. */
  readonly apiKeySecret: string | undefined;
  /** Who is an owner already, as far as the store tells. */
  readonly owners: readonly Phone[];
  /** Where Twilio's API is; undefined at Twilio itself. */
  readonly twilioUrl: string | undefined;
  readonly listen: ListenAddress;
  /** What the bridge that runs here already answers to a nonce. */
  readonly runningProof: PublicProbeParts["instanceProof"];
  readonly webhookPath: string;
}

/** A value that is configured already; secrets are shown as `set`. */
export function known({ values }: Loaded, path: string): string | undefined {
  const value = values.find((one) => one.path === path)?.value;
  return typeof value === "string" && value !== "set" ? value : undefined;
}

/** What Enter stands for; nothing when there is no value. */
export function normal<T extends string>(value: T | null | undefined) {
  return value === undefined || value === null ? {} : { normal: { shown: value, value } };
}

/** A secret of whatever form. */
export function readToken(text: string): Reading<string> {
  return /^\S{8,}$/.test(text) ? { value: text } : { wrong: "A token is longer, without blanks." };
}
