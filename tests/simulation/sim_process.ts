/**
 * One life of the bridge in the simulator: the real service over a disk that can crash under it. When it
 * dies, its timers, requests and sockets are gone with it, and nothing of it runs on.
 */
import { type Bridge, createBridge } from "../../src/daemon/service.ts";
import type { Settings } from "../../src/config/settings.ts";
import { createLink } from "../../src/gateway/link.ts";
import { type Clock, sleep } from "../../src/system/clock.ts";
import { TWILIO_REQUEST_TIMEOUT_MS } from "../../src/system/limits.ts";
import { createLog } from "../../src/system/log.ts";
import { type Random, seededRandom } from "../../src/system/random.ts";
import { createTwilio } from "../../src/twilio/rest.ts";
import { type CommitFault, type Disk, noDisk, openDisk } from "./memory_store.ts";
import type { SimTwilio } from "./sim_twilio.ts";
import type { Wire } from "./wire.ts";

/** A disk that is busy with other things takes so long. */
const COMMIT_MS_MAX = 40;

/** A process that runs or has run. */
export interface SimProcess {
  readonly alive: boolean;
  /** The bridge once it has started, and takes webhooks. */
  readonly bridge: Bridge | null;
  /** Moves its clock against the true time, as when the machine's clock is corrected. */
  skew(ms: number): void;
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
  readonly disk: Disk;
  /** What happens to its next commit. */
  readonly fault: () => CommitFault;
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
  let dead = false;
  let skewMs = 0;
  return {
    now: () => clock.now() + skewMs,
    after(delayMs: number, fn: () => void) {
      if (dead) return () => {};
      const end = () => {
        cancel();
        timers.delete(end);
      };
      const cancel = clock.after(delayMs, () => {
        timers.delete(end);
        fn();
      });
      timers.add(end);
      return end;
    },
    skew: (ms: number) => void (skewMs += ms),
    die() {
      dead = true;
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

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.#clock = createProcessClock(parts.clock);
    // A disk that refuses at start ends the program, as its supervisor expects.
    this.#start().catch(() => this.kill());
  }

  skew(ms: number): void {
    this.#clock.skew(ms);
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
    const { settings, disk, fault, twilio, log: write, random } = this.#parts;
    const clock = this.#clock;
    const own = seededRandom(random.below(2 ** 32));
    const latency = () => sleep(clock, random.below(COMMIT_MS_MAX));
    const store = openDisk(disk, fault, () => this.kill(), latency);
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
    this.#close = () => link.close();
    const account = settings.accounts[0]!;
    const client = createTwilio({
      accountSid: account.accountSid,
      username: account.accountSid,
      password: account.authToken,
      timeoutMs: TWILIO_REQUEST_TIMEOUT_MS,
      clock,
      random: own,
      fetch: twilio.fetchFor(() => this.alive),
    });
    const bridge = await createBridge({
      settings: () => settings,
      store,
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
    return guard(wire, () => this.alive);
  }
}

/** A socket through which a dead process says nothing. */
function guard({ client }: Wire, isAlive: () => boolean) {
  const send = client.send;
  client.send = (text) => {
    if (isAlive()) send(text);
  };
  return client;
}

/** Starts a process. */
export function startProcess(parts: ProcessParts): SimProcess {
  return new Life(parts);
}
