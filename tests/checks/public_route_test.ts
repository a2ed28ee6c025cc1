import { assertEquals, assertStringIncludes } from "@std/assert";
import { funnelCommand, judgeStatus, routeFix } from "../../src/checks/public_route.ts";

const LISTEN = { hostname: "127.0.0.1", port: 8787 };
const account = (publicWebhookUrl: string | undefined, webhookPath = "/webhooks/sms") => ({
  publicWebhookUrl,
  webhookPath,
});

Deno.test("funnelCommand() mounts the public path and repeats the bridge's own in the target", () => {
  const cases: [string | undefined, string, string][] = [
    [
      "https://box.ts.net/webhooks/sms",
      "/webhooks/sms",
      "tailscale funnel --bg --set-path /webhooks/sms http://127.0.0.1:8787/webhooks/sms",
    ],
    [
      "https://box.ts.net:8443/sms",
      "/webhooks/sms",
      "tailscale funnel --bg --https=8443 --set-path /sms http://127.0.0.1:8787/webhooks/sms",
    ],
    [
      undefined,
      "/webhooks/work",
      "tailscale funnel --bg --set-path /webhooks/work http://127.0.0.1:8787/webhooks/work",
    ],
  ];
  for (const [url, path, command] of cases) {
    assertEquals(funnelCommand(account(url, path), LISTEN), command);
  }
  assertStringIncludes(
    funnelCommand(account("https://box.ts.net/webhooks/sms"), { hostname: "::1", port: 1 }),
    "http://[::1]:1/webhooks/sms",
  );
});

Deno.test("routeFix() speaks of the proxy when the URL is not one of Tailscale's", () => {
  const [fix, command] = routeFix({
    account: account("https://sms.example.com/in"),
    listen: LISTEN,
  });
  assertEquals(
    fix,
    "let the proxy or tunnel of sms.example.com hand /in on to " +
      "http://127.0.0.1:8787/webhooks/sms; with Tailscale Funnel:",
  );
  assertStringIncludes(command, "--set-path /in http://127.0.0.1:8787/webhooks/sms");
});

Deno.test("judgeStatus() has a fix for every status", () => {
  const route = { account: account("https://sms.example.com/webhooks/sms"), listen: LISTEN };
  for (const status of [204, 301, 400, 403, 404, 405, 429, 500, 502, 503, 504]) {
    const [detail, fix] = judgeStatus(route, status, null);
    assertStringIncludes(detail, String(status));
    assertEquals(fix.length > 10, true);
  }
});
