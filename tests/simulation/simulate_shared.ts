/**
 * Plays one seed with several bridges on one store: traffic and faults, then healing, then the check.
 */
import { INBOX, type InboxRow } from "../../src/store/inbox_row.ts";
import { OUTBOX } from "../../src/store/outbox_row.ts";
import { checkBudgets, isTight } from "./budget_checker.ts";
import { check, CHOSEN_TOKEN, TOKEN } from "./checker.ts";
import { namesIn, rowOf } from "./memory_store.ts";
import { CHOOSER, LOOPER } from "./scenario.ts";
import {
  createSharedScenario,
  type SharedScenario,
  type SharedTrouble,
} from "./shared_scenario.ts";
import { createSharedWorld, cutWires, type SharedWorld } from "./shared_world.ts";
import { historiesOf, responder, scheduleTexts, type Verdict, verdictOf } from "./simulate.ts";

const DRAIN_MS_MAX = 4 * 3_600_000;
const LOOK_MS = 30_000;
const STEP_MS = 1_000;
/** In so long one takes over from another, and what it took over is on its way. */
const SETTLE_MS = 25_000;
/** Longer than any pause. */
const PAUSE_MS_MAX = 210_000;
const STOP_MS_MAX = 15_000;

function meet(world: SharedWorld, { kind, of, forMs }: SharedTrouble): void {
  const machine = world.machines[of]!;
  world.note(`${of}: ${kind} for ${forMs} ms`);
  switch (kind) {
    case "kill":
      return world.kill(machine, forMs);
    case "stop":
      return void world.stop(machine, forMs);
    case "pause":
      return machine.process?.pause(forMs);
    case "store-cut":
      machine.trouble.cut = true;
      return void world.clock.after(forMs, () => machine.trouble.cut = false);
    case "twilio-cut":
      machine.twilioCut = true;
      return void world.clock.after(forMs, () => machine.twilioCut = false);
    case "gateway-cut":
      machine.gatewayCut = true;
      for (const wire of machine.wires) wire.mute();
      return void world.clock.after(forMs, () => machine.gatewayCut = false);
    case "gateway-restart":
      return world.restartGateway(forMs);
    case "clock-jump":
      return world.jump(machine, 2 * forMs - 5 * 60_000);
  }
}

/** Texts that wait for room in a budget, which frees hours later. */
function heldTexts({ disk }: SharedWorld): string[] {
  const rows = namesIn(disk, { prefix: INBOX }).map((name) => rowOf<InboxRow>(disk, name)!.value);
  return rows.filter(({ held }) => held !== undefined).map(({ text }) => text);
}

/** Whatever else waits in a queue. */
function queued(world: SharedWorld): string[] {
  const { disk } = world;
  const waiting = [...namesIn(disk, { prefix: INBOX }), ...namesIn(disk, { prefix: OUTBOX })];
  return waiting.slice(heldTexts(world).length);
}

function isAtRest(world: SharedWorld): boolean {
  const up = world.machines.every(({ process }) => process !== null && process.bridge !== null);
  return up && world.twilio.pending === 0 && queued(world).length === 0;
}

/** Lets time pass until `isSo`, at most `mostMs`. */
async function until(world: SharedWorld, isSo: () => boolean, mostMs: number): Promise<void> {
  const endMs = world.clock.now() + mostMs;
  while (!isSo() && world.clock.now() < endMs) await world.clock.advance(STEP_MS);
}

/** Ends all faults, restarts every bridge once more, and waits until nothing is left to do. */
async function heal(world: SharedWorld): Promise<void> {
  const { clock, machines, twilio } = world;
  for (const machine of machines) {
    Object.assign(machine.trouble, { cut: false, lostPercent: 0, crashPermille: 0 });
    machine.twilioCut = machine.gatewayCut = false;
    cutWires(machine);
  }
  twilio.faultPercent = 0;
  // One that is paused is to find on its own what has become of its lease.
  await until(world, () => !machines.some(({ process }) => process?.paused), PAUSE_MS_MAX);
  await clock.advance(SETTLE_MS);
  for (const machine of machines) {
    let stopped = false;
    world.stop(machine, 0).then(() => stopped = true);
    await until(world, () => stopped, STOP_MS_MAX);
    if (!stopped) world.kill(machine, 0);
  }
  await clock.advance(SETTLE_MS);
  twilio.inbound({ from: CHOOSER, text: CHOSEN_TOKEN });
  await clock.advance(LOOK_MS);
  const untilMs = clock.now() + DRAIN_MS_MAX;
  while (!isAtRest(world) && clock.now() < untilMs) await clock.advance(LOOK_MS);
}

async function begin(world: SharedWorld, scenario: SharedScenario): Promise<void> {
  const { clock, machines, twilio } = world;
  for (const machine of machines) world.boot(machine);
  await clock.advance(1_000);
  twilio.faultPercent = scenario.faultPercent;
  for (const { trouble } of machines) {
    trouble.crashPermille = scenario.crashPermille;
    trouble.lostPercent = scenario.lostPercent;
  }
  scheduleTexts(world, scenario);
  world.watch();
  for (const trouble of scenario.sharedTroubles) {
    clock.after(trouble.atMs, () => meet(world, trouble));
  }
}

/** Plays the scenario of a seed. */
export async function simulateShared(seed: number): Promise<Verdict> {
  const scenario = createSharedScenario(seed);
  const world = await createSharedWorld({
    seed,
    allowFrom: [...scenario.phones, CHOOSER, LOOPER],
    burstWindowMs: scenario.burstWindowMs,
    recoverAfterMs: scenario.recoverAfterMs,
    skewsMs: scenario.skewsMs,
    watches: scenario.watches,
    budgets: scenario.budgets,
    respond: responder(scenario),
  });
  await begin(world, scenario);
  await world.clock.advance(scenario.healAtMs);
  await heal(world);
  const held = new Set(heldTexts(world).flatMap((text) => text.match(TOKEN) ?? []));
  const happened = { ...historiesOf(world), held };
  const tight = isTight(happened, scenario);
  const findings = [
    ...new Set(world.broken),
    ...check(happened, scenario, tight),
    ...checkBudgets(happened, scenario),
    ...queued(world).map(() => "a queue still holds a row"),
    ...tight || held.size === 0 ? [] : ["a text is held though there is room"],
  ];
  for (const machine of world.machines) world.kill(machine, 0);
  return verdictOf(seed, findings, world.trace);
}
