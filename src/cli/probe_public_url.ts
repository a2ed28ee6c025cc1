/**
 * Asking ourselves through the public URL: a signed request that is nobody's text tells how far it gets.
 *
 * @module
 */
import type { AccountSettings, ListenAddress } from "../config/settings.ts";
import { signForm } from "../twilio/signature.ts";
import { type Check, ok, problem, warning } from "./checks.ts";

const TIMEOUT_MS = 5_000;
const LOOPBACK = /^(127(\.\d+){3}|localhost|\[::1\])$/;

/** The command that publishes the webhook's path by Tailscale Funnel. */
export function funnelCommand(path: string, { hostname, port }: ListenAddress): string {
  return `tailscale funnel --bg --set-path ${path} http://${hostname}:${port}${path}`;
}

async function ask(url: string, account: AccountSettings): Promise<number | string> {
  // Without a MessageSid it is rightly signed and yet no text: the bridge answers 400 and keeps nothing.
  const form: [string, string][] = [["AccountSid", account.accountSid]];
  const target = url.replace(/#.*$/s, "");
  try {
    const response = await fetch(target, {
      method: "POST",
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": signForm(account.authToken, target, form),
      },
      body: new URLSearchParams(form),
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    return error instanceof Error && error.name === "TimeoutError"
      ? "no answer within 5 s"
      : "no connection";
  }
}

function shape(account: AccountSettings, url: URL): Check[] {
  const checks: Check[] = [];
  if (url.protocol === "http:" && !LOOPBACK.test(url.hostname)) {
    const fix = `\`sms-bridge config set channels.sms.publicWebhookUrl ${
      url.href.replace("http:", "https:")
    }\``;
    checks.push(
      problem(
        "public-url",
        "the public URL is http: texts would travel in the clear",
        fix,
        account.id,
      ),
    );
  }
  if (url.pathname !== account.webhookPath) {
    const fix = url.pathname === `${account.webhookPath}/`
      ? "take the slash at its end away, here and at Twilio"
      : "make the path of publicWebhookUrl and webhookPath the same, or let the proxy map one to the other";
    checks.push(
      warning(
        "public-path",
        `the public URL's path is ${url.pathname}, the bridge listens on ${account.webhookPath}`,
        fix,
        account.id,
      ),
    );
  }
  return checks;
}

/** Whether our own signed request comes in through the public URL. */
export async function probePublicUrl(
  account: AccountSettings,
  listen: ListenAddress,
): Promise<Check[]> {
  const { publicWebhookUrl, id, webhookPath } = account;
  if (publicWebhookUrl === undefined) {
    return [
      warning("public-url", "there is no public URL", "set channels.sms.publicWebhookUrl", id),
    ];
  }
  const checks = shape(account, new URL(publicWebhookUrl));
  const funnel = funnelCommand(webhookPath, listen);
  const answer = await ask(publicWebhookUrl, account);
  const told = (text: string, fix: string) => [...checks, problem("public-reach", text, fix, id)];
  if (typeof answer === "string") {
    return told(`the public URL cannot be reached: ${answer}`, `is Funnel on? \`${funnel}\``);
  }
  switch (answer) {
    case 400:
      return [...checks, ok("public-reach", "our own request came in through the public URL", id)];
    case 403:
      return told(
        "our own signature is refused behind the public URL: another bridge or another token is there",
        "restart the bridge after changing the token; `sms-bridge webhook verify` tells more",
      );
    case 404:
    case 405:
      return told(
        `behind the public URL there is no webhook (${answer})`,
        `map the whole path: \`${funnel}\``,
      );
    case 502:
    case 503:
      return told(
        `the proxy has nobody behind it (${answer})`,
        "start the bridge: `sms-bridge serve`",
      );
    default:
      return told(`something else answers behind the public URL (${answer})`, `\`${funnel}\``);
  }
}
