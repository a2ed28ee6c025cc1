// deno-lint-ignore-file no-console
/**
 * Plays seeds in the simulator: the real bridge on a simulated clock, disk, Twilio and Gateway, with
 * every fault that a seed draws. The first that breaks a promise ends it, with the line that replays it.
 * Seeds are played on every core. `--help` lists the options.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { parseArgs } from "@std/cli/parse-args";
import type { Order } from "../tests/simulation/seed_worker.ts";
import { simulate, type Verdict } from "../tests/simulation/simulate.ts";
import { simulateShared } from "../tests/simulation/simulate_shared.ts";
import { checkCall } from "./long/usage.ts";

const PROGRESS_MS = 5_000;
/** A worker takes a second to begin. */
const SEEDS_PER_JOB_MIN = 20;

const USAGE = `deno task sim [--seeds N] [--seed S] [--shared] [--trace] [--keep-going] [--jobs N]

  --seeds N     how many seeds (500, or 1 with --seed)
  --seed S      the first seed (1)
  --shared      several bridges on one store
  --trace       print what happens
  --keep-going  do not stop at the first seed that breaks a promise
  --jobs N      on so many cores (all)

  deno task sim --seeds 2000
  deno task sim --seed 4711 --trace`;

const unknown: string[] = [];
const args = parseArgs(Deno.args, {
  string: ["seeds", "seed", "jobs"],
  boolean: ["trace", "keep-going", "shared", "help"],
  unknown: (word) => (unknown.push(word), false),
});
const first = Number(args.seed ?? 1);
const count = Number(args.seeds ?? (args.seed === undefined ? 500 : 1));
const jobs = Math.min(
  Number(args.jobs ?? navigator.hardwareConcurrency),
  Math.ceil(count / SEEDS_PER_JOB_MIN),
);
const isWrong = ![first, count, jobs].every(Number.isInteger) || count < 1 || jobs < 1;
const wrong = isWrong ? "--seeds, --seed and --jobs are whole numbers" : null;
checkCall({ task: "sim", usage: USAGE, help: args.help, unknown, wrong });
const { shared } = args;
const flags = shared ? " --shared" : "";
const replayOf = (seed: number) => `replay: deno task sim --seed ${seed} --trace${flags}`;
const past = first + count;

async function* playHere(): AsyncGenerator<Verdict> {
  let seed = first;
  globalThis.addEventListener("unhandledrejection", () => console.error(replayOf(seed)));
  for (; seed < past; seed++) yield await (shared ? simulateShared : simulate)(seed);
}

/** Plays seeds on several cores, and gives their verdicts in order. */
async function* playOnCores(): AsyncGenerator<Verdict> {
  const verdicts = new Map<number, PromiseWithResolvers<Verdict>>();
  let next = first;
  for (let seed = first; seed < past; seed++) verdicts.set(seed, Promise.withResolvers());
  for (let job = 0; job < jobs; job++) {
    const worker = new Worker(
      new URL("../tests/simulation/seed_worker.ts", import.meta.url),
      { type: "module" },
    );
    let seed = 0;
    const go = () => {
      seed = next++;
      if (seed < past) worker.postMessage({ seed, shared } satisfies Order);
      else worker.terminate();
    };
    worker.onmessage = ({ data }: MessageEvent<Verdict>) => {
      verdicts.get(seed)?.resolve(data);
      go();
    };
    worker.onerror = () => console.error(replayOf(seed));
    go();
  }
  for (const [seed, { promise }] of verdicts) {
    yield await promise;
    verdicts.delete(seed);
  }
}

const beganAtMs = performance.now();
let toldAtMs = beganAtMs;
let failures = 0;
let played = 0;
let events = 0;
const hashOfAll = createHash("sha256");
for await (const { seed, findings, traceHash, trace } of jobs > 1 ? playOnCores() : playHere()) {
  played++;
  events += trace.length;
  hashOfAll.update(traceHash);
  if (args.trace) console.log(trace.join("\n"));
  if (count === 1) console.log(`seed ${seed}: trace ${traceHash}`);
  if (findings.length > 0) {
    failures++;
    console.error(`seed ${seed}: ${findings[0]} | ${replayOf(seed)}`);
    if (!args["keep-going"]) break;
  }
  if (performance.now() - toldAtMs > PROGRESS_MS) {
    toldAtMs = performance.now();
    console.error(`${played} of ${count} seeds`);
  }
}
const tookS = (performance.now() - beganAtMs) / 1_000;
console.log(
  `${played} seeds, ${events} events, ${failures} failures in ${tookS.toFixed(1)} s, ` +
    `trace ${hashOfAll.digest("hex").slice(0, 16)}`,
);
Deno.exit(failures > 0 ? 1 : 0);
