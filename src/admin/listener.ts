/**
 * The admin listener: health, readiness and metrics for the machine's own supervisors, and a page for its
 * operator. Never public.
 *
 * @module
 */
import { STATUS_CODE, STATUS_TEXT, type StatusCode } from "@std/http/status";
import type { Health } from "../bridge/health.ts";
import type { Log } from "../system/log.ts";
import type { AdminPage } from "./page.ts";
import type { ListenerLimits } from "../server/http_listener.ts";
import type { Address } from "../server/listen.ts";
import { METRICS_TYPE } from "../server/metrics.ts";
import { Failure } from "../system/failure.ts";
import { claimSocketPath } from "../server/unix_socket.ts";
import { startWebServer } from "../server/web_server.ts";
import type { Clock } from "../system/clock.ts";
import { WEBHOOK_BODY_BYTES_MAX } from "../system/limits.ts";

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
    if (error instanceof Failure) {
      const told = [error.message, error.hint].filter((part) => part !== "").join("; ");
      return new Response(`${told}\n`, { status: STATUS_CODE.ServiceUnavailable });
    }
    return plain(STATUS_CODE.ServiceUnavailable);
  }
}

/**
 * Opens the admin listener.
 *
 * @throws {Failure} When the address cannot be listened on; the message says why.
 */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { listen, clock, page } = options;
  const taken = "path" in listen ? await claimSocketPath(listen.path) : null;
  if (taken !== null) throw taken;
  const server = await startWebServer({
    listen,
    limits: options.limits,
    clock,
    bodyBytesMax: WEBHOOK_BODY_BYTES_MAX,
    answer: (request) => answer(options, request),
  });
  return {
    address: server.address,
    async shutdown() {
      page?.close();
      await server.shutdown();
    },
  };
}
