/**
 * The admin listener: health, readiness and metrics for the machine's own supervisors, and a page for its
 * operator. Never public.
 *
 * @module
 */
import { runtimeDoubt } from "../system/runtime.ts";
import { STATUS_CODE, STATUS_TEXT, type StatusCode } from "@std/http/status";
import type { Health } from "../bridge/health.ts";
import type { Log } from "../system/log.ts";
import type { AdminPage } from "./page.ts";
import { type Exchange, type ListenerLimits, openHttpListener } from "../server/http_listener.ts";
import type { Address } from "../server/listen.ts";
import { METRICS_TYPE } from "../server/metrics.ts";
import { claimSocketPath } from "../server/unix_socket.ts";
import { answerAsWeb } from "../server/web_handler.ts";
import type { Clock } from "../system/clock.ts";
import {
  ADMIN_CONNECTIONS_MAX,
  ADMIN_KEEP_ALIVE_MS,
  WEBHOOK_BODY_BYTES_MAX,
  WEBHOOK_BODY_TIMEOUT_MS,
  WEBHOOK_BUFFERED_BYTES_MAX,
  WEBHOOK_HEADERS_TIMEOUT_MS,
} from "../system/limits.ts";

/** What the admin listener works with. */
export interface AdminServerOptions {
  /** A loopback address, or the path of a Unix socket. */
  readonly listen: { readonly hostname: string; readonly port: number } | { readonly path: string };
  /** Whether the process is alive; a supervisor restarts it when it is not. */
  readonly health: () => Health | Promise<Health>;
  /** Whether it can do its work now. */
  readonly readiness: () => Health | Promise<Health>;
  /** All metrics, rendered. */
  readonly metrics: () => string | Promise<string>;
  /** The operator's page; left out where there is none. */
  readonly page?: AdminPage | undefined;
  readonly log: Log;
  readonly clock: Clock;
  /** Deadlines and sizes other than those of `system/limits.ts`, for tests. */
  readonly limits?: Partial<ListenerLimits>;
}

/** An admin listener that runs. */
export interface AdminServer {
  /** Where it listens; null for a Unix socket. */
  readonly address: Address | null;
  shutdown(): Promise<void>;
}

const LIMITS: ListenerLimits = {
  headersTimeoutMs: WEBHOOK_HEADERS_TIMEOUT_MS,
  bodyTimeoutMs: WEBHOOK_BODY_TIMEOUT_MS,
  bufferedBytesMax: WEBHOOK_BUFFERED_BYTES_MAX,
  connectionsMax: ADMIN_CONNECTIONS_MAX,
  keepAliveMs: ADMIN_KEEP_ALIVE_MS,
};
/** Set by Tailscale on what comes from the public side of Funnel. */
const FUNNEL_HEADER = "tailscale-funnel-request";

function plain(status: StatusCode, headers: Record<string, string> = {}): Response {
  return new Response(`${STATUS_TEXT[status]}\n`, { status, headers });
}

function healthAnswer({ ok, reasons }: Health): Response {
  const status = ok ? STATUS_CODE.OK : STATUS_CODE.ServiceUnavailable;
  return Response.json({ ok, reasons }, { status });
}

async function answerSupervisor(
  options: AdminServerOptions,
  request: Request,
): Promise<Response> {
  const page = {
    "/healthz": async () => healthAnswer(await options.health()),
    "/readyz": async () => healthAnswer(await options.readiness()),
    "/metrics": async () =>
      new Response(await options.metrics(), { headers: { "content-type": METRICS_TYPE } }),
  }[new URL(request.url).pathname];
  await request.body?.cancel();
  if (page === undefined) return plain(STATUS_CODE.NotFound);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain(STATUS_CODE.MethodNotAllowed, { allow: "GET, HEAD" });
  }
  return await page();
}

async function answer(options: AdminServerOptions, request: Request): Promise<Response> {
  if (request.headers.has(FUNNEL_HEADER)) {
    await request.body?.cancel();
    return plain(STATUS_CODE.Forbidden);
  }
  try {
    return await options.page?.answer(request) ?? await answerSupervisor(options, request);
  } catch (error) {
    options.log.error("admin.failed", { error: String(error) });
    return plain(STATUS_CODE.ServiceUnavailable);
  }
}

/**
 * Opens the admin listener.
 *
 * @throws {Failure} When the address cannot be listened on; the message says why.
 */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const handler = (request: Request) => answer(options, request);
  const { listen } = options;
  if ("path" in listen) {
    const taken = await claimSocketPath(listen.path);
    if (taken !== null) throw taken;
    // Nobody but the owner can open it: it needs no deadlines.
    const server = Deno.serve({ path: listen.path, onListen() {} }, handler);
    await Deno.chmod(listen.path, 0o600);
    return { address: null, shutdown: () => server.shutdown() };
  }
  if (runtimeDoubt() !== null) {
    // Deno before 2.9 cannot close connections of `node:http` on which a request stalls.
    const server = Deno.serve({ ...listen, onListen() {} }, handler);
    return {
      address: { hostname: server.addr.hostname, port: server.addr.port },
      async shutdown() {
        options.page?.close();
        await server.shutdown();
      },
    };
  }
  const limits = { ...LIMITS, ...options.limits };
  const { clock } = options;
  const { bodyTimeoutMs } = limits;
  const web = { clock, bodyBytesMax: WEBHOOK_BODY_BYTES_MAX, bodyTimeoutMs, answer: handler };
  const take = (exchange: Exchange) => answerAsWeb(web, exchange);
  const server = await openHttpListener({ listen, limits, clock, take });
  return {
    address: server.address,
    shutdown() {
      options.page?.close();
      return server.shutdown();
    },
  };
}
