/**
 * The simulated world: one clock, one disk, a Twilio, a Gateway, and one life of the bridge after
 * another. A seed gives the same world, event for event.
 */
import type { Settings } from "../../src/config/settings.ts";
import { loadSettings } from "../../src/config/load.ts";
import { createSimClock, type SimClock } from "../../src/sim/clock.ts";
import { type FakeGateway, startFakeGateway } from "../../src/sim/gateway.ts";
import type { Plan } from "../../src/sim/gateway_replies.ts";
import { type Random, seededRandom } from "../../src/system/random.ts";
import { sleep } from "../../src/system/clock.ts";
import { type CommitFault, createDisk, type Disk, openDisk } from "./memory_store.ts";
import { type SimProcess, startProcess } from "./sim_process.ts";
import { createSimTwilio, PUBLIC_URL, type SimTwilio } from "./sim_twilio.ts";
import type { Budgets } from "./budget_checker.ts";
import { createWire, type Wire } from "./wire.ts";

/** What a world is made with. */
export interface WorldOptions {
  readonly seed: number;
  readonly allowFrom: readonly string[];
  readonly burstWindowMs: number;
  readonly messagesPerSecond?: number;
  readonly recoverAfterMs: number | null;
  readonly budgets?: Budgets;
  readonly respond: (message: string) => Plan;
}

/** The world. */
export interface World {
  readonly clock: SimClock;
  readonly twilio: SimTwilio;
  readonly gateway: FakeGateway;
  readonly disk: Disk;
  /** Everything that happened, in order. */
  readonly trace: readonly string[];
  /** Lines the bridge logged. */
  readonly logged: readonly string[];
  /** How often of a thousand a commit kills the process. */
  crashPermille: number;
  /** Whether the disk takes nothing. */
  diskFull: boolean;
  /** The life that runs now, if any. */
  readonly process: SimProcess | null;
  /** Begins a life, unless one runs. */
  boot(): void;
  /** Ends the life that runs; another begins after `downMs`. */
  kill(downMs: number): void;
  stop(downMs: number): Promise<void>;
  restartGateway(downMs: number): void;
  cutSockets(): void;
  muteSockets(): void;
}

const REFUSES: CommitFault = "refuse";
const RESTART_MS_MAX = 5_000;
/** A disk that is busy with other things takes so long. */
const COMMIT_MS_MAX = 40;

let loaded: Settings | undefined;

/** Settings read once as the program reads them; worlds change a few. */
async function baseSettings(): Promise<Settings> {
  const values: Record<string, string> = {
    TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
    TWILIO_AUTH_TOKEN: "f".repeat(32),
    TWILIO_PHONE_NUMBER: "+12025550123",
    SMS_PUBLIC_WEBHOOK_URL: PUBLIC_URL,
    SMS_TEXT_CHUNK_LIMIT: "320",
    SMS_BRIDGE_OPT_IN_KEYWORDS: "JOIN",
    SMS_BRIDGE_GATEWAY_TOKEN: "token",
  };
  if (loaded !== undefined) return loaded;
  const { settings, problems } = await loadSettings({
    env: (name) => values[name],
    home: "/nowhere",
  });
  if (settings === null) throw new Error(JSON.stringify(problems));
  return loaded = settings;
}

/** The settings of a world. */
export async function settingsOf(options: WorldOptions, twilio: SimTwilio): Promise<Settings> {
  const base = await baseSettings();
  const { accountSid, authToken } = twilio.account;
  const { allowFrom, burstWindowMs, messagesPerSecond = base.bridge.messagesPerSecond } = options;
  const limits = {
    ...base.bridge.limits,
    segmentsPerSenderHourMax: 0,
    segmentsPerDayMax: 0,
    repliesPerSenderMinuteMax: 0,
    ...options.budgets,
  };
  return {
    ...base,
    accounts: [{ ...base.accounts[0]!, accountSid, authToken, dmPolicy: "pairing", allowFrom }],
    bridge: { ...base.bridge, burstWindowMs, messagesPerSecond, limits },
  };
}

/** The Gateway of a world, which is reached by wires alone. */
export function startSimGateway(
  { seed, respond, recoverAfterMs }: WorldOptions,
  clock: SimClock,
  random: Random,
): FakeGateway {
  const beginAfterMs = seed % 3 === 0 ? 1_000 : 0;
  const options = { token: "token", clock, random, respond, recoverAfterMs, beginAfterMs };
  return startFakeGateway({ ...options, listen: false });
}

/** Resolves when all work of a world has been done that needs no timer. */
export async function workIsDone({ twilio }: { readonly twilio: SimTwilio }): Promise<void> {
  do await new Promise<void>((resolve) => setImmediate(resolve)); while (twilio.reading > 0);
}

class SimWorld implements World {
  readonly clock = createSimClock(undefined, () => workIsDone(this));
  readonly twilio: SimTwilio;
  readonly gateway: FakeGateway;
  readonly disk = createDisk();
  readonly trace: string[] = [];
  readonly logged: string[] = [];
  crashPermille = 0;
  diskFull = false;
  process: SimProcess | null = null;
  settings!: Settings;
  #options: WorldOptions;
  #wires = new Set<Wire>();
  #randomFor = (name: number) => seededRandom(this.#options.seed * 16 + name);
  #crashes: ReturnType<typeof seededRandom>;
  #lives: ReturnType<typeof seededRandom>;
  #network: ReturnType<typeof seededRandom>;
  #downMs: number | null = null;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#crashes = this.#randomFor(1);
    this.#lives = this.#randomFor(2);
    this.#network = this.#randomFor(3);
    const { clock } = this;
    const trace = (event: string) => this.#note(event);
    this.twilio = createSimTwilio({
      clock,
      random: this.#randomFor(4),
      trace,
      host: {
        answer: (request) => this.process?.bridge?.routeFor(request.path)?.(request) ?? null,
      },
    });
    this.gateway = startSimGateway(options, clock, this.#randomFor(5));
  }

  boot(): void {
    if (this.process !== null) return;
    this.#note("boot");
    this.#downMs = null;
    this.process = startProcess({
      settings: this.settings,
      clock: this.clock,
      random: this.#lives,
      open: (life, clock, random) => {
        const latency = () => sleep(clock, random.below(COMMIT_MS_MAX));
        const store = openDisk(this.disk, () => this.#fault(), () => life.kill(), latency);
        return Promise.resolve({ store });
      },
      twilio: this.twilio,
      connect: () => this.#connect(),
      log: (line) => {
        this.logged.push(line);
        this.trace.push(line.trimEnd());
      },
      onEnd: () => this.#ended(),
    });
  }

  kill(downMs: number): void {
    this.#downMs = downMs;
    this.process?.kill();
  }

  async stop(downMs: number): Promise<void> {
    this.#downMs = downMs;
    await this.process?.stop();
  }

  restartGateway(downMs: number): void {
    this.#note("gateway down");
    this.gateway.restart(downMs);
    this.cutSockets();
  }

  cutSockets(): void {
    for (const wire of this.#wires) wire.cut();
    this.#wires.clear();
  }

  muteSockets(): void {
    for (const wire of this.#wires) wire.mute();
  }

  #connect(): Wire {
    const accept = (socket: WebSocket) => this.gateway.accept(socket);
    const wire = createWire({ clock: this.clock, random: this.#network, accept });
    this.#wires.add(wire);
    return wire;
  }

  #ended(): void {
    this.#note("end");
    this.process = null;
    const downMs = this.#downMs ?? this.#lives.below(RESTART_MS_MAX);
    this.clock.after(downMs, () => this.boot());
  }

  #fault(): CommitFault {
    if (this.diskFull) return REFUSES;
    const number = this.#crashes.below(1_000);
    if (number >= this.crashPermille) return "none";
    this.#note(number % 2 === 0 ? "crash before a commit" : "crash after a commit");
    return number % 2 === 0 ? "crash-before" : "crash-after";
  }

  #note(event: string): void {
    this.trace.push(`${this.clock.now()} ${event}`);
  }
}

/** Makes a world in which the bridge has not begun yet. */
export async function createWorld(options: WorldOptions): Promise<World> {
  const world = new SimWorld(options);
  world.settings = await settingsOf(options, world.twilio);
  return world;
}
