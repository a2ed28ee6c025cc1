import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../src/cli/commands/table.ts";
import { runCli } from "../../../src/cli/run.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { systemRandom } from "../../../src/system/random.ts";
import { createTestContext } from "../test_context.ts";

const ANN = "+12025550101";

async function state() {
  const dir = await Deno.makeTempDir({ prefix: "sms-bridge-people-" });
  async function run(...args: string[]) {
    const context = createTestContext({ clock: systemClock, random: systemRandom });
    const exit = await runCli([...args, "--state-dir", dir], context, COMMANDS);
    return { exit, out: context.out, err: context.err };
  }
  return { run, dir, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

Deno.test("pair block works on the store, is listed masked, and pair unblock lifts it", async () => {
  await using at = await state();
  assertEquals((await at.run("pair", "blocked")).out, "Nobody is blocked.\n");
  assertEquals((await at.run("pair", "block", ANN)).out, "+1•••••0101 is blocked now.\n");
  assertEquals((await at.run("pair", "block", ANN)).out, "+1•••••0101 is blocked already.\n");
  assertMatch((await at.run("pair", "blocked")).out, /\+1•••••0101 +default +/);
  const masked = JSON.parse((await at.run("pair", "blocked", "--json")).out);
  assertEquals(masked.blocked[0].phone, "+1•••••0101");
  const full = JSON.parse((await at.run("pair", "blocked", "--json", "--full")).out);
  assertEquals(full.blocked[0].phone, ANN);
  assertMatch((await at.run("pair", "unblock", ANN)).out, /is not blocked any more/);
  const again = await at.run("pair", "unblock", ANN);
  assertEquals(again.exit, 5);
  assertStringIncludes(again.err, "pair blocked");
});

Deno.test("pair block of an account that is none, or of what is no number, is refused", async () => {
  await using at = await state();
  assertEquals((await at.run("pair", "block", ANN, "--account", "nowhere")).exit !== 0, true);
  assertEquals((await at.run("pair", "block", "Ada")).exit, 2);
});

Deno.test("pair allow does not let a blocked number in, and says how to", async () => {
  await using at = await state();
  await at.run("pair", "block", ANN);
  const refused = await at.run("pair", "allow", ANN);
  assertEquals(refused.exit !== 0, true);
  assertStringIncludes(refused.err, "pair unblock");
});

Deno.test("pair name keeps one short line without control characters, and an empty one takes it away", async () => {
  await using at = await state();
  assertEquals((await at.run("pair", "name", ANN, " Ada ")).out, "+1•••••0101 is called Ada.\n");
  await at.run("pair", "block", ANN);
  assertMatch((await at.run("pair", "blocked")).out, /0101 +Ada +default/);
  for (const bad of ["Ada\nLovelace", "A\u001b[31m", "A\u202eB", "x".repeat(61), "a\u2028b"]) {
    const refused = await at.run("pair", "name", ANN, bad);
    assertEquals(refused.exit, 2, JSON.stringify(bad));
    assertStringIncludes(refused.err, "one line of at most 60 characters");
  }
  assertMatch((await at.run("pair", "blocked")).out, /0101 +Ada +default/);
  assertEquals((await at.run("pair", "name", ANN, "")).out, "+1•••••0101 has no name now.\n");
});
