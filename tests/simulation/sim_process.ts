/**
 * One life of the bridge in the simulator: the real service over a disk that can crash under it. When it
 * dies, its timers, requests and sockets are gone with it, and nothing of it runs on.
 */
import { type Bridge, createBridge } from "../../src/daemon/service.ts";
import type { Settings } from "../../src/config/settings.ts";
import { createLink, type Link } from "../../src/gateway/link.ts";
import type { Sharing } from "../../src/daemon/role.ts";
import type { Socket } from "../../src/gateway/connection.ts";
import type { Store } from "../../src/store/kv.ts";
import type { Clock } from "../../src/system/clock.ts";
import { TWILIO_REQUEST_TIMEOUT_MS } from "../../src/system/limits.ts";
import { createLog } from "../../src/system/log.ts";
import { type Random, seededRandom } from "../../src/system/random.ts";
import { createTwilio } from "../../src/twilio/rest.ts";
import { noDisk } from "./memory_store.ts";
import type { SimTwilio } from "./sim_twilio.ts";
import type { Wire } from "./wire.ts";

/** A store that was opened, and with whom it is shared. */
export interface OpenStore {
  readonly store: Store;
  readonly sharing?: Sharing;
}

/** A process that runs or has run. */
export interface SimProcess {
  readonly alive: boolean;
  /** The bridge once it has started, and takes webhooks. */
  readonly bridge: Bridge | null;
  /** Whether it reaches its Gateway, as far as it knows. */
  readonly linked: boolean;
  /** Moves its clock against the true time, as when the machine's clock is corrected. */
  skew(ms: number): void;
  /** As on SIGSTOP and SIGCONT. */
  pause(forMs: number): void;
  readonly paused: boolean;
  /** Runs `fn` when the process is not paused. */
  gate(fn: () => void): void;
  /** As on SIGKILL. */
  kill(): void;
  /** As on SIGTERM; resolves when it has ended. */
  stop(): Promise<void>;
}

/** What a process is started with. */
export interface ProcessParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  /** Opens its store. */
  readonly open: (life: SimProcess, clock: Clock, random: Random) => Promise<OpenStore>;
  readonly twilio: SimTwilio;
  /** Opens a socket to the Gateway. */
  readonly connect: () => Wire;
  readonly log: (line: string) => void;
  /** Called once when it has died, however that came. */
  readonly onEnd: () => void;
}

/** The clock of a process: it may be wrong, and stops with it. */
function createProcessClock(clock: Clock) {
  const timers = new Set<() => void>();
  const held: (() => void)[] = [];
  let dead = false;
  let skewMs = 0;
  let pausedUntilMs = 0;
  /** What comes while the process is paused waits, in order. */
  function gate(fn: () => void): void {
    if (dead) return;
    if (clock.now() < pausedUntilMs || held.length > 0) held.push(fn);
    else fn();
  }
  function resume(): void {
    if (clock.now() < pausedUntilMs || dead) return;
    const next = held[0];
    if (next === undefined) return;
    next();
    held.shift();
    clock.after(0, resume);
  }
  return {
    now: () => clock.now() + skewMs,
    gate,
    paused: () => clock.now() < pausedUntilMs,
    pause(forMs: number) {
      pausedUntilMs = Math.max(pausedUntilMs, clock.now() + forMs);
      clock.after(forMs, resume);
    },
    after(delayMs: number, fn: () => void) {
      if (dead) return () => {};
      let over = false;
      const end = () => {
        over = true;
        cancel();
        timers.delete(end);
      };
      const cancel = clock.after(delayMs, () => {
        timers.delete(end);
        gate(() => {
          if (!over) fn();
        });
      });
      timers.add(end);
      return end;
    },
    skew: (ms: number) => void (skewMs += ms),
    die() {
      dead = true;
      held.length = 0;
      for (const end of [...timers]) end();
    },
  };
}

class Life implements SimProcess {
  alive = true;
  bridge: Bridge | null = null;
  #parts: ProcessParts;
  #clock: ReturnType<typeof createProcessClock>;
  #wires: Wire[] = [];
  #close: () => Promise<void> = async () => {};
  #link: Link | null = null;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.#clock = createProcessClock(parts.clock);
    // A disk that refuses at start ends the program, as its supervisor expects.
    this.#start().catch(() => this.kill());
  }

  get linked(): boolean {
    return this.#link?.state().kind === "ready";
  }

  skew(ms: number): void {
    this.#clock.skew(ms);
  }

  pause(forMs: number): void {
    this.#clock.pause(forMs);
  }

  get paused(): boolean {
    return this.#clock.paused();
  }

  gate(fn: () => void): void {
    this.#clock.gate(fn);
  }

  kill(): void {
    if (!this.alive) return;
    this.alive = false;
    this.bridge = null;
    this.#clock.die();
    for (const wire of this.#wires) wire.orphan();
    this.#parts.onEnd();
  }

  async stop(): Promise<void> {
    const { bridge } = this;
    this.bridge = null;
    await bridge?.stop();
    await this.#close();
    this.kill();
  }

  async #start(): Promise<void> {
    const { settings, open, twilio, log: write, random } = this.#parts;
    const clock = this.#clock;
    const own = seededRandom(random.below(2 ** 32));
    const { store, sharing } = await open(this, clock, random);
    const log = createLog({ clock, format: "text", level: "info", colour: false, write });
    const link = createLink({
      url: "ws://gateway",
      token: settings.gateway.token,
      version: "0",
      clock,
      random: own,
      log,
      openSocket: () => this.#connect(),
    });
    this.#link = link;
    this.#close = () => link.close();
    const account = settings.accounts[0]!;
    const client = createTwilio({
      accountSid: account.accountSid,
      username: account.accountSid,
      password: account.authToken,
      timeoutMs: TWILIO_REQUEST_TIMEOUT_MS,
      clock,
      random: own,
      fetch: this.#gated(twilio.fetchFor(() => this.alive)),
    });
    const bridge = await createBridge({
      settings: () => settings,
      store,
      sharing,
      clock,
      random: own,
      log,
      link,
      openAdminLink: () => link,
      openQuestionLink: () => link,
      files: noDisk,
      twilio: () => client,
    });
    await bridge.start();
    if (this.alive) this.bridge = bridge;
  }

  #connect() {
    const wire = this.#parts.connect();
    this.#wires.push(wire);
    return guard(wire, () => this.alive, (fn) => this.gate(fn));
  }

  /** Answers that come while the process is paused wait. */
  #gated(ask: typeof fetch): typeof fetch {
    return (input, init) =>
      new Promise((resolve, reject) => {
        ask(input, init).then(
          (answer) => this.gate(() => resolve(answer)),
          (error) => this.gate(() => reject(error)),
        );
      });
  }
}

/** A socket through which a dead process says nothing, and a paused one hears nothing. */
function guard({ client }: Wire, isAlive: () => boolean, gate: (fn: () => void) => void): Socket {
  const guarded: Socket = {
    send(text) {
      if (isAlive()) client.send(text);
    },
    close: () => client.close(),
    onmessage: null,
    onclose: null,
  };
  client.onmessage = (message) => gate(() => guarded.onmessage?.(message));
  client.onclose = (end) => gate(() => guarded.onclose?.(end));
  return guarded;
}

/** Starts a process. */
export function startProcess(parts: ProcessParts): SimProcess {
  return new Life(parts);
}
