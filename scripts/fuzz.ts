// deno-lint-ignore-file no-console
/**
 * Fuzzes the parsers for a while; a case that fails prints the line that plays it again.
 *
 *     deno task fuzz --seconds 60 [--seed 7] [--only form] [--cases 1000000]
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { seededRandom } from "../src/system/random.ts";
import { TARGETS } from "../tests/fuzz/targets.ts";

const args = parseArgs(Deno.args, {
  string: ["seconds", "seed", "only", "cases"],
  default: { seconds: "10", cases: "Infinity" },
});
const names = Object.keys(TARGETS).filter((name) => args.only === undefined || name === args.only);
const [seconds, cases] = [Number(args.seconds), Number(args.cases)];
const single = args.seed === undefined ? null : Number(args.seed);
if (!(seconds > 0) || !(cases > 0) || names.length === 0 || Number.isNaN(single)) {
  console.error(
    `Cannot fuzz: --seconds, --seed and --cases are numbers, --only one of ${
      Object.keys(TARGETS).join(", ")
    }`,
  );
  Deno.exit(2);
}
let failures = 0;

function play(name: string, seed: number): boolean {
  try {
    TARGETS[name]!(seededRandom(seed));
    return true;
  } catch (error) {
    failures++;
    console.error(`deno task fuzz --only ${name} --seed ${seed}`);
    console.error(error instanceof Error ? error.message : String(error));
    return false;
  }
}

for (const name of names) {
  if (single !== null) {
    play(name, single);
    continue;
  }
  const endMs = performance.now() + seconds * 1_000 / names.length;
  const first = Math.floor(Math.random() * 1e9);
  let done = 0;
  while (done < cases && performance.now() < endMs) if (!play(name, first + done++)) break;
  console.log(`${name.padEnd(10)} ${done} cases from seed ${first}`);
}
if (failures > 0) Deno.exit(1);
