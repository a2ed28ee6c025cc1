/**
 * The probe: asks Twilio, the Gateway and our own public URL whether everything fits together. It
 * changes nothing and sends no SMS.
 *
 * @module
 */
import type { ListenAddress } from "../config/rows/kinds.ts";
import type { AccountSettings, Settings } from "../config/settings.ts";
import type { Link } from "../gateway/link.ts";
import type { PublicRequest } from "../server/public_request.ts";
import type { Clock } from "../system/clock.ts";
import { PROBE_TIMEOUT_MS } from "../system/limits.ts";
import type { Random } from "../system/random.ts";
import { maskNumber } from "../system/redact.ts";
import { isLoopbackUrl } from "../twilio/media_url.ts";
import type { TwilioClient } from "../twilio/rest.ts";
import { type Check, checkOf } from "./check.ts";
import { checkAgents } from "./probe_agents.ts";
import { checkJobs } from "./probe_jobs.ts";
import { checkGateway } from "./probe_gateway.ts";
import { checkPublicRequest, checkPublicUrl, type PublicProbeParts } from "./probe_public.ts";
import { probeTwilio } from "./probe_twilio.ts";

/** What a probe uses of a link. */
export type ProbeLink = Pick<Link, "state" | "onState" | "request">;

/** What a probe works with. */
export interface ProbeParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly twilio: (account: AccountSettings) => TwilioClient;
  /** Lends a link to the Gateway: the daemon's own, or one opened for this. */
  readonly withLink: <T>(use: (link: ProbeLink) => Promise<T>) => Promise<T>;
  readonly request: PublicRequest;
  /** As the public probe wants it. */
  readonly instanceProof: PublicProbeParts["instanceProof"];
  /** Where webhooks are taken; where the settings say when nothing runs. */
  readonly listen: ListenAddress;
  /** How many US dollars a day an account spent of late; left out where there is no store. */
  readonly usdPerDay?: (account: string) => Promise<number>;
}

/** What the public URL of an account is probed with. */
export function publicPartsOf(
  { settings, listen, random, request, instanceProof }: Pick<
    ProbeParts,
    "settings" | "listen" | "random" | "request" | "instanceProof"
  >,
  account: AccountSettings,
): PublicProbeParts {
  const { twilioApiUrl } = settings.bridge;
  return {
    account,
    listen,
    random,
    request,
    instanceProof,
    twilioIsLocal: twilioApiUrl !== undefined && isLoopbackUrl(twilioApiUrl),
    timeoutMs: PROBE_TIMEOUT_MS,
  };
}

async function probeAccount(parts: ProbeParts, account: AccountSettings): Promise<Check[]> {
  const { clock } = parts;
  const publicParts = publicPartsOf(parts, account);
  const url = checkPublicUrl(publicParts);
  const deadline = new AbortController();
  const cancel = clock.after(PROBE_TIMEOUT_MS, () => deadline.abort());
  const [twilio, arrived] = await Promise.all([
    probeTwilio({
      account,
      clock,
      twilio: parts.twilio(account),
      signal: deadline.signal,
      shared: parts.settings.bridge.store !== undefined,
      usdPerDay: () => parts.usdPerDay?.(account.id) ?? Promise.resolve(0),
    }),
    url.state === "problem" ? [] : checkPublicRequest(publicParts),
  ]);
  cancel();
  return [...twilio, url, ...[arrived].flat()];
}

/** Whether two accounts text from the same number: a text to it would be answered by one of them only. */
function checkSharedNumbers(accounts: readonly AccountSettings[]): Check[] {
  const byNumber = new Map<string, string>();
  return accounts.flatMap(({ id, fromNumber }) => {
    if (fromNumber === undefined) return [];
    const other = byNumber.get(fromNumber);
    byNumber.set(fromNumber, id);
    if (other === undefined) return [];
    return [
      checkOf("accounts.number", "Accounts", id).problem(
        `${other} and ${id} both have the number ${maskNumber(fromNumber)}`,
        `give each account a number of its own, or turn one off: channels.sms.accounts.${id}.enabled`,
        `sms-bridge config set channels.sms.accounts.${id}.enabled false`,
      ),
    ];
  });
}

/** Probes the Gateway and every account that is on, or one. */
export async function probe(parts: ProbeParts, only?: string): Promise<Check[]> {
  const { settings, clock } = parts;
  const accounts = settings.accounts.filter(({ id, enabled }) =>
    enabled && (only === undefined || id === only)
  );
  const [gateway, ...rest] = await Promise.all([
    parts.withLink(async (link) => [
      await checkGateway(link, settings.gateway, clock, PROBE_TIMEOUT_MS),
      ...await checkAgents(link, accounts),
      ...await checkJobs(link, settings.bridge.cronDelivery),
    ]),
    ...accounts.map((account) => probeAccount(parts, account)),
  ]);
  return [...gateway!, ...checkSharedNumbers(accounts), ...rest.flat()];
}
