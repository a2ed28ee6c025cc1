/**
 * An HTTP listener that strangers cannot fill: deadlines for heads and bodies, a bounded crowd, one request
 * at a time on each connection. It is built on `node:http` since `Deno.serve` has no deadline for headers.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Clock, sleep } from "../system/clock.ts";
import { createCrowd, type Crowd, type CrowdLimits, type Place } from "./connections.ts";
import { type Address, listen, type SocketPath } from "./listen.ts";
import { guardConnection, type Turnstile } from "./one_at_a_time.ts";

/** What one client, and all of them, may take. */
export interface ListenerLimits extends CrowdLimits {
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly keepAliveMs: number;
}

/** A request that is to be answered. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly place: Place;
  readonly turnstile: Turnstile;
}

/** What the listener works with. */
export interface HttpListenerOptions {
  readonly listen: Address | SocketPath;
  readonly limits: ListenerLimits;
  readonly clock: Clock;
  /** Answers one request; where it rejects, its client alone pays for our mistake. */
  readonly take: (exchange: Exchange) => Promise<void>;
}

/** A listener that runs. */
export interface HttpListener {
  /** Where it listens; of a Unix socket it says nothing. */
  readonly address: Address;
  /** Connections at this moment. */
  readonly connections: number;
  /** Connections taken since the start. */
  readonly accepted: number;
  /** Gives the address up and takes it again; connections stay. */
  reopen(): Promise<void>;
  /** Takes no new connections, lets whole requests be answered, and resolves when all are closed. */
  shutdown(): Promise<void>;
}

/** How often deadlines are looked at: a stalled request ends at most so much later. */
const DEADLINE_CHECK_MS = 250;
/** Deno before 2.9 cannot close a connection on which a request has stalled: it is left to the exit. */
const CLOSE_GRACE_MS = 250;

interface Guest {
  readonly place: Place;
  readonly turnstile: Turnstile;
}

/** Wires a server to what answers its requests; `track` is told of each while it is under way. */
function createGuardedServer(
  { limits, take }: HttpListenerOptions,
  crowd: Crowd,
  track: (request: Promise<void>) => void,
  onConnection: () => void,
): Server {
  const guests = new WeakMap<Socket, Guest>();
  // What a request sets off, `node:http` notes as belonging to it: a text that waits would hold its whole request.
  const apart = AsyncLocalStorage.snapshot();

  function enter(socket: Socket): Guest {
    const place = crowd.enter(() => socket.destroy());
    const guest = { place, turnstile: guardConnection(socket) };
    guests.set(socket, guest);
    socket.once("close", place.leave);
    return guest;
  }

  function begin(request: IncomingMessage, response: ServerResponse) {
    const guest = guests.get(request.socket) ?? enter(request.socket);
    if (!guest.turnstile.enter()) return;
    guest.place.begin();
    const taken = apart(take, { request, response, ...guest });
    track(taken.catch(() => void request.socket.destroy()));
  }

  const server = createServer({
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.headersTimeoutMs + limits.bodyTimeoutMs,
    connectionsCheckingInterval: DEADLINE_CHECK_MS,
    keepAliveTimeout: limits.keepAliveMs,
  });
  server.on("connection", (socket) => {
    onConnection();
    enter(socket);
  });
  server.on("request", begin);
  server.on("checkContinue", begin);
  return server;
}

/**
 * Opens a listener.
 *
 * @throws {Failure} When the address cannot be listened on; the message says why.
 */
export async function openHttpListener(options: HttpListenerOptions): Promise<HttpListener> {
  const { clock, limits } = options;
  const crowd = createCrowd(limits);
  const underWay = new Set<Promise<void>>();
  let accepted = 0;
  const track = (request: Promise<void>) => {
    underWay.add(request);
    request.finally(() => underWay.delete(request));
  };
  const server = createGuardedServer(options, crowd, track, () => accepted++);
  const address = await listen(server, options.listen);
  return {
    address,
    get connections() {
      return crowd.size;
    },
    get accepted() {
      return accepted;
    },
    async reopen() {
      server.close();
      await listen(server, "path" in options.listen ? options.listen : address);
    },
    async shutdown() {
      const closed = new AbortController();
      server.close(() => closed.abort());
      crowd.dismissIdle();
      while (underWay.size > 0) await Promise.all(underWay);
      server.closeAllConnections();
      await sleep(clock, CLOSE_GRACE_MS, closed.signal);
    },
  };
}
