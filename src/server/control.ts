/**
 * The control socket: HTTP with JSON over a Unix socket that only its owner may open. Commands, scripts
 * and agents talk to the daemon through it, since only the daemon has the store open.
 *
 * @module
 */
import { STATUS_CODE } from "@std/http/status";
import type { Clock } from "../system/clock.ts";
import { Failure, failure } from "../system/failure.ts";
import { CONTROL_BODY_BYTES_MAX, CONTROL_ROW_BODY_BYTES_MAX } from "../system/limits.ts";
import type { Log } from "../system/log.ts";
import { parseOutsideJson } from "../system/outside_json.ts";
import { claimSocketPath } from "./unix_socket.ts";
import { startWebServer } from "./web_server.ts";

/** A request on the control socket. */
export interface ControlRequest {
  /** The values of the route's `{names}`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The JSON value sent, or undefined when the body was empty. */
  readonly body: unknown;
  /** The header `Idempotency-Key`. */
  readonly idempotencyKey: string | null;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

/** Answers a route: any JSON value, or what went wrong. */
export type ControlHandler = (request: ControlRequest) => unknown | Promise<unknown>;

/** Handlers by method and path, as in `GET /v1/messages/{id}`. */
export type ControlRoutes = Readonly<Record<string, ControlHandler>>;

/** What the control server works with. */
export interface ControlServerOptions {
  /** Where the socket is made; its directory must exist and belong to its owner alone. */
  readonly path: string;
  readonly routes: ControlRoutes;
  /** The path of a route that takes a row of the store, which is longer than what others take. */
  readonly takesRows?: string;
  readonly log: Log;
  readonly clock: Clock;
}

/** A control server that runs. */
export interface ControlServer {
  /** Lets requests under way end, then removes the socket. */
  shutdown(): Promise<void>;
}

interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly bodyBytesMax: number;
  readonly handler: ControlHandler;
}

function parseRoutes({ routes, takesRows }: ControlServerOptions): Route[] {
  return Object.entries(routes).map(([key, handler]) => {
    const [method = "", path = ""] = key.split(" ");
    // Compiling a URLPattern takes a hundred times as long.
    const pattern = path.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)");
    const bodyBytesMax = path === takesRows ? CONTROL_ROW_BODY_BYTES_MAX : CONTROL_BODY_BYTES_MAX;
    return { method, path: new RegExp(`^${pattern}$`), bodyBytesMax, handler };
  });
}

// Made when they are told: an error that is made while a module loads has V8 parse all of its file again.
const tooLarge = (bytesMax: number) =>
  failure(
    "usage",
    "body-too-large",
    `Cannot read the body as it must be at most ${bytesMax} bytes`,
    "send less in one request",
  );
const unreadable = () => failure("usage", "request-unreadable", "Cannot read the request");

async function readJson(request: Request, bytesMax: number): Promise<unknown | Failure> {
  let text: string;
  try {
    text = await request.text();
  } catch {
    return failure("usage", "body-broken-off", "Cannot read the body as it ended before its end");
  }
  if (text.length > bytesMax) return tooLarge(bytesMax);
  if (text === "") return undefined;
  try {
    return parseOutsideJson(text);
  } catch {
    return failure("usage", "body-not-json", "Cannot read the body as it must be JSON");
  }
}

/** A part of a path, decoded; null when its percent signs are none of an encoding. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

async function dispatch(routes: readonly Route[], request: Request): Promise<unknown | Failure> {
  const url = new URL(request.url);
  const { pathname } = url;
  const here = routes.filter((route) => route.path.test(pathname));
  const route = here.find(({ method }) => method === request.method);
  if (route === undefined) {
    await request.body?.cancel();
    return here.length === 0
      ? failure("not-found", "no-such-route", `Cannot find ${request.method} ${pathname}`)
      : failure("usage", "no-such-method", `Cannot ${request.method} ${pathname}`);
  }
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(route.path.exec(pathname)?.groups ?? {})) {
    const text = decoded(value);
    if (text === null) {
      await request.body?.cancel();
      return failure("usage", "path-not-decodable", `Cannot decode ${pathname} as UTF-8`);
    }
    params[name] = text;
  }
  const body = await readJson(request, route.bodyBytesMax);
  if (body instanceof Failure) return body;
  return await route.handler({
    params,
    query: url.searchParams,
    body,
    idempotencyKey: request.headers.get("idempotency-key"),
    signal: request.signal,
  });
}

async function answer(
  routes: readonly Route[],
  log: Log,
  request: Request,
): Promise<Response> {
  let value: unknown;
  try {
    value = await dispatch(routes, request);
  } catch (error) {
    log.error("control.failed", { error: String(error) });
    value = failure("failed", "internal", "The daemon failed; its log says why");
  }
  const status = value instanceof Failure ? value.status : 200;
  return Response.json(value ?? null, { status });
}

/**
 * Opens the control socket, mode 0600. The file of a daemon that died is removed once a connection to
 * it has been refused; a {@linkcode Failure} comes back when another daemon answers, or the path cannot
 * be a socket's.
 *
 * @throws {Error} What the system says when the socket cannot be made.
 */
export async function startControlServer(
  options: ControlServerOptions,
): Promise<ControlServer | Failure> {
  const { path, log } = options;
  const taken = await claimSocketPath(path);
  if (taken !== null) return taken;
  const routes = parseRoutes(options);
  const server = await startWebServer({
    listen: { path },
    clock: options.clock,
    bodyBytesMax: CONTROL_ROW_BODY_BYTES_MAX,
    refusal: (status) => {
      const said = status === STATUS_CODE.ContentTooLarge
        ? tooLarge(CONTROL_ROW_BODY_BYTES_MAX)
        : unreadable();
      return { type: "application/json", body: JSON.stringify(said) };
    },
    answer: (request) => answer(routes, log, request),
  });
  return {
    async shutdown() {
      await server.shutdown();
      await Deno.remove(path).catch(() => {});
    },
  };
}
