/**
 * `webhook show` and `webhook set`: where Twilio sends an account's texts.
 *
 * @module
 */
import { checkPublicRequest, checkPublicUrl } from "../../checks/probe_public.ts";
import type { AccountSettings, Settings } from "../../config/settings.ts";
import { Failure, failure } from "../../system/failure.ts";
import { type ProbeParts, publicPartsOf } from "../../checks/probe.ts";
import { PROBE_TIMEOUT_MS } from "../../system/limits.ts";
import { maskNumber, shownUrl } from "../../system/redact.ts";
import type { NumberRecord } from "../../twilio/records.ts";
import type { NumberWebhook } from "../../twilio/request.ts";
import type { TwilioClient } from "../../twilio/rest.ts";
import { accountMeant } from "../account.ts";
import {
  ACCOUNT_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type OptionSpec,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import { runningOperations, stateDirectory } from "../operations_client.ts";
import { probeParts } from "../probe_parts.ts";
import { effectiveSettings } from "../settings_source.ts";
import type { Context } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";
import { tryPublicUrl } from "./try_public_url.ts";

const OPTIONS = [ACCOUNT_OPTION, CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION] as const;

/** What is compared. */
interface Webhook {
  readonly account: string;
  /** What the bridge takes texts at. */
  readonly url: string;
  /** What Twilio calls; empty for nothing. */
  readonly twilioUrl: string;
  readonly twilioMethod: string;
  readonly same: boolean;
  /** Whether Twilio calls it when its own URL does not answer: the second of two bridges. */
  readonly fallback: boolean;
}

const FALLBACK_OPTION: OptionSpec = {
  name: "fallback",
  kind: "boolean",
  meaning: "only when the number's own URL does not take a text",
};

/** The account that is meant, its number at Twilio, and how both fit. @throws {Failure} */
async function look(context: Context, parsed: Parsed): Promise<Look> {
  const { settings } = await effectiveSettings(context, parsed);
  const id = await accountMeant(context, parsed, settings.accountChoice);
  return await lookAt(context, parsed, settings, settings.accounts.find((one) => one.id === id)!);
}

/** An account's number at Twilio, and how both fit. */
export interface Look {
  readonly account: AccountSettings;
  readonly parts: ProbeParts;
  readonly runs: boolean;
  readonly twilio: TwilioClient;
  readonly number: NumberRecord;
  readonly webhook: Webhook;
}

/** Looks at an account's number at Twilio. @throws {Failure} */
export async function lookAt(
  context: Context,
  parsed: Parsed,
  settings: Settings,
  account: AccountSettings,
): Promise<Look> {
  const { id } = account;
  const { fromNumber, publicWebhookUrl: url } = account;
  if (url === undefined) {
    throw failure(
      "configuration",
      "public-url-missing",
      `Cannot compare: account ${id} has no publicWebhookUrl`,
      "run `sms-bridge setup`",
    );
  }
  if (fromNumber === undefined || account.messagingServiceSid !== undefined) {
    throw failure(
      "failed",
      "webhook-of-service",
      `Account ${id} texts by a Messaging Service, whose webhook only the Twilio Console sets`,
      `Messaging, Services, Integration: "Send a webhook", ${url}`,
    );
  }
  const found = await runningOperations(context, stateDirectory(context, parsed));
  const parts = probeParts(context, settings, found instanceof Failure ? null : found);
  const twilio = parts.twilio(account);
  const read = await twilio.findIncomingNumber(fromNumber, AbortSignal.timeout(PROBE_TIMEOUT_MS));
  if (read.kind !== "ok") {
    throw failure("unreachable", "twilio-unread", `Cannot ask Twilio: ${read.message}`, DOCTOR);
  }
  if (read.value === null) {
    const message = `${maskNumber(fromNumber)} is no number of this Twilio account`;
    throw failure("not-found", "number-unknown", message, DOCTOR);
  }
  const number = read.value;
  const same = number.smsUrl === url && number.smsMethod === "POST" &&
    number.smsApplicationSid === null;
  const fallback = number.smsFallbackUrl === url;
  const twilioUrl = shownUrl(number.smsUrl);
  const twilioMethod = number.smsMethod;
  const webhook: Webhook = { account: id, url, twilioUrl, twilioMethod, same, fallback };
  const runs = found !== null && !(found instanceof Failure);
  return { account, parts, runs, twilio, number, webhook };
}

const DOCTOR = "`sms-bridge doctor` says what is wrong";

/** Proves that the URL leads to the bridge of this machine, also when it does not run yet. @throws {Failure} */
async function prove(context: Context, { parts, runs, account }: Look): Promise<void> {
  const probed = publicPartsOf(parts, account);
  const arrives = runs
    ? await checkPublicRequest(probed)
    : await tryPublicUrl(context, probed, probed.instanceProof);
  for (const check of [checkPublicUrl(probed), arrives]) {
    if (check.state !== "problem") continue;
    const { command, detail, fix } = check;
    throw failure(
      "failed",
      "public-url-unproved",
      `Cannot point Twilio there yet: ${check.title}: ${detail}`,
      [fix, command].filter((part) => part !== null).join(" "),
    );
  }
}

/** Sets where the texts of a number go. @throws {Failure} */
export async function setWebhook(
  { twilio, number }: Pick<Look, "twilio" | "number">,
  webhook: NumberWebhook,
): Promise<void> {
  const set = await twilio.updateNumber(number.sid, webhook, AbortSignal.timeout(PROBE_TIMEOUT_MS));
  if (set.kind === "ok") return;
  throw failure("unreachable", "webhook-unset", `Twilio did not take it: ${set.message}`, DOCTOR);
}

/** Has Twilio call the public URL, once that is proved. @throws {Failure} */
export async function pointTwilio(context: Context, look: Look): Promise<void> {
  await prove(context, look);
  await setWebhook(look, {
    smsUrl: look.webhook.url,
    smsMethod: "POST",
    smsApplicationSid: look.number.smsApplicationSid === null ? undefined : "",
  });
}

function tell(
  context: Context,
  { url, twilioUrl, twilioMethod, same, fallback }: Webhook,
): void {
  context.stdout(`the bridge  ${url}\n`);
  context.stdout(
    `Twilio      ${twilioUrl === "" ? "nothing" : `${twilioUrl} (${twilioMethod})`}\n`,
  );
  const said = same
    ? "They are the same."
    : fallback
    ? "Twilio calls this bridge when that one does not answer."
    : "They differ: `sms-bridge webhook set`, with --fallback on the second of two bridges";
  context.stdout(`${said}\n`);
}

/** Has Twilio call the public URL when the number's own does not take a text. @throws {Failure} */
async function setFallback(context: Context, parsed: Parsed, look: Look): Promise<ExitCode> {
  const { account, number, webhook: { url, same } } = look;
  if (same) {
    throw failure(
      "conflict",
      "fallback-same",
      "Cannot make this URL the fallback as it is the one that Twilio calls first",
      "run it on the other machine, whose URL differs",
    );
  }
  const changed = number.smsFallbackUrl !== url;
  if (changed) {
    await prove(context, look);
    await setWebhook(look, {
      smsUrl: number.smsUrl,
      smsMethod: number.smsMethod === "GET" ? "GET" : "POST",
      smsFallbackUrl: url,
      smsFallbackMethod: "POST",
    });
  }
  if (parsed.flag("json")) printJson(context, { account: account.id, fallback: url, changed });
  else context.stdout(`Twilio calls it when ${shownUrl(number.smsUrl)} does not answer: ${url}\n`);
  return 0;
}

/** The commands. */
export const WEBHOOK_COMMANDS: readonly Command[] = [
  {
    path: ["webhook", "show"],
    group: "Set up",
    summary: "compare the URL that Twilio calls with the bridge's",
    details: "Exits with 1 when they differ, and it is not Twilio's fallback URL either.",
    options: OPTIONS,
    examples: ["webhook show"],
    async run(context, parsed): Promise<ExitCode> {
      const { webhook } = await look(context, parsed);
      if (parsed.flag("json")) printJson(context, webhook);
      else tell(context, webhook);
      return webhook.same || webhook.fallback ? 0 : 1;
    },
  },
  {
    path: ["webhook", "set"],
    group: "Set up",
    summary: "have Twilio call the bridge's public URL",
    details: "Only once a signed request through that URL has come back from this very bridge.\n" +
      "With --fallback it is called when the number's own URL does not take a text: for the second\n" +
      "of two bridges that share a store.",
    options: [...OPTIONS, FALLBACK_OPTION],
    examples: ["webhook set", "webhook set --fallback"],
    async run(context, parsed): Promise<ExitCode> {
      const found = await look(context, parsed);
      const { account, webhook } = found;
      if (parsed.flag("fallback")) return await setFallback(context, parsed, found);
      if (!webhook.same) await pointTwilio(context, found);
      if (parsed.flag("json")) {
        printJson(context, { account: account.id, url: webhook.url, changed: !webhook.same });
      } else {
        const said = webhook.same ? "Twilio calls it already" : "Twilio calls it from now on";
        context.stdout(`${said}: ${webhook.url}\n`);
      }
      return 0;
    },
  },
];
