// deno-lint-ignore-file no-console
/**
 * Runs the contract tests against real Gateways, one release after another; each is installed by its npm
 * package when it is not there yet. With --releases, what came of each goes into README's table.
 *
 *     deno task test:gateway --release 2026.9.4
 *     deno task test:gateway --releases oldest,reduced,newest
 *     deno task test:gateway --releases all
 *     deno task test:gateway:kill --times 10
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { noteRun } from "./releases_table.ts";
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

async function run(release: string, tests: readonly string[]): Promise<boolean> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "-A", ...tests.map((name) => `tests/contract/${name}`)],
    env: { SMS_BRIDGE_REAL_GATEWAY: "1", SMS_BRIDGE_GATEWAY_RELEASE: release },
  }).spawn().status;
  return code === 0;
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
    boolean: ["kill"],
    default: { times: "1" },
  });
  const times = Number(args.times);
  if (!Number.isInteger(times) || times < 1) {
    console.error("Cannot run the tests as --times must be a whole number");
    Deno.exit(2);
  }
  let missed = 0;
  for (const { version, served } of meant(args.releases ?? args.release ?? "newest")) {
    let passed = 0;
    for (let i = 1; i <= times; i++) {
      const well = await run(
        version,
        args.kill ? KILL : [
          ...CONTRACT[served],
          ...version === NAMES.newest ? HANDOVER : [],
        ],
      );
      if (well) passed++;
      console.log(`${version}: run ${i} of ${times} ${well ? "passed" : "failed"}`);
    }
    if (passed < times) missed++;
    if (!args.kill && args.releases !== undefined) noteRun(version, passed === times, new Date());
  }
  if (missed > 0) Deno.exit(1);
}
