/**
 * A fake OpenClaw Gateway on loopback that speaks protocol 4 as the real one was seen to: the handshake,
 * turns with idempotency, transcripts, restarts in mid-turn.
 *
 * @module
 */
import { encodeHex } from "@std/encoding/hex";
import { type Clock, systemClock } from "../system/clock.ts";
import { type Random, systemRandom } from "../system/random.ts";
import { type Dialect, DIALECTS } from "./gateway_dialects.ts";
import { type Plan, planReply } from "./gateway_replies.ts";
import {
  type Answering,
  fault,
  handleMethod,
  type Json,
  type MethodParts,
  ok,
  type Reply,
} from "./gateway_methods.ts";
import { createNodes, type Nodes, type Send } from "./gateway_nodes.ts";
import { createQuestions, type Questions } from "./gateway_questions.ts";
import { createSessions, type Sessions } from "./gateway_sessions.ts";

/** How the fake is set up. */
export interface FakeGatewayOptions {
  readonly token: string;
  readonly clock?: Clock;
  readonly random?: Random;
  /** What the agent says; {@linkcode planReply} when left out. */
  readonly respond?: (message: string, sessionKey: string) => Plan;
  /** What `config.get` shows. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** What `cron.list` shows. */
  readonly jobs?: readonly Json[];
  /** How long after a restart an interrupted turn is gone on with; null for never. */
  readonly recoverAfterMs?: number | null;
  /** How long a text is held before it is written down: a restart within loses it. */
  readonly beginAfterMs?: number;
  readonly port?: number;
  /** Commands of nodes that the operator allowed. */
  readonly allowedCommands?: readonly string[];
  /** The release it plays; the newest when left out. */
  readonly release?: keyof typeof DIALECTS;
  /** The protocol it speaks; the release's when left out. */
  readonly protocol?: number;
  /** The status of what is no WebSocket, as a plugin's webhook has it; 404 when left out. */
  readonly http?: (request: Request) => number | Promise<number>;
  /** False to listen nowhere: sockets then come by {@linkcode FakeGateway.accept} alone. */
  readonly listen?: boolean;
}

/** A fake that runs. */
export interface FakeGateway {
  /** `ws://127.0.0.1:PORT`. */
  readonly url: string;
  readonly sessions: Sessions;
  readonly nodes: Nodes;
  /** Sockets that shook hands. */
  readonly connections: number;
  /** Every request, in order, without its parameters. */
  readonly requests: readonly string[];
  /** Serves a socket that came by another way; it is closed at once while the fake is down. */
  accept(socket: WebSocket): void;
  /** Tells all sockets of something; that a job has finished is also kept in the list of runs. */
  emit(event: string, payload: Json): void;
  /** Answers the next `times` calls of `agent` with an error of these words. */
  fail(message: string, times: number): void;
  /** Breaks all sockets; runs go on. */
  dropSockets(): void;
  /** Stops as on SIGKILL and comes back after `downMs` under a new boot id. */
  restart(downMs?: number): Promise<void>;
  close(): Promise<void>;
}

function checkConnect(params: Json, token: string, protocol: number): Reply | null {
  const least = Number(params.minProtocol ?? 0);
  const most = Number(params.maxProtocol ?? 0);
  if (least > protocol || most < protocol) {
    return fault("INVALID_REQUEST", "protocol mismatch", {
      // Old releases name no code.
      ...(protocol < 4 ? {} : { code: "PROTOCOL_MISMATCH" }),
      expectedProtocol: protocol,
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

function hello(
  { version, namesBoot }: Dialect,
  bootId: string,
  uptimeMs: number,
  scopes: unknown,
): Json {
  return {
    type: "hello-ok",
    protocol: 4,
    server: { version, ...(namesBoot ? { bootId } : {}), connId: crypto.randomUUID() },
    features: { methods: [], events: [] },
    snapshot: { uptimeMs },
    auth: { role: "operator", scopes },
    policy: { maxPayload: 26_214_400, tickIntervalMs: 30_000 },
  };
}

function newBootId(random: Random): string {
  return encodeHex(random.bytes(16));
}

function send(socket: WebSocket, frame: Json): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

/** The running fake: its sockets come and go, its sessions stay. */
class RunningGateway implements FakeGateway {
  readonly sessions: Sessions;
  readonly nodes: Nodes;
  readonly requests: string[] = [];
  #options: FakeGatewayOptions;
  #dialect: Dialect;
  #clock: Clock;
  #methods: MethodParts;
  /** Those that shook hands, with the scopes and capabilities they have. */
  #sockets = new Map<WebSocket, { readonly scopes: string[]; readonly caps: string[] }>();
  #questions: Questions;
  #subscribers = new Set<WebSocket>();
  /** How each socket is written to: what nodes are known by. */
  #senders = new WeakMap<WebSocket, Send>();
  #timers = new Set<() => void>();
  #bootId: string;
  #beganAtMs: number;
  #down = false;
  #server: Deno.HttpServer<Deno.NetAddr> | null;

  constructor(options: FakeGatewayOptions) {
    const { clock = systemClock, random = systemRandom, respond = planReply, config = {} } =
      options;
    this.#options = options;
    this.#dialect = DIALECTS[options.release ?? "2026.9.6"];
    this.#clock = clock;
    this.nodes = createNodes(options.allowedCommands ?? []);
    this.#questions = createQuestions(clock, (event, payload, hears) => {
      for (const [socket, { scopes, caps }] of this.#sockets) {
        if (hears(scopes, caps)) send(socket, { type: "event", event, payload });
      }
    });
    this.sessions = createSessions({
      ask: (run, asks) => this.#questions.ask(run, asks),
      clock,
      random,
      dialect: this.#dialect,
      beginAfterMs: options.beginAfterMs,
      onRow: (key, row) => this.#announce(key, row),
    });
    this.#methods = {
      sessions: this.sessions,
      dialect: this.#dialect,
      clock,
      respond,
      config,
      refused: new Map(),
      failing: { message: "", times: 0 },
      jobs: options.jobs ?? [],
      runs: [],
      later: (delayMs, fn) => this.#later(delayMs, fn),
    };
    this.#bootId = newBootId(random);
    this.#beganAtMs = clock.now();
    this.#server = options.listen === false ? null : Deno.serve(
      { hostname: "127.0.0.1", port: options.port ?? 0, onListen: () => {} },
      (request) => this.#serve(request),
    );
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#server?.addr.port ?? 0}`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  emit(event: string, payload: Json): void {
    if (event === "cron" && payload.action === "finished") {
      this.#methods.runs.unshift({ ts: this.#clock.now(), ...payload });
    }
    for (const socket of this.#sockets.keys()) send(socket, { type: "event", event, payload });
  }

  fail(message: string, times: number): void {
    this.#methods.failing = { message, times };
  }

  dropSockets(): void {
    for (const socket of [...this.#sockets.keys()]) socket.close();
  }

  restart(downMs = 0): Promise<void> {
    this.#down = true;
    const { recover } = this.sessions.interrupt();
    this.#questions.forget();
    this.dropSockets();
    return new Promise((resolve) =>
      this.#later(downMs, () => {
        this.#bootId = newBootId(this.#options.random ?? systemRandom);
        this.#beganAtMs = this.#clock.now();
        this.#down = false;
        const { recoverAfterMs = 100 } = this.#options;
        if (recoverAfterMs !== null) this.#later(recoverAfterMs, recover);
        resolve();
      })
    );
  }

  async close(): Promise<void> {
    this.#down = true;
    this.sessions.interrupt();
    this.#questions.forget();
    for (const cancel of this.#timers) cancel();
    this.dropSockets();
    await this.#server?.shutdown();
  }

  #later(delayMs: number, fn: () => void): void {
    const cancel = this.#clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      fn();
    });
    this.#timers.add(cancel);
  }

  #announce(sessionKey: string, message: Json): void {
    const { id: messageId } = message["__openclaw"] as Json;
    const session = { deliveryContext: this.sessions.route(sessionKey) ?? undefined };
    const payload = { sessionKey, message, messageId, session };
    const frame = { type: "event", event: "session.message", payload };
    for (const socket of this.#subscribers) send(socket, frame);
  }

  #serve(request: Request): Response | Promise<Response> {
    if (this.#down) return new Response("starting", { status: 503 });
    if (new URL(request.url).pathname === "/readyz") return Response.json({ ready: true });
    if (request.headers.get("upgrade") !== "websocket") {
      return Promise.resolve(this.#options.http?.(request) ?? 404)
        .then((status) => new Response(null, { status }));
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    this.accept(socket);
    return response;
  }

  accept(socket: WebSocket): void {
    if (this.#down) return socket.close();
    socket.onopen = () => {
      const payload = { nonce: crypto.randomUUID(), ts: this.#clock.now() };
      send(socket, { type: "event", event: "connect.challenge", payload });
    };
    socket.onmessage = ({ data }) => {
      const { id, method, params = {} } = JSON.parse(String(data));
      const answer = (reply: Reply) => send(socket, { type: "res", id, ...reply });
      if (this.#sockets.has(socket)) this.#handle(socket, method, params, answer);
      else this.#greet(socket, method, params, answer);
    };
    socket.onclose = () => {
      this.nodes.disconnect(this.#sender(socket));
      this.#sockets.delete(socket);
      this.#subscribers.delete(socket);
    };
  }

  #greet(socket: WebSocket, method: string, params: Json, answer: Answering): void {
    const refused = method === "connect"
      ? checkConnect(params, this.#options.token, this.#options.protocol ?? this.#dialect.protocol)
      : fault("INVALID_REQUEST", "first frame must be connect");
    const uptimeMs = this.#clock.now() - this.#beganAtMs;
    answer(refused ?? ok(hello(this.#dialect, this.#bootId, uptimeMs, params.scopes)));
    if (refused !== null) return socket.close(1008);
    const { scopes = [], caps = [] } = params as { scopes?: string[]; caps?: string[] };
    this.#sockets.set(socket, { scopes, caps });
    if (params.role === "node") this.nodes.connect(this.#sender(socket), params);
  }

  #sender(socket: WebSocket): Send {
    const known = this.#senders.get(socket) ?? ((frame) => send(socket, frame));
    this.#senders.set(socket, known);
    return known;
  }

  #handle(socket: WebSocket, method: string, params: Json, answer: Answering): void {
    this.requests.push(method);
    if (method === "sessions.subscribe" || method === "sessions.messages.subscribe") {
      this.#subscribers.add(socket);
      return answer(ok({ subscribed: true }));
    }
    if (method === "node.pluginTools.update" && !this.#dialect.takesTools) {
      return answer(fault("INVALID_REQUEST", `unknown method: ${method}`));
    }
    const ofNodes = this.nodes.handle(this.#sender(socket), method, params);
    if (ofNodes !== null) return answer(ofNodes);
    const { scopes = [] } = this.#sockets.get(socket) ?? {};
    const ofQuestions = this.#questions.handle(method, params, scopes);
    if (ofQuestions !== null) return answer(ofQuestions);
    handleMethod(this.#methods, method, params, answer, scopes);
  }
}

/** Starts a fake Gateway on a free port. */
export function startFakeGateway(options: FakeGatewayOptions): FakeGateway {
  return new RunningGateway(options);
}
