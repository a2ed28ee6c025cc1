/**
 * The whole program as its users meet it, each row beside its floor: commands, starts, answers, bursts, a
 * backlog and a full history. It is a process of its own: the source, or what `SMS_BRIDGE_BIN` names.
 *
 * @module
 */
import { historyKey } from "../../src/store/history_row.ts";
import { inboxKey } from "../../src/store/inbox_row.ts";
import { openStore } from "../../src/store/kv.ts";
import { parsePhone } from "../../src/policy/phone.ts";
import { systemClock } from "../../src/system/clock.ts";
import { HISTORY_ROWS_MAX } from "../../src/system/limits.ts";
import { systemRandom } from "../../src/system/random.ts";
import { createWorld, type World } from "../../tests/e2e/program.ts";
import { inboxRow } from "../../tests/store/inbox_rows.ts";
import { besideBigReplies } from "./big_reply.ts";
import { type Acknowledged, benchNumber, burst } from "./burst.ts";
import * as floors from "./floors.ts";
import { bestOfBoth, cpuSeconds, residentMiB, share, sleep, timed } from "./measure.ts";
import { OPEN, signer } from "./signer.ts";
import { textCpu } from "./text_cpu.ts";

/** What was measured, and its floor in the same unit. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly floor: number;
  /** What the floor is. */
  readonly floorIs: string;
  /** Whether more of it is better. */
  readonly more?: boolean;
  readonly detail?: string;
}

/** A row of the bench. */
export interface ProgramRow {
  readonly name: string;
  /** Whether the gate runs it: it takes a few seconds and swings little. */
  readonly smoke: boolean;
  /** Null where what it needs is not there. */
  readonly measure: () => Promise<Omit<Figure, "name"> | null>;
}

const HELLO = "runtime says hello";
const SERVE = "server with a store in a worker";
const GROUPS = "the same with commits in groups and no checks";
const WORK = "four commits and a POST";

const RUNS = 5;

async function commandTime(world: World, ...args: string[]) {
  const run = () =>
    timed(async () => {
      const { code, stderr } = await world.run(...args);
      if (code > 1) throw new Error(`${args.join(" ")}: ${stderr}`);
    });
  const [value, floor] = await bestOfBoth(RUNS, run, floors.hello);
  return { value, unit: "ms", floor, floorIs: HELLO, detail: `best of ${RUNS}` };
}

/**
 * Answers texts of `people` at once, `rounds` times, each round of other people, as whoever texts so fast
 * is taken for a machine. Milliseconds of each from its POST to Twilio's.
 */
export async function answerTimes(
  world: World,
  people: number,
  rounds: number,
  first: number,
  patienceMs = 30_000,
): Promise<number[]> {
  const { twilio } = world;
  const took: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const from = parseNumbers(people, first + round * people);
    await Promise.all(from.map(async (number) => {
      const beganMs = performance.now();
      const [sent] = await Promise.all([
        twilio.nextMessage(({ to }) => to === number, patienceMs),
        twilio.inbound({ from: number, text: `hello ${round} ${number}` }),
      ]);
      if (sent.to !== number) throw new Error("somebody else was answered");
      took.push(performance.now() - beganMs);
    }));
    await sleep(50);
  }
  return took;
}

function parseNumbers(people: number, first: number) {
  return Array.from({ length: people }, (_, i) => parsePhone(benchNumber(first + i))!);
}

async function answers(people: number, rounds: number) {
  await using world = await createWorld();
  await world.serve(OPEN);
  await answerTimes(world, Math.min(people, 5), 3, 1_000);
  const took = await answerTimes(world, people, rounds, 2_000);
  const floor = share(await floors.commitsAndPost(50), 0.5) * people;
  return {
    value: share(took, 0.5),
    unit: "ms",
    floor,
    floorIs: people === 1 ? WORK : `${people} times ${WORK}`,
    detail: `p99 ${share(took, 0.99).toFixed(1)} ms`,
  };
}

/** Starts on the store of a world; when it listens, and its memory and CPU a little later. */
async function startOn(world: World, restMs: number) {
  const beganMs = performance.now();
  const program = await world.serve(OPEN);
  const ms = performance.now() - beganMs;
  await sleep(restMs);
  const [mib, cpu] = [await residentMiB(program.pid), await cpuSeconds(program.pid)];
  await program.end("SIGKILL");
  return { ms, mib, cpu };
}

async function backlog() {
  await using world = await createWorld();
  const texts = 250;
  const store = await openStore(world.stateDir, { clock: systemClock, random: systemRandom });
  const nowMs = Date.now();
  for (let i = 0; i < 5_000; i += texts) {
    const set = Array.from({ length: texts }, (_, j) => {
      const id = nowMs * 1_000 + i + j;
      const value = inboxRow({
        id,
        accountSid: world.twilio.accountSid,
        messageSid: `SM${id.toString(16).padStart(32, "0")}`,
        from: parsePhone(benchNumber((i + j) % 1_000))!,
        to: world.env.TWILIO_PHONE_NUMBER!,
        receivedAtMs: nowMs,
      });
      return { key: inboxKey(id), value };
    });
    await store.commit({ set });
  }
  store.close();
  await world.gateway.close();
  const { ms, mib } = await startOn(world, 500);
  const detail = `${mib.toFixed(0)} MiB`;
  return { value: ms, unit: "ms", floor: await floors.serveStart(), floorIs: SERVE, detail };
}

async function fillHistory(world: World): Promise<void> {
  const store = await openStore(world.stateDir, { clock: systemClock, random: systemRandom });
  const beganMs = Date.now() - 20 * 24 * 3_600_000;
  for (let i = 0; i < HISTORY_ROWS_MAX; i += 500) {
    const set = Array.from({ length: 500 }, (_, j) => {
      const id = (beganMs + (i + j) * 10) * 1_000;
      const value = {
        id,
        direction: "in" as const,
        account: "default",
        phone: parsePhone(benchNumber((i + j) % 1_000))!,
        sids: [`SM${id.toString(16).padStart(32, "0")}`],
        atMs: beganMs,
        outcome: "answered",
        segments: 0,
      };
      return { key: historyKey(id), value };
    });
    await store.commit({ set });
  }
  store.close();
}

/** Beside starts without one: what is read later than at the start counts as well. */
async function fullHistory() {
  await using world = await createWorld();
  await fillHistory(world);
  await using empty = await createWorld();
  const [full, plain] = [await startOn(world, 20_000), await startOn(empty, 20_000)];
  const start = () => startOn(world, 0).then(({ ms }) => ms);
  const [value, floor] = await bestOfBoth(3, start, () => startOn(empty, 0).then(({ ms }) => ms));
  const [mib, cpu] = [full.mib - plain.mib, full.cpu - plain.cpu];
  const detail = `${mib.toFixed(1)} MiB and ${cpu.toFixed(1)} s of CPU more after 20 s`;
  return { value, unit: "ms", floor, floorIs: "start without one", detail };
}

async function start() {
  const [value, floor] = await bestOfBoth(RUNS, async () => {
    await using world = await createWorld();
    return (await startOn(world, 0)).ms;
  }, floors.serveStart);
  return { value, unit: "ms", floor, floorIs: SERVE, detail: `best of ${RUNS}` };
}

async function memory() {
  await using world = await createWorld();
  const { mib: value } = await startOn(world, 1_500);
  return { value, unit: "MiB", floor: await floors.serveMemory(), floorIs: SERVE };
}

function acknowledgedRow(ours: Acknowledged, floor: Acknowledged, texts: string) {
  const detail = `${texts}, p99 ${ours.p99Ms.toFixed(0)} ms, of the floor ${
    floor.p99Ms.toFixed(0)
  }`;
  const [value, floorValue] = [ours.perSecond, floor.perSecond];
  return { value, unit: "/s", floor: floorValue, floorIs: GROUPS, more: true, detail };
}

async function acknowledgements() {
  await using world = await createWorld();
  const { port } = await world.serve(OPEN);
  const ours = await burst(port, 290, signer(world));
  const floor = await floors.acknowledged();
  return acknowledgedRow(ours, floor, "290 texts, 32 connections");
}

/** As many as it takes until the code has been compiled for speed: rates hold for an account, so there are some. */
async function acknowledgementsWarm() {
  await using world = await createWorld();
  const { accountSid, authToken } = world.twilio;
  const names = Array.from({ length: 9 }, (_, i) => `a${i}`);
  const numberOf = (name: string) => `+1202555013${name.slice(1)}`;
  const accounts = Object.fromEntries(names.map((name) => [name, {
    accountSid,
    authToken,
    fromNumber: numberOf(name),
    webhookPath: `/${name}`,
    publicWebhookUrl: new URL(`/${name}`, world.env.SMS_PUBLIC_WEBHOOK_URL!).href,
    dmPolicy: "open",
    allowFrom: ["*"],
  }]));
  const config = JSON.stringify({ channels: { sms: { accounts } } });
  await Deno.writeTextFile(`${world.stateDir}/config.json5`, config, { mode: 0o600 });
  const none = { TWILIO_ACCOUNT_SID: "", TWILIO_AUTH_TOKEN: "", TWILIO_PHONE_NUMBER: "" };
  const { port } = await world.serve({ ...OPEN, ...none, SMS_PUBLIC_WEBHOOK_URL: "" });
  const rounds: Acknowledged[] = [];
  for (const name of names) {
    rounds.push(await burst(port, 290, signer(world, `/${name}`, numberOf(name))));
  }
  const last = rounds.slice(-3).toSorted((a, b) => a.perSecond - b.perSecond)[1]!;
  const floor = await floors.acknowledged(rounds.length);
  return acknowledgedRow(last, floor, `the last third of ${290 * rounds.length} texts`);
}

async function command(...args: string[]) {
  await using world = await createWorld();
  return await commandTime(world, ...args);
}

async function statusBesideDaemon() {
  await using world = await createWorld();
  await world.serve();
  return await commandTime(world, "status", "--json");
}

/** The rows. */
export const PROGRAM_ROWS: readonly ProgramRow[] = [
  { name: "`version`", smoke: true, measure: () => command("version") },
  { name: "`pair list`", smoke: false, measure: () => command("pair", "list") },
  { name: "`status` beside the service", smoke: false, measure: statusBesideDaemon },
  { name: "start until it listens", smoke: true, measure: start },
  { name: "memory at rest", smoke: true, measure: memory },
  { name: "answer to one text", smoke: true, measure: () => answers(1, 50) },
  { name: "answer, 20 people at once", smoke: false, measure: () => answers(20, 5) },
  { name: "answer, 40 people at once", smoke: false, measure: () => answers(40, 5) },
  { name: "CPU of a text", smoke: false, measure: textCpu },
  { name: "acknowledgements", smoke: false, measure: acknowledgements },
  { name: "acknowledgements, warmed up", smoke: false, measure: acknowledgementsWarm },
  { name: "p99 beside replies of 5 MB", smoke: false, measure: besideBigReplies },
  { name: "start with 5,000 texts waiting", smoke: false, measure: backlog },
  { name: "start with a full history", smoke: false, measure: fullHistory },
];
