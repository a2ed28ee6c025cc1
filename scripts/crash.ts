// deno-lint-ignore-file no-console
/**
 * Kills the real program again and again while people text, and checks that everything was answered once.
 * `--help` lists the options.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { crash } from "../tests/crash/harness.ts";
import { crashShared, type Takeover } from "../tests/crash/shared_harness.ts";
import { denokvProgram } from "../tests/store/connect/real_engine.ts";
import { tidyAtEnd } from "./long/tidy.ts";
import { binaryTrouble, checkCall } from "./long/usage.ts";

const USAGE = `deno task crash [--kills N] [--seed S] [--shared]

  --kills N  how many kills (50)
  --seed S   what decides when (1)
  --shared   two bridges on one denokv, which SMS_BRIDGE_DENOKV names

SMS_BRIDGE_BIN names a compiled executable to kill; without it the source is run.

  deno task crash --kills 500`;

const unknown: string[] = [];
const args = parseArgs(Deno.args, {
  string: ["kills", "seed"],
  boolean: ["shared", "help"],
  default: { kills: "50", seed: "1" },
  unknown: (word) => (unknown.push(word), false),
});
const [kills, seed] = [Number(args.kills || NaN), Number(args.seed || NaN)];
const isWrong = !Number.isInteger(kills) || !Number.isInteger(seed) || kills < 0;
const wrong = isWrong ? "--kills and --seed are whole numbers" : binaryTrouble();
checkCall({ task: "crash", usage: USAGE, help: args.help, unknown, wrong });
const kept = tidyAtEnd();

/** How many kills there were, now and then. */
function telling(every: number): (count: number) => void {
  return (count) => count % every === 0 && console.error(`${count} of ${kills} kills`);
}

function spread(of: readonly Takeover[]): string {
  const sorted = of.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const seconds = (ms = 0) => (ms / 1_000).toFixed(1);
  const [p50, max] = [seconds(sorted[of.length >> 1]), seconds(sorted.at(-1))];
  return `${of.length} (p50 ${p50} s, max ${max} s)`;
}

/** Kills one of two bridges on a `denokv`; returns what came of it, and what was not as promised. */
async function killOneOfTwo(program: string): Promise<readonly [string, readonly string[]]> {
  const { texts, acknowledged, takeovers, logged, findings } = await crashShared(program, {
    kills,
    seed,
    onKill: telling(5),
  });
  if (findings.length > 0) {
    const options = { dir: kept, prefix: "sms-bridge-crash-", suffix: ".log" };
    const path = await Deno.makeTempFile(options);
    await Deno.writeTextFile(path, logged.join("\n"));
    console.error(`What the bridges logged: ${path}`);
  }
  return [
    `${kills} kills, ${texts} texts (${acknowledged} acknowledged), takeovers with another that stood by ` +
    `${spread(takeovers.filter(({ stoodBy }) => stoodBy))}, with none ` +
    `${spread(takeovers.filter(({ stoodBy }) => !stoodBy))}`,
    findings,
  ];
}

/** The same with the only one. */
async function killTheOnlyOne(): Promise<readonly [string, readonly string[]]> {
  const { gatewayRestarts, texts, acknowledged, messages, findings } = await crash({
    kills,
    seed,
    onKill: telling(25),
  });
  return [
    `${kills} kills, ${gatewayRestarts} restarts of the Gateway, ${texts} texts ` +
    `(${acknowledged} acknowledged), ${messages} SMS`,
    findings,
  ];
}

const program = args.shared ? denokvProgram() : null;
if (args.shared && program === null) {
  console.error("Skipped: denokv is not installed (`cargo install denokv --locked`)");
  Deno.exit(0);
}
const beganAtMs = performance.now();
const [told, findings] = await (program === null ? killTheOnlyOne() : killOneOfTwo(program));
for (const finding of findings) console.error(finding);
const tookS = ((performance.now() - beganAtMs) / 1_000).toFixed(1);
console.log(`${told}, ${findings.length} failures in ${tookS} s`);
if (findings.length > 0) Deno.exit(1);
