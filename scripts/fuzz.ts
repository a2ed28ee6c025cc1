// deno-lint-ignore-file no-console
/**
 * Fuzzes the parsers for a while; a case that fails prints the line that plays it again.
 *
 *     deno task fuzz --seconds 60 [--only form] [--cases 1000000]
 *     deno task fuzz --seed 7 --cases 1000    # these seeds: 7, 8, ...
 *     deno task fuzz --only form --seed 7     # this case alone
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { type Random, seededRandom } from "../src/system/random.ts";
import { SOCKET_TARGETS } from "../tests/fuzz/socket_targets.ts";
import { TARGETS } from "../tests/fuzz/targets.ts";
import { checkCall } from "./long/usage.ts";

const ALL = [...Object.keys(TARGETS), ...Object.keys(SOCKET_TARGETS)];
const USAGE = `deno task fuzz [--seconds N] [--cases N] [--seed S] [--only TARGET]

  --seconds N    how long, all targets together (10, or as long as --cases takes)
  --cases N      cases of each target at most
  --seed S       the first seed; without --seconds and --cases, this case alone
  --only TARGET  one of ${ALL.join(", ")}

  deno task fuzz --seconds 60 --only form`;

const unknown: string[] = [];
const args = parseArgs(Deno.args, {
  string: ["seconds", "seed", "only", "cases"],
  boolean: ["help"],
  unknown: (word) => (unknown.push(word), false),
});
const names = ALL.filter((name) => args.only === undefined || name === args.only);
const isBounded = args.seconds !== undefined || args.cases !== undefined;
const seconds = Number(args.seconds ?? (args.cases === undefined ? 10 : Infinity));
const cases = Number(args.cases ?? Infinity);
const seed = args.seed === undefined ? null : Number(args.seed);
const isWrong = !(seconds > 0) || !(cases > 0) || Number.isNaN(seed);
const wrong = names.length === 0
  ? `there is no target ${args.only}`
  : isWrong
  ? "--seconds, --cases and --seed are numbers"
  : null;
checkCall({ task: "fuzz", usage: USAGE, help: args.help, unknown, wrong });
type Play = (random: Random) => void | Promise<void>;
let failures = 0;

async function play(name: string, seed: number, attack: Play): Promise<boolean> {
  try {
    await attack(seededRandom(seed));
    return true;
  } catch (error) {
    failures++;
    console.error(`deno task fuzz --only ${name} --seed ${seed}`);
    console.error(error instanceof Error ? error.message : String(error));
    return false;
  }
}

/** Connections at the same time: one alone waits most of the time; more than a server takes push out others. */
const TOGETHER: Readonly<Record<string, number>> = { http: 500, control: 50 };

/** A long run says how far it is so often. */
const PROGRESS_MS = 60_000;

async function campaign(name: string, attack: Play, together = 1): Promise<void> {
  if (seed !== null && !isBounded) {
    if (await play(name, seed, attack)) console.log(`${name.padEnd(10)} seed ${seed} is well`);
    return;
  }
  const endMs = performance.now() + seconds * 1_000 / names.length;
  const first = seed ?? Math.floor(Math.random() * 1e9);
  let done = 0;
  let well = true;
  let toldMs = performance.now();
  const lane = async () => {
    while (well && done < cases && performance.now() < endMs) {
      if (!await play(name, first + done++, attack)) well = false;
      if (performance.now() - toldMs < PROGRESS_MS) continue;
      toldMs = performance.now();
      console.error(`${name}: ${done} cases so far`);
    }
  };
  await Promise.all(Array.from({ length: together }, lane));
  console.log(`${name.padEnd(10)} ${done} cases from seed ${first}`);
}

for (const name of names) {
  const target = TARGETS[name];
  if (target === undefined) {
    await SOCKET_TARGETS[name]!((attack) => campaign(name, attack, TOGETHER[name]));
  } else await campaign(name, (random) => target(random));
}
if (failures > 0) Deno.exit(1);
