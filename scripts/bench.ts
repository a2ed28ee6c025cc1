// deno-lint-ignore-file no-console
/**
 * Measures the whole program, each row beside its floor in the same run: their ratio can be compared
 * with that of another machine, the figures cannot.
 * `--help` lists the options.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import noted from "./bench/noted.json" with { type: "json" };
import { type Figure, PROGRAM_ROWS } from "./bench/program.ts";
import { SHARED_ROWS } from "./bench/shared_store.ts";
import { tidyAtEnd } from "./long/tidy.ts";
import { binaryTrouble, checkCall } from "./long/usage.ts";

/** Below this a machine that does something else as well would fail the gate. */
const WORSE_MAX = 3;
const USAGE = `deno task bench [--only TEXT] [--json] [--note] [--smoke]

  --only TEXT  only the rows whose name has this
  --json       print one array of rows, each with its floor and ratio
  --note       write the ratios into scripts/bench/noted.json, and whole tables into README
  --smoke      a few rows; fail when a ratio is ${WORSE_MAX} times worse than noted

SMS_BRIDGE_BIN names a compiled executable; without it the source is run. Use the deno of the same version
with it: the floors are then executables as well, and an older runtime cannot read what a newer one wrote.
SMS_BRIDGE_DENOKV names a denokv; rows that need one are skipped without it.

  deno task bench --only "answer to one"`;

const ROWS = [...PROGRAM_ROWS, ...SHARED_ROWS];
const NOTED = new URL("./bench/noted.json", import.meta.url);
const README = new URL("../README.md", import.meta.url);

/** How many times worse than the floor; below 1 it is better. */
function ratioOf({ value, floor, more }: Figure): number {
  return more ? floor / value : value / floor;
}

const shown = (value: number) => value >= 100 ? value.toFixed(0) : value.toFixed(1);

function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { name, value, unit, floor, floorIs } = figure;
    const ratio = ratioOf(figure).toFixed(1);
    return `| ${name} | ${shown(value)} ${unit} | ${shown(floor)} ${unit}: ${floorIs} | ${ratio} |`;
  });
  return ["| What | Measured | Floor | Times the floor |", "| --- | --- | --- | --- |", ...rows]
    .join("\n");
}

/** Notes what was measured; of the two tables those that are whole. */
async function note(figures: readonly Figure[]): Promise<void> {
  const ratios = figures.map((one) => [one.name, Number(ratioOf(one).toFixed(2))]);
  const all = { ...noted, ...Object.fromEntries(ratios) };
  await Deno.writeTextFile(NOTED, `${JSON.stringify(all, null, 2)}\n`);
  let text = await Deno.readTextFile(README);
  for (const [mark, rows] of [["bench", PROGRAM_ROWS], ["bench shared", SHARED_ROWS]] as const) {
    const measured = figures.filter(({ name }) => rows.some((row) => row.name === name));
    if (measured.length < rows.length) continue;
    const between = new RegExp(`(<!-- ${mark} -->\n).*?(\n<!-- /${mark} -->)`, "s");
    if (!between.test(text)) throw new Error("README has no place for the table");
    text = text.replace(between, (_, a, b) => `${a}\n${tableOf(measured)}\n${b}`);
  }
  await Deno.writeTextFile(README, text);
}

const unknown: string[] = [];
const flags = parseArgs(Deno.args, {
  boolean: ["json", "note", "smoke", "help"],
  string: ["only"],
  unknown: (word) => (unknown.push(word), false),
});
const asked = ROWS.filter(({ name, smoke }) =>
  name.includes(flags.only ?? "") && (smoke || !flags.smoke)
);
const wrong = asked.length === 0
  ? `no row${flags.smoke ? " of the smoke" : ""} has "${flags.only}" in its name; all are: ${
    ROWS.map(({ name }) => name).join(", ")
  }`
  : binaryTrouble();
checkCall({ task: "bench", usage: USAGE, help: flags.help, unknown, wrong });
tidyAtEnd();
const known: Readonly<Record<string, number>> = noted;
const figures: Figure[] = [];
const worse: string[] = [];
for (const { name, measure } of asked) {
  const measured = await measure();
  if (measured === null) {
    if (!flags.json) console.log(`${name.padEnd(32)} skipped: denokv is not installed`);
    continue;
  }
  const figure = { name, ...measured };
  figures.push(figure);
  const ratio = ratioOf(figure);
  const before = known[name] ?? Infinity;
  if (ratio > before * WORSE_MAX) {
    worse.push(`${name}: ${ratio.toFixed(1)} times its floor, noted as ${before.toFixed(1)}`);
  }
  if (flags.json) continue;
  const { value, unit, floor, detail = "" } = figure;
  console.log(
    `${name.padEnd(32)}${shown(value).padStart(9)} ${unit.padEnd(4)}` +
      `${shown(floor).padStart(9)} ${unit.padEnd(4)}${ratio.toFixed(2).padStart(7)}x  ${detail}`
        .trimEnd(),
  );
}
if (flags.json) {
  console.log(JSON.stringify(figures.map((one) => ({ ...one, ratio: ratioOf(one) })), null, 2));
}
if (flags.note) await note(figures);
if (flags.smoke && worse.length > 0) {
  console.error(`Three times worse than noted:\n${worse.join("\n")}`);
  Deno.exit(1);
}
