/**
 * A webhook listener on a free port for tests.
 *
 * @module
 */
import {
  startWebhookServer,
  type WebhookAnswer,
  type WebhookOutcome,
  type WebhookRequest,
  type WebhookServerOptions,
} from "../../src/server/webhook.ts";
import type { HttpListener } from "../../src/server/http_listener.ts";
import { systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";

/**
 * Whether this Deno's `node:http` is a server of its own: before 2.9 it stands on `Deno.serve`, has no
 * deadline for heads and cannot close a connection on which a request has stalled.
 */
export const CLOSES_STALLED = Number(Deno.version.deno.split(".")[1]) >= 9;

/** A listener and what reached its route. */
export interface TestServer {
  readonly server: HttpListener;
  readonly port: number;
  readonly url: string;
  readonly reached: WebhookRequest[];
  readonly outcomes: WebhookOutcome[];
}

/** Runs a test against a listener whose only webhook path is `/webhooks/sms`. */
export async function withWebhookServer(
  options: Partial<WebhookServerOptions> & {
    readonly answer?: (request: WebhookRequest) => WebhookAnswer | Promise<WebhookAnswer>;
  },
  test: (server: TestServer) => Promise<void>,
): Promise<void> {
  const { answer = () => ({ kind: "accepted" }), ...rest } = options;
  const reached: WebhookRequest[] = [];
  const outcomes: WebhookOutcome[] = [];
  const server = await startWebhookServer({
    listen: { hostname: "127.0.0.1", port: 0 },
    clock: systemClock,
    log: silentLog,
    routeFor: (path) =>
      path !== "/webhooks/sms" ? undefined : async (request) => {
        reached.push(request);
        return await answer(request);
      },
    onAnswer: (outcome) => outcomes.push(outcome),
    ...rest,
  });
  const { port } = server.address;
  try {
    await test({ server, port, url: `http://127.0.0.1:${port}/webhooks/sms`, reached, outcomes });
  } finally {
    await server.shutdown();
  }
}
