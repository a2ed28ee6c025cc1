/**
 * A world of several bridges on one store: each with a clock of its own, and a way of its own to the store,
 * to Twilio and to the Gateway.
 */
import type { Settings } from "../../src/config/settings.ts";
import { joinMembers } from "../../src/store/shared/members.ts";
import { type SharedStore, sharedStore } from "../../src/store/shared/shared_store.ts";
import { bringUpToDate } from "../../src/store/kv.ts";
import { createSimClock, type SimClock } from "../../src/sim/clock.ts";
import type { FakeGateway } from "../../src/sim/gateway.ts";
import type { Clock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import { type Random, seededRandom } from "../../src/system/random.ts";
import type { WebhookAnswer, WebhookRequest } from "../../src/server/webhook.ts";
import { ALIVE_KEY, BEGINNING_KEY } from "../../src/store/keys.ts";
import { applyTo, createDisk } from "./memory_store.ts";
import { simEngine, type StoreTrouble, type Watching } from "./sim_engine.ts";
import { type OpenStore, type SimProcess, startProcess } from "./sim_process.ts";
import { createSimTwilio, type SimTwilio } from "./sim_twilio.ts";
import { createWire, type Wire } from "./wire.ts";
import { settingsOf, startSimGateway, workIsDone, type WorldOptions } from "./world.ts";

/** So late that no clock that is wrong is in another day. */
const NOON_MS = Date.UTC(2026, 0, 1, 12);

/**
 * One that could have answered has taken over by then from one that cannot: half a minute is waited for, what is
 * under way comes to its end, and a lost beat or a pause of the holder begins the wait anew.
 */
const UNANSWERED_MS_MAX = 90_000;
const WATCH_MS = 1_000;

/** What a world of several bridges is made with. */
export interface SharedWorldOptions extends WorldOptions {
  /** How far the clock of each bridge is from the truth. */
  readonly skewsMs: readonly number[];
  /** Whether the engine tells when rows have changed. */
  readonly watches: boolean;
}

/** A machine on which one bridge after the other runs. */
class Machine {
  process: SimProcess | null = null;
  readonly trouble: StoreTrouble = { cut: false, lostPercent: 0, crashPermille: 0 };
  twilioCut = false;
  gatewayCut = false;
  skewMs: number;
  wires = new Set<Wire>();
  downMs: number | null = null;
  /** Since when it could answer while no bridge did; null when that is not so. */
  idleSinceMs: number | null = null;
  /** The last run that came as far as the store. */
  run: string | null = null;
  readonly random: Random;
  readonly network: Random;
  readonly number: number;

  constructor(seed: number, number: number, skewMs: number) {
    this.number = number;
    this.skewMs = skewMs;
    this.random = seededRandom(seed * 64 + 2 * number);
    this.network = seededRandom(seed * 64 + 2 * number + 1);
  }
}

/** The world. */
export class SharedWorld {
  readonly clock: SimClock = createSimClock(NOON_MS, () => workIsDone(this));
  readonly disk = createDisk();
  readonly trace: string[] = [];
  readonly logged: string[] = [];
  /** What must never happen, and did. */
  readonly broken: string[] = [];
  readonly machines: readonly Machine[];
  readonly twilio: SimTwilio;
  readonly gateway: FakeGateway;
  settings!: Settings;
  #paths: Random;
  #watches: boolean;

  constructor(options: SharedWorldOptions) {
    const { seed, skewsMs } = options;
    this.#watches = options.watches;
    const { clock } = this;
    this.machines = skewsMs.map((skewMs, number) => new Machine(seed, number, skewMs));
    this.#paths = seededRandom(seed * 16 + 6);
    this.twilio = createSimTwilio({
      clock,
      random: seededRandom(seed * 16 + 4),
      trace: (event) => this.note(event),
      host: { answer: (request) => this.#answer(request) },
    });
    this.gateway = startSimGateway(options, clock, seededRandom(seed * 16 + 5));
  }

  note(event: string): void {
    this.trace.push(`${this.clock.now()} ${event}`);
  }

  boot(machine: Machine): void {
    if (machine.process !== null) return;
    this.note(`boot of ${machine.number}`);
    machine.downMs = null;
    const life = startProcess({
      settings: this.settings,
      clock: this.clock,
      random: machine.random,
      open: (life, clock, random) => this.#open(machine, life, clock, random),
      twilio: this.#twilioOf(machine),
      connect: () => this.#connect(machine),
      log: (line) => {
        this.logged.push(line);
        this.trace.push(`${machine.number} ${line.trimEnd()}`);
        if (line.includes("lease.taken")) this.#checkHolders(machine);
      },
      onEnd: () => this.#ended(machine),
    });
    life.skew(machine.skewMs);
    machine.process = life;
  }

  kill(machine: Machine, downMs: number): void {
    machine.downMs = downMs;
    machine.process?.kill();
  }

  async stop(machine: Machine, downMs: number): Promise<void> {
    machine.downMs = downMs;
    await machine.process?.stop();
  }

  jump(machine: Machine, byMs: number): void {
    machine.skewMs += byMs;
    machine.process?.skew(byMs);
  }

  restartGateway(downMs: number): void {
    this.note("gateway down");
    this.gateway.restart(downMs);
    for (const machine of this.machines) cutWires(machine);
  }

  /** When one takes the lease, no other may still believe that it has it. */
  #checkHolders(taker: Machine): void {
    const held = ({ process }: Machine) => process?.bridge?.lease()?.held === true;
    // One that was paused as it took the lease may learn so when another has it already.
    if (!held(taker)) return;
    for (const machine of this.machines) {
      if (machine !== taker && held(machine)) {
        this.broken.push("two bridges held the lease at a time");
      }
    }
  }

  /** As long as one bridge could answer, one does. */
  watch(): void {
    const nowMs = this.clock.now();
    const answers = ({ process }: Machine) =>
      process?.linked === true && process.bridge?.lease()?.held === true;
    const answered = this.machines.some(answers);
    for (const machine of this.machines) {
      const { process, trouble } = machine;
      const could = process !== null && process.bridge !== null && process.linked &&
        !process.paused && !trouble.cut;
      machine.idleSinceMs = could && !answered ? machine.idleSinceMs ?? nowMs : null;
      if (nowMs - (machine.idleSinceMs ?? nowMs) > UNANSWERED_MS_MAX) {
        this.note(`nobody answers, though ${machine.number} could`);
        this.broken.push("no bridge answered though one could");
      }
    }
    this.clock.after(WATCH_MS, () => this.watch());
  }

  async #open(
    machine: Machine,
    life: SimProcess,
    clock: Clock,
    random: Random,
  ): Promise<OpenStore> {
    const { disk, clock: world } = this;
    const { trouble } = machine;
    const note = (event: string) => this.note(`${machine.number}: ${event}`);
    const run = `run-${machine.number}-${random.below(2 ** 32)}`;
    const broken = (finding: string) => void this.broken.push(finding);
    const ways = { disk, world, clock, random: machine.network, life, trouble, note, run, broken };
    const engine = simEngine({ ...ways, watches: this.#watches });
    const store = watched(sharedStore(engine, { clock, random, run }), engine, broken);
    await bringUpToDate(store);
    await store.keepSchema();
    const steadyMs = () => world.now();
    const name = `machine-${machine.number}`;
    const self = { run, version: "0", name, startedAtMs: clock.now() };
    const members = await joinMembers({ store, clock, steadyMs, log: silentLog, self });
    const before = machine.run;
    const former = () => Promise.resolve(before);
    machine.run = run;
    return { store, sharing: { store, run, former, steadyMs, members } };
  }

  /** Twilio asks one of the bridges, whichever the network leads to. */
  #answer(request: WebhookRequest): Promise<WebhookAnswer> | null {
    const machine = this.machines[this.#paths.below(this.machines.length)]!;
    const { process } = machine;
    if (process === null || process.bridge === null || machine.twilioCut) return null;
    return new Promise((resolve, reject) => {
      process.gate(() => {
        const answering = process.bridge?.routeFor(request.path)?.(request);
        answering?.then((answer) => process.gate(() => resolve(answer)), reject);
      });
    });
  }

  #twilioOf(machine: Machine): SimTwilio {
    const { twilio, clock } = this;
    return {
      ...twilio,
      fetchFor(isAlive) {
        const reach = twilio.fetchFor(isAlive);
        return (input, init) => {
          if (!machine.twilioCut) return reach(input, init);
          return new Promise((_, reject) =>
            clock.after(
              20,
              () => reject(new TypeError("error sending request: client error (Connect)")),
            )
          );
        };
      },
    };
  }

  #connect(machine: Machine): Wire {
    const accept = (socket: WebSocket) => this.gateway.accept(socket);
    const wire = createWire({ clock: this.clock, random: machine.network, accept });
    machine.wires.add(wire);
    if (machine.gatewayCut) wire.mute();
    return wire;
  }

  #ended(machine: Machine): void {
    this.note(`end of ${machine.number}`);
    machine.process = null;
    this.clock.after(machine.downMs ?? machine.random.below(5_000), () => this.boot(machine));
  }
}

/** Notes when a commit is told otherwise than it went. */
function watched(
  store: SharedStore,
  engine: Watching,
  broken: (finding: string) => void,
): SharedStore {
  return {
    get: (key) => store.get(key),
    getAll: (keys) => store.getAll(keys),
    keepSchema: () => store.keepSchema(),
    watch: (...of) => store.watch(...of),
    list: (range) => store.list(range),
    close: () => store.close(),
    async commit(change) {
      const versionstamp = await store.commit(change);
      const times = engine.timesDone(change);
      if (times > 1) broken("a commit was carried out twice");
      if (times > 0 && versionstamp === null) broken("a commit that was done was told as failed");
      return versionstamp;
    },
  };
}

/** Breaks a bridge's sockets to the Gateway. */
export function cutWires({ wires }: Pick<Machine, "wires">): void {
  for (const wire of wires) wire.cut();
  wires.clear();
}

/** Makes a world in which no bridge has begun yet. */
export async function createSharedWorld(options: SharedWorldOptions): Promise<SharedWorld> {
  const world = new SharedWorld(options);
  // The store began by a right clock: what came before its beginning is nobody's.
  const nowMs = world.clock.now();
  const set = [BEGINNING_KEY, ALIVE_KEY].map((key) => ({ key, value: nowMs }));
  applyTo(world.disk, { set });
  world.settings = await settingsOf(options, world.twilio);
  return world;
}
