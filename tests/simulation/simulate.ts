/**
 * Plays one seed: traffic and faults, then healing, then the check.
 */
import { createHash } from "node:crypto";
import { allow } from "../../src/people/pairing_book.ts";
import type { Phone } from "../../src/policy/phone.ts";
import type { Plan } from "../../src/sim/gateway_replies.ts";
import { seededRandom } from "../../src/system/random.ts";
import { ADMITTED_TOKEN, check, CHOSEN_TOKEN, type Histories } from "./checker.ts";
import {
  type Choice,
  CHOOSER,
  createScenario,
  LOOPER,
  type Scenario,
  type Trouble,
} from "./scenario.ts";
import { openDisk } from "./memory_store.ts";
import { createWorld, type World } from "./world.ts";

/** How a seed went. */
export interface Verdict {
  readonly seed: number;
  /** What was not as promised. */
  readonly findings: readonly string[];
  /** Of everything that happened; the same for the same seed. */
  readonly traceHash: string;
  readonly trace: readonly string[];
}

/** How a seed went, with its hash. */
export function verdictOf(
  seed: number,
  findings: readonly string[],
  trace: readonly string[],
): Verdict {
  const traceHash = createHash("sha256").update(trace.join("\n")).digest("hex").slice(0, 16);
  return { seed, findings, traceHash, trace };
}

/** A world that has not come to rest after this has lost something. */
const DRAIN_MS_MAX = 4 * 3_600_000;
const LOOK_MS = 30_000;
const SILENT: Plan = { text: "", mediaUrls: [], delayMs: 0, failure: null };

function meet(world: World, trouble: Trouble): void {
  switch (trouble.kind) {
    case "kill":
      return world.kill(trouble.downMs);
    case "stop":
      return void world.stop(trouble.downMs);
    case "gateway-restart":
      return world.restartGateway(trouble.downMs);
    case "sockets-cut":
      return world.cutSockets();
    case "sockets-mute":
      return world.muteSockets();
    case "disk-full":
      world.diskFull = true;
      world.clock.after(trouble.forMs, () => world.diskFull = false);
      return;
    case "clock-jump":
      return world.process?.skew(trouble.byMs);
    case "asleep":
      return world.clock.jump(world.clock.now() + trouble.forMs);
  }
}

/** Has everybody text. */
export function scheduleTexts(
  world: Pick<World, "clock" | "twilio" | "disk">,
  scenario: Scenario,
): void {
  const { clock, twilio } = world;
  for (const { token, from, atMs, againAfterMs, webhookLost } of scenario.texts) {
    clock.after(atMs, () => {
      const messageSid = twilio.account.sid("SM");
      const text = { from, text: `${token} please`, messageSid };
      twilio.inbound({ ...text, webhookLost });
      if (againAfterMs !== null) clock.after(againAfterMs, () => void twilio.inbound(text));
    });
  }
  clock.after(9_000, () => void twilio.forge(scenario.phones[0]!, "q8x8 please"));
  const { stranger: from, admittedAtMs, choices, loop } = scenario;
  if (scenario.texts.length % 2 === 0) {
    clock.after(5_000, () => void twilio.inbound({ from, text: "q9x1" }));
    clock.after(9_000, () => void twilio.inbound({ from, text: "q9x2" }));
  }
  if (admittedAtMs !== null) {
    clock.after(admittedAtMs, () => void letIn(world, from));
    const text = { from, text: ADMITTED_TOKEN, webhookLost: scenario.texts.length % 3 === 0 };
    clock.after(admittedAtMs + 20_000, () => void twilio.inbound(text));
  }
  for (const choice of choices) clock.after(choice.atMs, () => choose(world, choice));
  if (loop !== null) {
    for (let atMs = 0, i = 0; atMs < loop.untilMs; atMs += loop.everyMs, i++) {
      clock.after(atMs, () => void twilio.inbound({ from: LOOPER, text: `thought ${i}` }));
    }
  }
}

async function letIn({ disk, clock }: Pick<World, "disk" | "clock">, phone: string): Promise<void> {
  const store = openDisk(disk, () => "none", () => {});
  await allow({ store, clock, random: seededRandom(1) }, "default", phone as Phone);
}

/** Opts out or in at Twilio, which knows JOIN as an own word. */
function choose({ twilio }: Pick<World, "twilio">, { word, webhookLost }: Choice): void {
  twilio.account.setOptedOut(CHOOSER, word === "STOP");
  const extra = word === "JOIN" ? { extra: [["OptOutType", "START"] as const] } : {};
  twilio.inbound({ from: CHOOSER, text: word, webhookLost, ...extra });
}

function schedule(world: World, scenario: Scenario): void {
  scheduleTexts(world, scenario);
  for (const trouble of scenario.troubles) {
    world.clock.after(trouble.atMs, () => meet(world, trouble));
  }
}

function isAtRest({ twilio, process, disk }: World): boolean {
  const waits = [...disk.rows.values()].some(({ key }) =>
    key[0] === "inbox" || key[0] === "outbox"
  );
  return process !== null && process.bridge !== null && twilio.pending === 0 && !waits;
}

/** Ends all faults, restarts the bridge once more, and waits until nothing is left to do. */
async function heal(world: World): Promise<void> {
  const { clock, twilio } = world;
  world.crashPermille = 0;
  world.diskFull = false;
  twilio.faultPercent = 0;
  await clock.advance(60_000);
  let stopped = false;
  world.stop(0).then(() => stopped = true);
  await clock.advance(15_000);
  if (!stopped) world.kill(0);
  await clock.advance(LOOK_MS);
  twilio.inbound({ from: CHOOSER, text: CHOSEN_TOKEN });
  await clock.advance(LOOK_MS);
  const untilMs = clock.now() + DRAIN_MS_MAX;
  while (!isAtRest(world) && clock.now() < untilMs) await clock.advance(LOOK_MS);
}

/** What the agent of a scenario says. */
export function responder({ texts }: Pick<Scenario, "texts">): (message: string) => Plan {
  const plans = new Map(texts.map(({ token, plan }) => [token, plan]));
  return (message) => plans.get(message.match(/q\d+x\d+/)?.[0] ?? "") ?? SILENT;
}

/** What happened at both ends of a world. */
export function historiesOf(
  { twilio, gateway, logged }: Pick<World, "twilio" | "gateway" | "logged">,
): Histories {
  const { account: { messages }, acknowledgedAtMs, takenLate } = twilio;
  const { turns, interrupted } = gateway.sessions;
  return { messages, acknowledgedAtMs, takenLate, turns, interrupted, logged };
}

function leftOnDisk({ disk }: World): string[] {
  return [...disk.rows.values()].map(({ key }) => key[0])
    .filter((queue) => queue === "inbox" || queue === "outbox")
    .map((queue) => `the ${queue} still holds a row`);
}

/** Plays the scenario of a seed. */
export async function simulate(seed: number): Promise<Verdict> {
  const scenario = createScenario(seed);
  const world = await createWorld({
    seed,
    allowFrom: [...scenario.phones, CHOOSER, LOOPER],
    burstWindowMs: scenario.burstWindowMs,
    recoverAfterMs: scenario.recoverAfterMs,
    respond: responder(scenario),
  });
  world.boot();
  await world.clock.advance(1_000);
  world.crashPermille = scenario.crashPermille;
  world.twilio.faultPercent = scenario.faultPercent;
  schedule(world, scenario);
  await world.clock.advance(scenario.healAtMs);
  await heal(world);
  const findings = [...check(historiesOf(world), scenario), ...leftOnDisk(world)];
  world.kill(0);
  return verdictOf(seed, findings, world.trace);
}
