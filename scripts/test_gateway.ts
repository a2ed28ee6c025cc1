// deno-lint-ignore-file no-console
/**
 * Runs the contract tests against real Gateways, one release after another; each is installed by its npm
 * package when it is not there yet. Prints a table of the releases as README has it.
 *
 *     deno task test:gateway --release 2026.9.4
 *     deno task test:gateway --releases oldest,newest
 *     deno task test:gateway:kill --times 10
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { OLDEST_FULL, type ReleaseRow, RELEASES } from "./gateway_releases.ts";

/** What serves in full. */
const CONTRACT = [
  "real_gateway_test.ts",
  "real_routes_test.ts",
  "real_config_test.ts",
  "real_proactive_test.ts",
];
/** What is promised of a reduced release, and of one that is refused. */
const REDUCED = ["real_releases_test.ts"];
const KILL = ["real_crash_test.ts"];

function testsOf({ serves }: ReleaseRow, kill: boolean): readonly string[] {
  if (kill) return KILL;
  return serves === "full" ? CONTRACT : REDUCED;
}

/** The releases that were asked for, by number or by what they stand for. */
function wanted(names: string): readonly ReleaseRow[] {
  if (names === "all") return RELEASES;
  const full = RELEASES.filter(({ serves }) => serves === "full");
  const reduced = RELEASES.filter(({ serves }) => serves === "reduced");
  return names.split(",").map((name) => {
    if (name === "newest") return full[0]!;
    if (name === "oldest") return full.find(({ release }) => release === OLDEST_FULL)!;
    if (name === "reduced") return reduced[0]!;
    return RELEASES.find(({ release }) => release === name) ??
      { release: name, serves: "full", without: "" };
  });
}

async function run(release: string, tests: readonly string[]): Promise<boolean> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "-A", ...tests.map((name) => `tests/contract/${name}`)],
    env: { SMS_BRIDGE_REAL_GATEWAY: "1", SMS_BRIDGE_GATEWAY_RELEASE: release },
  }).spawn().status;
  return code === 0;
}

if (import.meta.main) {
  const args = parseArgs(Deno.args, {
    string: ["release", "releases", "times"],
    boolean: ["kill"],
    default: { times: "1", releases: "newest" },
  });
  const times = Number(args.times);
  if (!Number.isInteger(times) || times < 1) {
    console.error("Cannot run the tests as --times must be a whole number");
    Deno.exit(2);
  }
  let missed = 0;
  const table: string[] = [];
  for (const row of wanted(args.release ?? args.releases)) {
    let passed = 0;
    for (let i = 0; i < times; i++) {
      if (await run(row.release, testsOf(row, args.kill))) passed++;
      console.log(`${row.release}: ${passed} of ${i + 1} runs passed`);
    }
    if (passed < times) missed++;
    table.push(`| ${row.release} | ${row.serves} | ${passed} of ${times} | ${row.without} |`);
  }
  console.log(`\n| Release | Serves | Passed | Without |\n| --- | --- | --- | --- |`);
  console.log(table.join("\n"));
  if (missed > 0) Deno.exit(1);
}
