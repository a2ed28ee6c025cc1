/**
 * The link: one WebSocket to the Gateway that comes back by itself.
 *
 * @module
 */
import { type Clock, sleep, untilAborted } from "../system/clock.ts";
import {
  GATEWAY_BACKOFF_MS_MAX,
  GATEWAY_BACKOFF_MS_MIN,
  GATEWAY_HANDSHAKE_TIMEOUT_MS,
  GATEWAY_REFUSED_RETRY_MS,
  GATEWAY_TICK_MS_MAX,
} from "../system/limits.ts";
import type { Log } from "../system/log.ts";
import type { Random } from "../system/random.ts";
import {
  type Answer,
  type Challenge,
  Connection,
  type GatewayEvent,
  type RequestOptions,
  type Socket,
} from "./connection.ts";
import { asObject, asString, type GatewayFault, type JsonObject } from "./frames.ts";
import {
  isReduced,
  type LinkState,
  REDUCED,
  type Refusal,
  REFUSAL_ADVICE,
  refusalOf,
  type Session,
} from "./link_state.ts";
import { openGatewaySocket } from "./web_socket.ts";

/** A connection to the Gateway, kept up. */
export interface Link {
  state(): LinkState;
  /** The session of the ready link; null when `signal` aborts or the link is closed first. */
  ready(signal?: AbortSignal): Promise<Session | null>;
  request(method: string, params?: JsonObject, options?: RequestOptions): Promise<Answer>;
  /** Calls `listener` for every event; the function returned ends that. */
  onEvent(listener: (event: GatewayEvent) => void): () => void;
  /** Calls `listener` at every change of state; the function returned ends that. */
  onState(listener: (state: LinkState) => void): () => void;
  /** Goes to another Gateway, or to the same one with another token. */
  redirect(target: Pick<LinkOptions, "url" | "token" | "caCerts">): void;
  /** Closes for good. */
  close(): Promise<void>;
}

/** What a link is made from. */
export interface LinkOptions {
  /** `ws://` or `wss://`. */
  readonly url: string;
  readonly token: string | undefined;
  /** Certificates, PEM, that vouch for the Gateway besides those that the system knows. */
  readonly caCerts?: readonly string[] | undefined;
  readonly version: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Besides reading and writing. */
  readonly scopes?: readonly string[];
  /** What it can do besides hearing of single sessions. */
  readonly caps?: readonly string[];
  /** What it waits for before it first connects. */
  readonly begin?: Promise<void>;
  /** The parameters of `connect`; those of an operator when left out. */
  readonly connectParams?: (options: LinkOptions, challenge: Challenge) => Promise<JsonObject>;
  readonly openSocket?: (url: string, caCerts?: readonly string[]) => Socket;
}

/** How much later than two ticks silence means that the Gateway is gone. */
const TICK_SLACK_MS = 1_000;

function operatorParams({ token, version, scopes = [], caps = [] }: LinkOptions): JsonObject {
  return {
    minProtocol: 4,
    maxProtocol: 4,
    client: {
      id: "gateway-client",
      mode: "backend",
      displayName: "sms-bridge",
      version,
      platform: "deno",
    },
    role: "operator",
    scopes: ["operator.read", "operator.write", ...scopes],
    auth: token === undefined ? {} : { token },
    caps: ["session-scoped-events", ...caps],
  };
}

function readSession(payload: JsonObject, { ts }: Challenge): Session {
  const server = asObject(payload.server);
  const tick = asObject(payload.policy).tickIntervalMs;
  const { scopes } = asObject(payload.auth);
  const { uptimeMs } = asObject(payload.snapshot);
  return {
    bootId: asString(server.bootId) ?? "",
    serverVersion: /^[\w.+-]{1,40}$/.exec(asString(server.version) ?? "")?.[0] ?? "",
    beganAtMs: typeof uptimeMs === "number" && ts > 0 ? ts - uptimeMs : null,
    tickIntervalMs: typeof tick === "number" && tick >= 1_000
      ? Math.min(tick, GATEWAY_TICK_MS_MAX)
      : 30_000,
    mayReset: !Array.isArray(scopes) || scopes.includes("operator.admin"),
  };
}

/** A fault in one word: its message may hold anything else, a key or a number. */
function sayable({ code, message }: GatewayFault): string {
  return /^[a-z]{1,30}$/i.test(message) ? message : code;
}

/** What came of a handshake: a session, the Gateway's fault, or why it never came about. */
type Handshake = Session | GatewayFault | string;

/** How long to wait before the next connection, and how many have failed in a row. */
interface Pause {
  readonly waitMs: number;
  readonly failures: number;
}

/**
 * Whether a Gateway knows sms, asked of one that is old enough not to: for a session that is not there, with
 * a word that is never a turn, so that nothing comes of it whatever it knows.
 */
async function knowsSms(connection: Connection, clock: Clock): Promise<boolean> {
  const answer = await connection.request(clock, "agent", {
    sessionKey: "agent:sms-bridge-probe:sms:direct:+15550100000",
    message: "/reset",
    channel: "sms",
    to: "sms:+15550100000",
    deliver: false,
    idempotencyKey: "sms-bridge-probe",
  }, {});
  return answer.kind !== "error" || !/unknown channel/.test(answer.fault.message);
}

function isSession(handshake: Handshake): handshake is Session {
  return typeof handshake === "object" && "bootId" in handshake;
}

class ReconnectingLink implements Link {
  #options: LinkOptions;
  #state: LinkState = { kind: "connecting" };
  #connection: Connection | undefined;
  /** What the log has been told of last; null when it is ready. */
  #told: Refusal | "away" | null = null;
  #eventListeners = new Set<(event: GatewayEvent) => void>();
  #stateListeners = new Set<(state: LinkState) => void>();
  #stop = new AbortController();
  #running: Promise<void>;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  state(): LinkState {
    return this.#state;
  }

  ready(signal?: AbortSignal): Promise<Session | null> {
    return new Promise((resolve) => {
      const done = (session: Session | null) => {
        this.#stateListeners.delete(look);
        signal?.removeEventListener("abort", abort);
        resolve(session);
      };
      const abort = () => done(null);
      const look = (now: LinkState) => {
        if (now.kind === "ready") done(now.session);
        else if (now.kind === "closed") done(null);
      };
      this.#stateListeners.add(look);
      signal?.addEventListener("abort", abort, { once: true });
      if (signal?.aborted) abort();
      else look(this.#state);
    });
  }

  request(method: string, params: JsonObject = {}, options: RequestOptions = {}): Promise<Answer> {
    if (this.#state.kind !== "ready" || this.#connection === undefined) {
      return Promise.resolve({ kind: "not-sent" });
    }
    return this.#connection.request(this.#options.clock, method, params, options);
  }

  onEvent(listener: (event: GatewayEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  onState(listener: (state: LinkState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  redirect({ url, token, caCerts }: Pick<LinkOptions, "url" | "token" | "caCerts">): void {
    const now = this.#options;
    const same = String(caCerts ?? "") === String(now.caCerts ?? "");
    if (url === now.url && token === now.token && same) return;
    this.#options = { ...now, url, token, caCerts };
    this.#connection?.close("the Gateway's address or token was changed");
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#connection?.close("closing");
    await this.#running;
    this.#enter({ kind: "closed" });
  }

  #enter(next: LinkState): void {
    this.#state = next;
    for (const listener of [...this.#stateListeners]) listener(next);
  }

  async #run(): Promise<void> {
    let failures = 0;
    const { begin } = this.#options;
    if (begin !== undefined) await Promise.race([begin, untilAborted(this.#stop.signal)]);
    while (!this.#stop.signal.aborted) {
      const pause = await this.#connectOnce(failures);
      failures = pause.failures;
      await sleep(this.#options.clock, pause.waitMs, this.#stop.signal);
    }
  }

  async #connectOnce(failures: number): Promise<Pause> {
    const { openSocket = openGatewaySocket, url, caCerts, clock, log } = this.#options;
    this.#enter({ kind: "connecting" });
    let socket: Socket;
    try {
      socket = openSocket(url, caCerts);
    } catch (error) {
      // A host that the program was not started for, or no URL at all.
      const hint = "restart the service: it connects only to what it was started for";
      log.error("gateway.forbidden", { reason: (error as Error).name, hint });
      return this.#wait("the connection is not permitted", failures, null);
    }
    const connection = new Connection(socket, (event) => {
      for (const listener of [...this.#eventListeners]) listener(event);
    });
    this.#connection = connection;
    const handshake = await this.#shakeHands(connection);
    if (!isSession(handshake)) {
      connection.close("handshake failed");
      return this.#afterFailure(handshake, failures);
    }
    const { serverVersion: version } = handshake;
    const reduced = isReduced(handshake);
    const asks = reduced && this.#options.connectParams === undefined;
    if (asks && !await knowsSms(connection, clock)) {
      connection.close("it does not know sms");
      return this.#refuse("release");
    }
    if (reduced) log.warn("gateway.ready", { version, hint: REDUCED });
    else log.info("gateway.ready", { version });
    this.#told = null;
    this.#enter({ kind: "ready", session: handshake });
    connection.watch(clock, 2 * handshake.tickIntervalMs + TICK_SLACK_MS);
    const reason = await connection.closed.promise;
    if (!this.#stop.signal.aborted) log.warn("gateway.lost", { reason });
    this.#told = "away";
    return this.#wait(reason, 0, null);
  }

  async #shakeHands(connection: Connection): Promise<Handshake> {
    const { clock } = this.#options;
    const deadline = new AbortController();
    const first = await Promise.race([
      connection.challenge.promise,
      connection.closed.promise,
      sleep(clock, GATEWAY_HANDSHAKE_TIMEOUT_MS, deadline.signal).then(() => "no challenge came"),
    ]);
    deadline.abort();
    if (typeof first === "string") return first;
    const { connectParams = operatorParams } = this.#options;
    const params = await connectParams(this.#options, first);
    const answer = await connection.request(clock, "connect", params, {
      timeoutMs: GATEWAY_HANDSHAKE_TIMEOUT_MS,
    });
    if (answer.kind === "ok") return readSession(answer.payload, first);
    return answer.kind === "error" ? answer.fault : "the handshake was not answered";
  }

  #afterFailure(fault: GatewayFault | string, failures: number): Pause {
    if (typeof fault === "string") return this.#wait(fault, failures, null);
    const refusal = refusalOf(fault);
    if (refusal === null) {
      return this.#wait(sayable(fault), failures, fault.retryAfterMs);
    }
    return this.#refuse(refusal);
  }

  #refuse(refusal: Refusal): Pause {
    const { clock, log } = this.#options;
    if (this.#told !== refusal) {
      log.error("gateway.refused", { why: refusal, hint: REFUSAL_ADVICE[refusal] });
    }
    this.#told = refusal;
    const untilMs = clock.now() + GATEWAY_REFUSED_RETRY_MS;
    this.#enter({ kind: "refused", why: refusal, untilMs });
    return { waitMs: GATEWAY_REFUSED_RETRY_MS, failures: 0 };
  }

  #wait(reason: string, failures: number, retryAfterMs: number | null): Pause {
    const { clock, random } = this.#options;
    const fullMs = Math.min(GATEWAY_BACKOFF_MS_MAX, GATEWAY_BACKOFF_MS_MIN * 2 ** failures);
    const waitMs = retryAfterMs ?? fullMs * (0.5 + random.fraction() / 2);
    if (!this.#stop.signal.aborted) {
      if (this.#told !== "away") {
        const hint = "texts wait; is the Gateway running? `openclaw gateway status`";
        this.#options.log.warn("gateway.away", { reason, hint });
      }
      this.#told = "away";
      this.#enter({ kind: "waiting", reason, untilMs: clock.now() + waitMs });
    }
    return { waitMs, failures: failures + 1 };
  }
}

/** Connects, and keeps connecting until it is closed. */
export function createLink(options: LinkOptions): Link {
  return new ReconnectingLink(options);
}
