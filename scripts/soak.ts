// deno-lint-ignore-file no-console
/**
 * Texts the real program for a while, and sees that its memory stays as it is: the mean of the last five
 * minutes is to be within 5 % of that of the first five, of which the first is not counted.
 * `--help` lists the options.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { parsePhone } from "../src/policy/phone.ts";
import { createWorld } from "../tests/e2e/program.ts";
import { benchNumber } from "./bench/burst.ts";
import { cpuSeconds, residentMiB } from "./bench/measure.ts";
import { tidyAtEnd } from "./long/tidy.ts";
import { binaryTrouble, checkCall } from "./long/usage.ts";

/** More is too much for one core, and for what the fake Twilio sends a second. */
const RATE_MAX = 100;
const USAGE = `deno task soak [--minutes N] [--rate N]

  --minutes N  how long (30; the last five are compared with the first, so it takes 11 or more)
  --rate N     texts a second (5; at most ${RATE_MAX})

SMS_BRIDGE_BIN names a compiled executable; without it the source is run.

  deno task soak --minutes 60 --rate 2`;

const unknown: string[] = [];
const flags = parseArgs(Deno.args, {
  string: ["minutes", "rate"],
  boolean: ["help"],
  default: { minutes: "30", rate: "5" },
  unknown: (word) => (unknown.push(word), false),
});
const [minutes, rate] = [Number(flags.minutes), Number(flags.rate)];
const isWrong = !(minutes > 0) || !(rate > 0 && rate <= RATE_MAX);
const wrong = isWrong
  ? `--minutes and --rate are numbers above 0, --rate at most ${RATE_MAX}`
  : binaryTrouble();
checkCall({ task: "soak", usage: USAGE, help: flags.help, unknown, wrong });
tidyAtEnd();
const GROWTH_MAX = 0.05;
const LOOK_MS = 1_000;
const ANSWERS_MS = 5_000;
/** How long it is left alone then, before its memory at rest is told: V8 gives back what it no longer needs. */
const REST_MS = 60_000;
/** So many that each texts as seldom as a person does. */
const people = Array.from({ length: 600 }, (_, i) => parsePhone(benchNumber(i))!);

await using world = await createWorld();
const program = await world.serve({
  SMS_BRIDGE_DM_POLICY: "allowlist",
  SMS_ALLOWED_USERS: people.join(","),
  SMS_BRIDGE_SEGMENTS_PER_DAY_MAX: "0",
  SMS_BRIDGE_MESSAGES_PER_SECOND: "100",
});
const beganMs = performance.now();
const minutesSince = () => (performance.now() - beganMs) / 60_000;
const looks: { readonly minute: number; readonly mib: number }[] = [];
let texts = 0;
let refused = 0;

function text(): void {
  const number = texts++;
  world.twilio.inbound({ from: people[number % people.length]!, text: `what about ${number}?` })
    .then(({ ok }) => refused += ok ? 0 : 1);
}

const answered = () =>
  world.twilio.messages.filter(({ direction }) => direction !== "inbound").length;

async function look(): Promise<void> {
  const [minute, mib] = [minutesSince(), await residentMiB(program.pid)];
  looks.push({ minute, mib });
  if (Math.floor(minute) === Math.floor(minute - LOOK_MS / 60_000)) return;
  const answers = answered();
  console.error(
    `${minute.toFixed(0)} min: ${texts} texts, ${answers} answers, ${mib.toFixed(1)} MiB`,
  );
}

const texting = setInterval(text, 1_000 / rate);
const looking = setInterval(look, LOOK_MS);
await new Promise((resolve) => setTimeout(resolve, minutes * 60_000));
clearInterval(texting);
clearInterval(looking);
const peak = Math.max(...looks.map(({ mib }) => mib));
// What was asked last is answered meanwhile.
await new Promise((resolve) => setTimeout(resolve, ANSWERS_MS));
const cpuMs = await cpuSeconds(program.pid) / texts * 1_000;
await new Promise((resolve) => setTimeout(resolve, REST_MS));
const rest = await residentMiB(program.pid);

/** The mean memory between two minutes. */
function meanMiB(from: number, to: number): number {
  const there = looks.filter(({ minute }) => minute >= from && minute < to);
  return there.reduce((sum, { mib }) => sum + mib, 0) / there.length;
}

const [first, last] = [meanMiB(1, 6), meanMiB(minutes - 5, minutes)];
const growth = last / first - 1;
const answers = answered();
console.log(
  `${texts} texts in ${minutes} minutes, ${refused} refused, ${answers} answers; ` +
    `${first.toFixed(1)} MiB at first, ${last.toFixed(1)} MiB at last (${
      (growth * 100).toFixed(1)
    } %), ${peak.toFixed(1)} MiB at most, ${rest.toFixed(1)} MiB ${REST_MS / 1_000} s after; ` +
    `${cpuMs.toFixed(1)} ms of CPU a text`,
);
if (growth > GROWTH_MAX || refused > 0 || answers < texts) Deno.exit(1);
