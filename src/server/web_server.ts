/**
 * A server of `Request` and `Response` for those who run the bridge: its crowd and its deadlines are
 * bounded, also on a Unix socket, where a script of the owner's that leaks connections would else take
 * the last descriptor.
 *
 * @module
 */
import { STATUS_CODE } from "@std/http/status";
import {
  ADMIN_CONNECTIONS_MAX,
  ADMIN_KEEP_ALIVE_MS,
  WEBHOOK_BODY_TIMEOUT_MS,
  WEBHOOK_BUFFERED_BYTES_MAX,
  WEBHOOK_HEADERS_TIMEOUT_MS,
} from "../system/limits.ts";
import { runtimeDoubt } from "../system/runtime.ts";
import { type ListenerLimits, openHttpListener } from "./http_listener.ts";
import type { Address, SocketPath } from "./listen.ts";
import { answerAsWeb, type WebHandlerOptions } from "./web_handler.ts";

const LIMITS: ListenerLimits = {
  headersTimeoutMs: WEBHOOK_HEADERS_TIMEOUT_MS,
  bodyTimeoutMs: WEBHOOK_BODY_TIMEOUT_MS,
  bufferedBytesMax: WEBHOOK_BUFFERED_BYTES_MAX,
  connectionsMax: ADMIN_CONNECTIONS_MAX,
  keepAliveMs: ADMIN_KEEP_ALIVE_MS,
};

/** What the server works with. */
export interface WebServerOptions extends Omit<WebHandlerOptions, "bodyTimeoutMs"> {
  readonly listen: Address | SocketPath;
  /** Deadlines and sizes other than those of `system/limits.ts`, for tests. */
  readonly limits?: Partial<ListenerLimits> | undefined;
}

/** A server that runs. */
export interface WebServer {
  /** Where it listens; null for a Unix socket. */
  readonly address: Address | null;
  /** Lets requests under way end. */
  shutdown(): Promise<void>;
}

/**
 * Opens it; a Unix socket is its owner's alone.
 *
 * @throws {Failure} When the address cannot be listened on; the message says why.
 */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const { listen, clock } = options;
  const limits = { ...LIMITS, ...options.limits };
  const server = runtimeDoubt() === null
    ? await openHttpListener({
      listen,
      limits,
      clock,
      take: (exchange) =>
        answerAsWeb({ ...options, bodyTimeoutMs: limits.bodyTimeoutMs }, exchange),
    })
    // Deno before 2.9 cannot close connections of `node:http` on which a request stalls.
    : serveOld(options);
  if (!("path" in listen)) return server;
  await Deno.chmod(listen.path, 0o600);
  return { address: null, shutdown: () => server.shutdown() };
}

function serveOld({ listen, bodyBytesMax, answer }: WebServerOptions): WebServer {
  // It makes room for as much as is announced, and ends the program when there is none.
  const take = (request: Request) =>
    Number(request.headers.get("content-length")) > bodyBytesMax
      ? new Response(null, { status: STATUS_CODE.ContentTooLarge })
      : answer(request);
  if ("path" in listen) {
    const server = Deno.serve({ path: listen.path, onListen() {} }, take);
    return { address: null, shutdown: () => server.shutdown() };
  }
  const server = Deno.serve({ ...listen, onListen() {} }, take);
  const { hostname, port } = server.addr;
  return { address: { hostname, port }, shutdown: () => server.shutdown() };
}
