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
const beganAtMs = performance.now();
if (args.shared) {
  const program = denokvProgram();
  if (program === null) {
    console.error("Skipped: denokv is not installed (`cargo install denokv --locked`)");
    Deno.exit(0);
  }
  const { texts, acknowledged, takeovers, logged, findings } = await crashShared(program, {
    kills,
    seed,
    onKill: (count) => count % 5 === 0 && console.error(`${count} of ${kills} kills`),
  });
  for (const finding of findings) console.error(finding);
  if (findings.length > 0) {
    const path = await Deno.makeTempFile({
      dir: kept,
      prefix: "sms-bridge-crash-",
      suffix: ".log",
    });
    await Deno.writeTextFile(path, logged.join("\n"));
    console.error(`What the bridges logged: ${path}`);
  }
  const spread = (of: readonly Takeover[]) => {
    const sorted = of.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
    const seconds = (ms = 0) => (ms / 1_000).toFixed(1);
    return `${of.length} (p50 ${seconds(sorted[of.length >> 1])} s, max ${
      seconds(sorted.at(-1))
    } s)`;
  };
  console.log(
    `${kills} kills, ${texts} texts (${acknowledged} acknowledged), takeovers with another that stood by ` +
      `${spread(takeovers.filter(({ stoodBy }) => stoodBy))}, with none ` +
      `${spread(takeovers.filter(({ stoodBy }) => !stoodBy))}, ${findings.length} failures`,
  );
  Deno.exit(findings.length > 0 ? 1 : 0);
}
const report = await crash({
  kills,
  seed,
  onKill: (count) => count % 25 === 0 && console.error(`${count} of ${kills} kills`),
});
for (const finding of report.findings) console.error(finding);
const tookS = ((performance.now() - beganAtMs) / 1_000).toFixed(1);
console.log(
  `${report.kills} kills, ${report.gatewayRestarts} restarts of the Gateway, ${report.texts} texts ` +
    `(${report.acknowledged} acknowledged), ${report.messages} SMS, ` +
    `${report.findings.length} failures in ${tookS} s`,
);
if (report.findings.length > 0) Deno.exit(1);
