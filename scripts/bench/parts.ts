// deno-lint-ignore-file no-console
/**
 * Measures speed. Figures of one run can be compared with one another, not with those of other machines.
 *
 *     deno task bench:parts [--json] [--only TEXT]
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { floodBenchRows } from "./flood.ts";
import { storeBenchRows } from "./store.ts";
import { pageBenchRows } from "./page.ts";
import { startBenchRows } from "./start.ts";
import { textBenchRows } from "./text.ts";
import { webhookBenchRows } from "./webhook.ts";
import { tidyAtEnd } from "../long/tidy.ts";
import { checkCall } from "../long/usage.ts";

/** One measurement. */
export interface Measured {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Further figures, such as percentiles. */
  readonly detail?: string;
}

/** Runs `work` for about half a second after a warm-up; returns the best seconds of one run. */
function best(work: () => void): number {
  const endMs = performance.now() + 500;
  let seconds = Infinity;
  for (let run = 0; run < 3 || performance.now() < endMs; run++) {
    const beganMs = performance.now();
    work();
    seconds = Math.min(seconds, (performance.now() - beganMs) / 1_000);
  }
  return seconds;
}

function textRows(): { name: string; measure: () => Promise<Measured> }[] {
  return textBenchRows().map(({ name, run }) => ({
    name,
    measure: () => {
      let bytes = 0;
      const seconds = best(() => {
        bytes = run().bytes;
      });
      return Promise.resolve({ name, value: bytes / seconds / 1e6, unit: "MB/s" });
    },
  }));
}

const USAGE = `deno task bench:parts [--only TEXT] [--json]

  --only TEXT  only the rows whose name has this
  --json       print one array of rows

  deno task bench:parts --only GSM-7`;

const unknown: string[] = [];
const flags = parseArgs(Deno.args, {
  boolean: ["json", "help"],
  string: ["only"],
  unknown: (word) => (unknown.push(word), false),
});
const rows = [
  ...textRows(),
  ...webhookBenchRows(),
  ...storeBenchRows(),
  ...startBenchRows(),
  ...floodBenchRows(),
  ...pageBenchRows(),
]
  .filter(({ name }) => name.includes(flags.only ?? ""));
const wrong = rows.length === 0 ? `no row has "${flags.only}" in its name` : null;
checkCall({ task: "bench:parts", usage: USAGE, help: flags.help, unknown, wrong });
tidyAtEnd();
const results: Measured[] = [];
for (const { name, measure } of rows) {
  if (!flags.json) await Deno.stdout.write(new TextEncoder().encode(`${name.padEnd(48)}`));
  const result = await measure();
  results.push(result);
  if (!flags.json) {
    const value = result.value >= 100 ? result.value.toFixed(0) : result.value.toFixed(1);
    console.log(`${value.padStart(9)} ${result.unit.padEnd(6)} ${result.detail ?? ""}`.trimEnd());
  }
}
if (flags.json) console.log(JSON.stringify(results, null, 2));
