/**
 * How the public URL leads to the bridge, and what to do when it does not.
 *
 * @module
 */
import type { ListenAddress } from "../config/rows/kinds.ts";
import type { AccountSettings } from "../config/settings.ts";

/** The ends of the way: the public URL of an account, and where the bridge listens. */
export interface PublicRoute {
  readonly account: Pick<AccountSettings, "publicWebhookUrl" | "webhookPath">;
  readonly listen: ListenAddress;
}

/** The ports that Tailscale Funnel serves. */
export const FUNNEL_PORTS = ["443", "8443", "10000"];

/** A URL's port, also when it is the usual one. */
export function portOf({ port, protocol }: URL): string {
  return port || (protocol === "http:" ? "80" : "443");
}

/** Whether a URL is one of Tailscale's. */
export function isFunnel({ hostname }: URL): boolean {
  return hostname.endsWith(".ts.net");
}

/** A path that Funnel can serve. */
export interface FunnelPlace {
  readonly port: string;
  readonly path: string;
}

/** Where Funnel has to serve an account. */
export function funnelPlace(
  { publicWebhookUrl, webhookPath }: PublicRoute["account"],
): FunnelPlace {
  const url = publicWebhookUrl === undefined ? null : new URL(publicWebhookUrl);
  const port = url === null || !FUNNEL_PORTS.includes(portOf(url)) ? "443" : portOf(url);
  return { port, path: url?.pathname ?? webhookPath };
}

/** Where Funnel has to hand an account's requests on to. */
export function bridgeTarget(
  { webhookPath }: Pick<PublicRoute["account"], "webhookPath">,
  { hostname, port }: ListenAddress,
): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return `http://${host}:${port}${webhookPath}`;
}

/** The command that has Funnel serve a path; with null for a target, no longer. */
export function funnelSet({ port, path }: FunnelPlace, target: string | null): string {
  const https = port === "443" ? "" : ` --https=${port}`;
  const bg = target === null ? "" : " --bg";
  return `tailscale funnel${bg}${https} --set-path ${path} ${target ?? "off"}`;
}

/** The command that publishes the webhook path with Tailscale Funnel, and nothing else. */
export function funnelCommand(account: PublicRoute["account"], listen: ListenAddress): string {
  return funnelSet(funnelPlace(account), bridgeTarget(account, listen));
}

/** What mends something, in words and as a command. */
export type Fix = [fix: string, command: string];

/** How to lead the public URL to the bridge: exact for Funnel, in words for anything else. */
export function routeFix({ account, listen }: PublicRoute): Fix {
  const url = new URL(account.publicWebhookUrl!);
  const command = funnelCommand(account, listen);
  return isFunnel(url) ? ["publish the webhook path with Tailscale Funnel", command] : [
    `let the proxy or tunnel of ${url.host} hand ${url.pathname} on to ` +
    `http://${listen.hostname}:${listen.port}${account.webhookPath}; with Tailscale Funnel:`,
    command,
  ];
}

/** What can be seen wrong with the path, as a hint to why a request does not arrive. */
function pathHint({ publicWebhookUrl, webhookPath }: PublicRoute["account"]): string {
  const path = new URL(publicWebhookUrl!).pathname;
  if (path === webhookPath) {
    return "the path does not arrive: a proxy strips or changes it (Funnel strips the mount path, " +
      "so its target must repeat it)";
  }
  return path.replace(/\/+$/, "") === webhookPath.replace(/\/+$/, "")
    ? `they differ by a slash at the end: the URL has ${path}, webhookPath is ${webhookPath}`
    : `the URL has the path ${path}, webhookPath is ${webhookPath}`;
}

/** The URL with the bridge's own path, for a user whose path is another. */
function pathFix(route: PublicRoute): Fix {
  const { account } = route;
  const url = new URL(account.publicWebhookUrl!);
  if (url.pathname === account.webhookPath) return routeFix(route);
  url.pathname = account.webhookPath;
  return [
    `set publicWebhookUrl (SMS_PUBLIC_WEBHOOK_URL) and Twilio's webhook to ${url.href}, ` +
    "or hand the path on:",
    funnelCommand(account, route.listen),
  ];
}

/** What a status says that is not the bridge's own answer, and what mends it. */
export function judgeStatus(
  route: PublicRoute,
  status: number,
  location: string | null,
): [detail: string, fix: string, command?: string] {
  const again = "set publicWebhookUrl (SMS_PUBLIC_WEBHOOK_URL) to what Twilio calls, byte for byte";
  if (status >= 300 && status < 400) {
    return [`answered ${status}, a redirect to ${location ?? "nowhere"}`, again];
  }
  switch (status) {
    case 403:
      return [
        "answered 403: the signature does not match there; the URL arrives changed, or another " +
        "bridge or another Auth Token answers",
        `${again}; restart the bridge after changing the token; ` +
        "`sms-bridge webhook verify` tells more",
      ];
    case 404:
      return [`answered 404: ${pathHint(route.account)}`, ...pathFix(route)];
    case 405:
      return ["answered 405: something that takes no POST", ...routeFix(route)];
    case 502:
    case 503:
    case 504:
      return [
        `answered ${status}: the proxy is there, but it does not reach the bridge`,
        `start the bridge (\`sms-bridge serve\`), and ${routeFix(route)[0]}`,
        routeFix(route)[1],
      ];
    default:
      return [`answered ${status}: not the bridge`, ...routeFix(route)];
  }
}
