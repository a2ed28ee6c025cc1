// deno-lint-ignore-file no-console
/**
 * Plays seeds in the simulator: the real bridge on a simulated clock, disk, Twilio and Gateway, with
 * every fault that a seed draws. The first that breaks a promise ends it, with the line that replays it.
 *
 *     deno task sim --seeds 500
 *     deno task sim --seed 4711 --trace
 *     deno task sim --seed 4711 --seeds 500
 *     deno task sim --shared --seeds 500
 *
 * @module
 */
import { createHash } from "node:crypto";
import { parseArgs } from "@std/cli/parse-args";
import { simulate } from "../tests/simulation/simulate.ts";
import { simulateShared } from "../tests/simulation/simulate_shared.ts";

const PROGRESS_MS = 5_000;

const args = parseArgs(Deno.args, {
  string: ["seeds", "seed"],
  boolean: ["trace", "keep-going", "shared"],
});
const first = Number(args.seed ?? 1);
const count = Number(args.seeds ?? (args.seed === undefined ? 500 : 1));
if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1) {
  console.error("Cannot simulate as --seeds and --seed must be whole numbers");
  Deno.exit(2);
}

const play = args.shared ? simulateShared : simulate;
const flags = args.shared ? " --shared" : "";
let playing = first;
globalThis.addEventListener("unhandledrejection", () => {
  console.error(`replay: deno task sim --seed ${playing} --trace${flags}`);
});
const beganAtMs = performance.now();
let toldAtMs = beganAtMs;
let failures = 0;
const hashOfAll = createHash("sha256");
let events = 0;
for (; playing < first + count; playing++) {
  const { findings, traceHash, trace } = await play(playing);
  events += trace.length;
  hashOfAll.update(traceHash);
  if (args.trace) console.log(trace.join("\n"));
  if (count === 1) console.log(`seed ${playing}: trace ${traceHash}`);
  if (findings.length > 0) {
    failures++;
    console.error(
      `seed ${playing}: ${findings[0]} | replay: deno task sim --seed ${playing} --trace${flags}`,
    );
    if (!args["keep-going"]) break;
  }
  if (performance.now() - toldAtMs > PROGRESS_MS) {
    toldAtMs = performance.now();
    console.error(`${playing - first + 1} of ${count} seeds`);
  }
}
const tookS = (performance.now() - beganAtMs) / 1_000;
const played = Math.min(playing - first + 1, count);
console.log(
  `${played} seeds, ${events} events, ${failures} failures in ${tookS.toFixed(1)} s, ` +
    `trace ${hashOfAll.digest("hex").slice(0, 16)}`,
);
if (failures > 0) Deno.exit(1);
