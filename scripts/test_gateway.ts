// deno-lint-ignore-file no-console
/**
 * Runs the contract tests against real Gateways, one release after another; each is installed by its npm
 * package when it is not there yet. With --releases, what came of each goes into README's table; --gate runs
 * the oldest full, the newest reduced and the newest full one, of the former two the tests that tell releases
 * apart, and writes nothing.
 *
 *     deno task test:gateway --release 2026.9.4
 *     deno task test:gateway --releases oldest,reduced,newest
 *     deno task test:gateway --releases all
 *     deno task test:gateway --gate
 *     deno task test:gateway:kill --times 10
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { installGateway, whyNoGateway } from "./gateway_release.ts";
import { noteRun, type RunResult } from "./releases_table.ts";
import { NAMES, type Release, RELEASES } from "./releases.ts";

const CONTRACT: Readonly<Record<Release["served"], readonly string[]>> = {
  full: [
    "real_gateway_test.ts",
    "real_routes_test.ts",
    "real_config_test.ts",
    "real_proactive_test.ts",
  ],
  reduced: ["real_gateway_test.ts"],
  refused: ["real_refusal_test.ts"],
};
const KILL = ["real_crash_test.ts"];
/** OpenClaw's own plugin, as npm has it now, goes with the newest release. */
const HANDOVER = ["real_handover_test.ts"];

/** What the gate runs of a release that is not the newest: minutes would become many. */
const GATE_TESTS = ["real_gateway_test.ts", "real_routes_test.ts"];
const GATE_FILTER =
  "/link connects|turn is answered|same key again|link is down|in mid-turn|begun anew|\\/stop|needs an approval|a node|it stops|own resolver/";

/** Which tests are run of a release. */
interface Chosen {
  readonly tests: readonly string[];
  readonly filter?: string;
}

function choose({ version, served }: Release, kill: boolean, gate: boolean): Chosen {
  if (kill) return { tests: KILL };
  const tests = [...CONTRACT[served], ...version === NAMES.newest ? HANDOVER : []];
  if (!gate || version === NAMES.newest) return { tests };
  return { tests: tests.filter((one) => GATE_TESTS.includes(one)), filter: GATE_FILTER };
}

/** Why a release cannot be run here; null when it can. */
async function whyNot(release: string): Promise<string | null> {
  const none = whyNoGateway();
  if (none !== null) return none;
  const installed = await installGateway(release);
  return typeof installed === "number"
    ? `OpenClaw ${release} could not be downloaded (npm exit ${installed})`
    : null;
}

async function run(release: string, { tests, filter }: Chosen): Promise<boolean> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "--quiet",
      "-A",
      ...filter === undefined ? [] : ["--filter", filter],
      ...tests.map((name) => `tests/contract/${name}`),
    ],
    env: { SMS_BRIDGE_REAL_GATEWAY: "1", SMS_BRIDGE_GATEWAY_RELEASE: release },
  }).spawn().status;
  return code === 0;
}

/** Runs a release `times` times, and says what came of it. */
async function runRelease(release: Release, chosen: Chosen, times: number): Promise<RunResult> {
  const { version } = release;
  const reason = await whyNot(version);
  if (reason !== null) {
    console.log(`${version}: skipped: ${reason}`);
    return "skipped";
  }
  let passed = 0;
  for (let i = 1; i <= times; i++) {
    const well = await run(version, chosen);
    if (well) passed++;
    console.log(`${version}: run ${i} of ${times} ${well ? "passed" : "failed"}`);
  }
  return passed === times ? "passed" : "failed";
}

/** The releases that are meant: by number, or by `all`, `oldest`, `reduced` and `newest`. */
function meant(words: string): Release[] {
  return words.split(",").flatMap((word) => {
    if (word === "all") return RELEASES;
    const version = NAMES[word] ?? word;
    return RELEASES.find((one) => one.version === version) ?? { version, served: "full" };
  });
}

if (import.meta.main) {
  const args = parseArgs(Deno.args, {
    string: ["release", "releases", "times"],
    boolean: ["kill", "gate"],
    default: { times: "1" },
  });
  const times = Number(args.times);
  if (!Number.isInteger(times) || times < 1) {
    console.error("Cannot run the tests as --times must be a whole number");
    Deno.exit(2);
  }
  const words: string = args.gate
    ? "oldest,reduced,newest"
    : args.releases ?? args.release ?? "newest";
  const unknown = words.split(",").find((word) =>
    word !== "all" && !(word in NAMES) && !/^\d{4}\.\d+\.\d+(-[\w.]+)?$/.test(word)
  );
  if (unknown !== undefined) {
    const names = ["all", ...Object.keys(NAMES)].join(", ");
    console.error(`Cannot run the tests as "${unknown}" is no release: ${names}, or as 2026.9.6`);
    Deno.exit(2);
  }
  let failed = false;
  for (const release of meant(words)) {
    const result = await runRelease(release, choose(release, args.kill, args.gate), times);
    failed ||= result === "failed";
    const noted = args.releases !== undefined && !args.kill && !args.gate;
    if (noted) noteRun(release.version, result, new Date());
  }
  if (failed) Deno.exit(1);
}
