// deno-lint-ignore-file no-console
/**
 * Runs the contract tests against real Gateways, one release after another; each is installed by its npm
 * package when it is not there yet.
 *
 *     deno task test:gateway --release 2026.9.4
 *     deno task test:gateway --release 2026.8.1,2026.9.6
 *     deno task test:gateway:kill --times 10
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";

const NEWEST = "2026.9.6";
const CONTRACT = [
  "real_gateway_test.ts",
  "real_routes_test.ts",
  "real_config_test.ts",
  "real_proactive_test.ts",
];
const KILL = ["real_crash_test.ts"];

async function run(release: string, tests: readonly string[]): Promise<boolean> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", "-A", ...tests.map((name) => `tests/contract/${name}`)],
    env: { SMS_BRIDGE_REAL_GATEWAY: "1", SMS_BRIDGE_GATEWAY_RELEASE: release },
  }).spawn().status;
  return code === 0;
}

if (import.meta.main) {
  const args = parseArgs(Deno.args, {
    string: ["release", "times"],
    boolean: ["kill"],
    default: { times: "1", release: NEWEST },
  });
  const times = Number(args.times);
  if (!Number.isInteger(times) || times < 1) {
    console.error("Cannot run the tests as --times must be a whole number");
    Deno.exit(2);
  }
  let missed = 0;
  for (const release of args.release.split(",")) {
    for (let i = 1; i <= times; i++) {
      const passed = await run(release, args.kill ? KILL : CONTRACT);
      if (!passed) missed++;
      console.log(`${release}: run ${i} of ${times} ${passed ? "passed" : "failed"}`);
    }
  }
  if (missed > 0) Deno.exit(1);
}
