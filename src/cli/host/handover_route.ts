/**
 * The way of texts in a handover: Funnel's path and Twilio's URL, led here and back.
 *
 * @module
 */
import { bridgeTarget, funnelCommand, funnelPlace, funnelSet } from "../../checks/public_route.ts";
import type { AccountSettings, Settings } from "../../config/settings.ts";
import { Failure } from "../../system/failure.ts";
import { shownUrl } from "../../system/redact.ts";
import type { Parsed } from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { runAll } from "./run_program.ts";
import { type FunnelTargets, funnelTargets, tailscaleName } from "./tailscale.ts";
import { type Look, lookAt, pointTwilio, setWebhook } from "./webhook.ts";

/** Where the way of an account's texts led before the bridge. */
export interface FormerWay {
  readonly account: string;
  /** What Funnel handed its path on to, null for nothing; left out where Funnel was not moved. */
  readonly funnel?: string | null;
  /** What Twilio called; left out where that was not changed. */
  readonly twilio?: {
    readonly url: string;
    readonly method: string;
    readonly applicationSid: string | null;
  };
}

/** One step, as it is shown and taken. */
export interface WayStep {
  readonly account: string;
  /** What it leads, for a sentence. */
  readonly what: string;
  readonly from: string;
  readonly to: string;
  /** What `config return` is to know. */
  readonly former: FormerWay;
  /** @throws {Failure} */
  take(): Promise<void>;
}

function twilioStep(found: Look, to: string, former: FormerWay, take: () => Promise<void>) {
  const { account, webhook: { twilioUrl } } = found;
  const from = twilioUrl || "nothing";
  return { account: account.id, what: "Twilio calls", from, to, former, take };
}

/** Funnel's target of an account's path: undefined where its URL is no path of Funnel's on this machine. */
async function readFunnel(
  context: Context,
): Promise<(account: AccountSettings) => string | null | undefined> {
  const name = await tailscaleName(context);
  const targets: FunnelTargets | null = name === null ? null : await funnelTargets(context);
  return (account) => {
    const { publicWebhookUrl: url } = account;
    if (targets === null || url === undefined || new URL(url).hostname !== name) return undefined;
    return targets(name!, funnelPlace(account));
  };
}

/** The account's number at Twilio; null where Twilio's URL is none of a number's, or cannot be read. */
async function readTwilio(
  context: Context,
  parsed: Parsed,
  settings: Settings,
  account: AccountSettings,
): Promise<Look | null> {
  const { publicWebhookUrl, fromNumber, messagingServiceSid } = account;
  if (!publicWebhookUrl || !fromNumber || messagingServiceSid !== undefined) return null;
  try {
    return await lookAt(context, parsed, settings, account);
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === "interrupted") throw error;
    context.stderr(`warning: ${error.message}\n`);
    return null;
  }
}

/** What leads texts to the bridge, and for whom only the person can do that. */
export async function waysHere(
  context: Context,
  parsed: Parsed,
  settings: Settings,
): Promise<{ readonly steps: readonly WayStep[]; readonly byHand: readonly AccountSettings[] }> {
  const funnel = await readFunnel(context);
  const steps: WayStep[] = [];
  const byHand: AccountSettings[] = [];
  for (const account of settings.accounts) {
    const now = funnel(account);
    const ours = bridgeTarget(account, settings.bridge.listen);
    if (now === undefined) byHand.push(account);
    else if (now !== ours) {
      const words = funnelCommand(account, settings.bridge.listen).split(" ");
      steps.push({
        account: account.id,
        what: `Funnel leads ${funnelPlace(account).path} to`,
        from: now ?? "nothing",
        to: ours,
        former: { account: account.id, funnel: now },
        take: () => runAll(context, [words]),
      });
    }
    const found = await readTwilio(context, parsed, settings, account);
    if (found === null || found.webhook.same) continue;
    const { smsUrl: url, smsMethod: method, smsApplicationSid: applicationSid } = found.number;
    const former = { account: account.id, twilio: { url, method, applicationSid } };
    const take = () => pointTwilio(context, found);
    steps.push(twilioStep(found, found.webhook.url, former, take));
  }
  return { steps, byHand };
}

/** What leads texts back to where they went before, as far as they come here still. */
export async function waysBack(
  context: Context,
  parsed: Parsed,
  settings: Settings,
  former: readonly FormerWay[],
): Promise<readonly WayStep[]> {
  const funnel = await readFunnel(context);
  const steps: WayStep[] = [];
  for (const way of former) {
    const account = settings.accounts.find(({ id }) => id === way.account);
    if (account === undefined) continue;
    const ours = bridgeTarget(account, settings.bridge.listen);
    if (way.funnel !== undefined && funnel(account) === ours) {
      const place = funnelPlace(account);
      const words = funnelSet(place, way.funnel).split(" ");
      steps.push({
        account: account.id,
        what: `Funnel leads ${place.path} to`,
        from: ours,
        to: way.funnel ?? "nothing",
        former: way,
        take: () => runAll(context, [words]),
      });
    }
    if (way.twilio === undefined) continue;
    const found = await readTwilio(context, parsed, settings, account);
    if (found === null || !found.webhook.same) continue;
    const { url: smsUrl, method, applicationSid } = way.twilio;
    const webhook = {
      smsUrl,
      smsMethod: method === "GET" ? "GET" : "POST",
      smsApplicationSid: applicationSid ?? undefined,
    } as const;
    steps.push(
      twilioStep(found, shownUrl(smsUrl) || "nothing", way, () => setWebhook(found, webhook)),
    );
  }
  return steps;
}

/** Both of what is known of each account: what was noted first is what there was. */
export function joinWays(
  noted: readonly FormerWay[],
  found: readonly FormerWay[],
): readonly FormerWay[] {
  return [...Map.groupBy([...found, ...noted], ({ account }) => account).values()]
    .map((ways) => Object.assign({}, ...ways));
}
