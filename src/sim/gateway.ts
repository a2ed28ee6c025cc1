/**
 * A fake OpenClaw Gateway on loopback that speaks protocol 4 as the real one was seen to: the handshake,
 * turns with idempotency, transcripts, restarts in mid-turn.
 *
 * @module
 */
import { type Clock, systemClock } from "../system/clock.ts";
import { type Random, systemRandom } from "../system/random.ts";
import { type Plan, planReply } from "./gateway_replies.ts";
import { createSessions, type Run, type Sessions } from "./gateway_sessions.ts";

/** How the fake is set up. */
export interface FakeGatewayOptions {
  readonly token: string;
  readonly clock?: Clock;
  readonly random?: Random;
  /** What the agent says; {@linkcode planReply} when left out. */
  readonly respond?: (message: string, sessionKey: string) => Plan;
  /** What `config.get` shows. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** How long after a restart an interrupted turn is gone on with; null for never. */
  readonly recoverAfterMs?: number | null;
  readonly port?: number;
}

/** A fake that runs. */
export interface FakeGateway {
  /** `ws://127.0.0.1:PORT`. */
  readonly url: string;
  readonly sessions: Sessions;
  /** Sockets that shook hands. */
  readonly connections: number;
  /** Every request, in order, without its parameters. */
  readonly requests: readonly string[];
  /** Breaks all sockets; runs go on. */
  dropSockets(): void;
  /** Stops as on SIGKILL and comes back after `downMs` under a new boot id. */
  restart(downMs?: number): Promise<void>;
  close(): Promise<void>;
}

type Json = Record<string, unknown>;

/** Sent values: an answer, or a fault. */
type Reply = { readonly ok: true; readonly payload: Json } | {
  readonly ok: false;
  readonly error: Json;
};

/** How long a finished run can be asked for again under its key. */
const CACHE_MS = 300_000;
const ok = (payload: Json): Reply => ({ ok: true, payload });
const fault = (code: string, message: string, details: Json = {}): Reply => ({
  ok: false,
  error: { code, message, details },
});

function checkConnect(params: Json, token: string): Reply | null {
  const least = Number(params.minProtocol ?? 0);
  const most = Number(params.maxProtocol ?? 0);
  if (least > 4 || most < 4) {
    return fault("INVALID_REQUEST", "protocol mismatch", {
      code: "PROTOCOL_MISMATCH",
      expectedProtocol: 4,
    });
  }
  const given = (params.auth as Json | undefined)?.token;
  if (given === undefined || given === "") {
    return fault("NOT_PAIRED", "device identity required", { code: "DEVICE_IDENTITY_REQUIRED" });
  }
  if (given !== token) {
    return fault("INVALID_REQUEST", "unauthorized", {
      code: "AUTH_TOKEN_MISMATCH",
      authReason: "token_mismatch",
    });
  }
  return null;
}

/** Starts a fake Gateway on a free port. */
export function startFakeGateway(options: FakeGatewayOptions): FakeGateway {
  const clock = options.clock ?? systemClock;
  const random = options.random ?? systemRandom;
  const respond = options.respond ?? planReply;
  const sockets = new Set<WebSocket>();
  const subscribers = new Set<WebSocket>();
  const requests: string[] = [];
  const timers = new Set<() => void>();
  let bootId = crypto.randomUUID();
  let down = false;

  const sessions = createSessions({
    clock,
    random,
    onRow: (sessionKey, row) => {
      const message = {
        type: "event",
        event: "session.message",
        payload: { sessionKey, message: row },
      };
      for (const socket of subscribers) send(socket, message);
    },
  });

  function send(socket: WebSocket, frame: Json): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  }
  function later(delayMs: number, fn: () => void): void {
    const cancel = clock.after(delayMs, () => {
      timers.delete(cancel);
      fn();
    });
    timers.add(cancel);
  }

  function hello(): Json {
    return {
      type: "hello-ok",
      protocol: 4,
      server: { version: "2026.9.6", bootId, connId: crypto.randomUUID() },
      features: { methods: [], events: [] },
      auth: { role: "operator", scopes: ["operator.read", "operator.write"] },
      policy: { maxPayload: 26_214_400, tickIntervalMs: 30_000 },
    };
  }

  function agent(params: Json, answer: (reply: Reply) => void): void {
    const { idempotencyKey: runId, sessionKey, message } = params;
    if (
      typeof runId !== "string" || typeof sessionKey !== "string" || typeof message !== "string" ||
      !message
    ) {
      return answer(fault("INVALID_REQUEST", "invalid agent params"));
    }
    const known = sessions.run(runId);
    if (known !== undefined && known.result === null) {
      return answer(ok({ runId, status: "in_flight" }));
    }
    if (known?.result && clock.now() - known.endedAtMs! < CACHE_MS) return answer(known.result);
    const run = sessions.begin(runId, sessionKey, message, respond(message, sessionKey));
    answer(ok({ runId, sessionKey, status: "accepted", acceptedAt: clock.now() }));
    run.done.then((result) => result === "interrupted" || answer(result));
  }

  function wait(params: Json, answer: (reply: Reply) => void): void {
    const runId = String(params.runId);
    const run: Run | undefined = sessions.run(runId);
    const timeout = ok({ runId, status: "timeout" });
    if (run === undefined) return answer(timeout);
    let answered = false;
    const once = (reply: Reply) => {
      if (!answered) answer(reply);
      answered = true;
    };
    later(Number(params.timeoutMs ?? 30_000), () => once(timeout));
    run.done.then((result) => {
      if (result === "interrupted") return;
      const text = result.ok
        ? ((result.payload.result as Json).payloads as Json[])[0]?.text
        : undefined;
      const terminalReply = { disposition: text ? "visible" : "silent", ...(text ? { text } : {}) };
      once(ok({ runId, status: result.ok ? "ok" : "error", terminalReply }));
    });
  }

  function history(params: Json): Reply {
    const sessionKey = String(params.sessionKey);
    const rows = sessions.rows(sessionKey).slice(-Number(params.limit ?? 200));
    const active = sessions.active(sessionKey);
    const current = active.find((run) => run.began);
    return ok({
      sessionKey,
      messages: rows,
      deltaCursor: String(sessions.rows(sessionKey).length),
      ...(current ? { inFlightRun: { runId: current.runId, text: "" } } : {}),
      sessionInfo: {
        hasActiveRun: active.length > 0,
        activeRunIds: active.map((run) => run.runId),
      },
    });
  }

  function handle(
    socket: WebSocket,
    method: string,
    params: Json,
    answer: (reply: Reply) => void,
  ): void {
    requests.push(method);
    if (method === "agent") return agent(params, answer);
    if (method === "agent.wait") return wait(params, answer);
    if (method === "chat.history") return answer(history(params));
    if (method === "config.get") return answer(ok({ config: options.config ?? {} }));
    if (method === "sessions.subscribe" || method === "sessions.messages.subscribe") {
      subscribers.add(socket);
      return answer(ok({ subscribed: true }));
    }
    answer(fault("INVALID_REQUEST", `unknown method: ${method}`));
  }

  function accept(socket: WebSocket): void {
    let greeted = false;
    socket.onopen = () => {
      const payload = { nonce: crypto.randomUUID(), ts: clock.now() };
      send(socket, { type: "event", event: "connect.challenge", payload });
    };
    socket.onmessage = ({ data }) => {
      const { id, method, params = {} } = JSON.parse(String(data)) as {
        id: string;
        method: string;
        params?: Json;
      };
      const answer = (reply: Reply) => send(socket, { type: "res", id, ...reply });
      if (greeted) return handle(socket, method, params, answer);
      const refused = method === "connect"
        ? checkConnect(params, options.token)
        : fault("INVALID_REQUEST", "first frame must be connect");
      answer(refused ?? ok(hello()));
      if (refused !== null) return socket.close(1008);
      greeted = true;
      sockets.add(socket);
    };
    socket.onclose = () => {
      sockets.delete(socket);
      subscribers.delete(socket);
    };
  }

  function dropSockets(): void {
    for (const socket of [...sockets]) socket.close();
  }

  const server = Deno.serve(
    { hostname: "127.0.0.1", port: options.port ?? 0, onListen: () => {} },
    (request) => {
      if (down) return new Response("starting", { status: 503 });
      if (new URL(request.url).pathname === "/readyz") return Response.json({ ready: true });
      if (request.headers.get("upgrade") !== "websocket") {
        return new Response(null, { status: 404 });
      }
      const { socket, response } = Deno.upgradeWebSocket(request);
      accept(socket);
      return response;
    },
  );

  return {
    url: `ws://127.0.0.1:${server.addr.port}`,
    sessions,
    requests,
    get connections() {
      return sockets.size;
    },
    dropSockets,
    restart(downMs = 0) {
      down = true;
      const { recover } = sessions.interrupt();
      dropSockets();
      return new Promise((resolve) =>
        later(downMs, () => {
          bootId = crypto.randomUUID();
          down = false;
          const { recoverAfterMs = 100 } = options;
          if (recoverAfterMs !== null) later(recoverAfterMs, recover);
          resolve();
        })
      );
    },
    async close() {
      down = true;
      sessions.interrupt();
      for (const cancel of timers) cancel();
      dropSockets();
      await server.shutdown();
    },
  };
}
