// deno-lint-ignore-file no-console
/**
 * Fuzzes the parsers for a while; a case that fails prints the line that plays it again.
 *
 *     deno task fuzz --seconds 60 [--seed 7] [--only form] [--cases 1000000]
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { type Random, seededRandom } from "../src/system/random.ts";
import { SOCKET_TARGETS } from "../tests/fuzz/socket_targets.ts";
import { TARGETS } from "../tests/fuzz/targets.ts";

const args = parseArgs(Deno.args, {
  string: ["seconds", "seed", "only", "cases"],
  default: { seconds: "10", cases: "Infinity" },
});
const ALL = [...Object.keys(TARGETS), ...Object.keys(SOCKET_TARGETS)];
const names = ALL.filter((name) => args.only === undefined || name === args.only);
const [seconds, cases] = [Number(args.seconds), Number(args.cases)];
const single = args.seed === undefined ? null : Number(args.seed);
if (!(seconds > 0) || !(cases > 0) || names.length === 0 || Number.isNaN(single)) {
  console.error(
    `Cannot fuzz: --seconds, --seed and --cases are numbers, --only one of ${ALL.join(", ")}`,
  );
  Deno.exit(2);
}
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

async function campaign(name: string, attack: Play, together = 1): Promise<void> {
  if (single !== null) {
    await play(name, single, attack);
    return;
  }
  const endMs = performance.now() + seconds * 1_000 / names.length;
  const first = Math.floor(Math.random() * 1e9);
  let done = 0;
  let well = true;
  const lane = async () => {
    while (well && done < cases && performance.now() < endMs) {
      if (!await play(name, first + done++, attack)) well = false;
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
