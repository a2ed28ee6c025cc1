/**
 * The way from the outside to the bridge: is the public URL one that Twilio can use, and does a signed
 * request to it arrive here.
 *
 * @module
 */
import { encodeHex } from "@std/encoding/hex";
import type { AccountSettings } from "../config/settings.ts";
import type { PublicAnswer, PublicRequest } from "../server/public_request.ts";
import type { Random } from "../system/random.ts";
import { encodeForm } from "../twilio/form.ts";
import { isLoopbackUrl } from "../twilio/media_url.ts";
import { INSTANCE_HEADER, probeForm, PROOF_HEADER, proofHolds } from "../twilio/probe_form.ts";
import { signForm } from "../twilio/signature.ts";
import { type Check, checkOf } from "./check.ts";
import {
  FUNNEL_PORTS,
  funnelCommand,
  isFunnel,
  judgeStatus,
  portOf,
  type PublicRoute,
  routeFix,
} from "./public_route.ts";

/** What these checks work with. */
export interface PublicProbeParts extends PublicRoute {
  readonly account: Pick<
    AccountSettings,
    "id" | "accountSid" | "authToken" | "publicWebhookUrl" | "webhookPath"
  >;
  /** Whether Twilio is a fake on this machine, which reaches what is on it. */
  readonly twilioIsLocal: boolean;
  /**
   * What this bridge answers to a nonce: null where none runs here, undefined where it cannot be asked.
   */
  readonly instanceProof: (nonce: string) => Promise<string | null | undefined>;
  readonly random: Random;
  readonly request: PublicRequest;
  readonly timeoutMs: number;
}

/** Whether Twilio could use the URL at all. */
export function checkPublicUrl(parts: Omit<PublicProbeParts, "instanceProof">): Check {
  const { account, twilioIsLocal } = parts;
  const check = checkOf("public.url", "Public URL", account.id);
  if (account.publicWebhookUrl === undefined) {
    return check.warning(
      "it is not set: there are no delivery reports and no files can be sent",
      "set publicWebhookUrl (SMS_PUBLIC_WEBHOOK_URL) to the https URL that Twilio calls",
    );
  }
  const url = new URL(account.publicWebhookUrl);
  if (isLoopbackUrl(url.href)) {
    return twilioIsLocal ? check.ok(`${url.href}, on this machine`) : check.problem(
      `${url.host} is this machine itself: Twilio cannot reach it`,
      "publish it, then set publicWebhookUrl to its https URL; with Tailscale Funnel:",
      funnelCommand({ ...account, publicWebhookUrl: undefined }, parts.listen),
    );
  }
  if (url.protocol === "http:") {
    const https = account.publicWebhookUrl.replace(/^http:/i, "https:");
    return check.problem(
      "it begins with http: texts would travel in the clear",
      `set publicWebhookUrl (SMS_PUBLIC_WEBHOOK_URL) and Twilio's webhook to ${https}`,
    );
  }
  if (isFunnel(url) && !FUNNEL_PORTS.includes(portOf(url))) {
    const without = account.publicWebhookUrl.replace(`:${url.port}`, "");
    return check.problem(
      `port ${url.port} is not one of Tailscale Funnel's, which are ${FUNNEL_PORTS.join(", ")}`,
      `set publicWebhookUrl and Twilio's webhook to ${without}, and publish it there:`,
      funnelCommand({ ...account, publicWebhookUrl: without }, parts.listen),
    );
  }
  return check.ok(url.href);
}

const NO_ANSWER: Readonly<Record<(PublicAnswer & { kind: "none" })["reason"], string>> = {
  dns: "there is no host of that name",
  tls: "it does not speak TLS, or its certificate cannot be trusted",
  refused: "nothing answers there: the tunnel or proxy is off",
  timeout: "nothing answers there in time: the tunnel or proxy is off, or a firewall is between",
  broken: "the connection breaks",
};

/** Sends a signed request of our own through the public URL and looks who answers. */
export async function checkPublicRequest(parts: PublicProbeParts): Promise<Check> {
  const { account, random, request, timeoutMs } = parts;
  const check = checkOf("public.request", "A signed request through the public URL", account.id);
  if (account.publicWebhookUrl === undefined) return check.skipped("publicWebhookUrl is not set");
  const nonce = encodeHex(random.bytes(16));
  const pairs = probeForm(account.accountSid, nonce);
  const url = account.publicWebhookUrl.replace(/#.*$/s, "");
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "x-twilio-signature": signForm(account.authToken, url, pairs),
  };
  const answer = await request(url, { headers, body: encodeForm(pairs) }, timeoutMs);
  if (answer.kind === "none") {
    return check.problem(NO_ANSWER[answer.reason], ...routeFix(parts));
  }
  if (proofHolds(answer.headers.get(PROOF_HEADER), account.authToken, nonce)) {
    const expected = await parts.instanceProof(nonce);
    if (expected === undefined || answer.headers.get(INSTANCE_HEADER) === expected) {
      return check.ok(`arrived at the bridge, in ${answer.tookMs} ms`);
    }
    const [fix, command] = routeFix(parts);
    return check.problem(
      "another bridge with the same credentials answered" +
        (expected === null ? ", as none runs in this state directory" : ", not this one"),
      expected === null
        ? `name its state directory with --state-dir, or stop it and start this one; or ${fix}`
        : `stop the other one, or ${fix}`,
      command,
    );
  }
  if (answer.status >= 200 && answer.status < 300) {
    return check.problem(
      `answered ${answer.status}, but not by this bridge: another program serves this URL, such as ` +
        "the Gateway's own SMS plugin",
      `turn the other one off, and ${routeFix(parts)[0]}`,
      routeFix(parts)[1],
    );
  }
  return check.problem(
    ...judgeStatus(parts, answer.status, answer.headers.get("location")),
  );
}
