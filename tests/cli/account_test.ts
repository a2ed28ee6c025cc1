import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { runCli } from "../../src/cli/run.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";
import { createTestContext, type TestContextOptions } from "./test_context.ts";

const ANN = "+12025550101";
const TERMINAL = { stdin: true, stdout: true, stderr: true };

/** A home with these accounts, and commands run in it without a bridge. */
async function homeWith(...ids: string[]) {
  const home = await Deno.makeTempDir({ prefix: "sms-bridge-account-" });
  const stateDir = `${home}/.openclaw/sms-bridge`;
  await Deno.mkdir(stateDir, { recursive: true, mode: 0o700 });
  const accounts = Object.fromEntries(ids.map((id, i) => [id, {
    accountSid: `AC${"0".repeat(32)}`,
    authToken: "0123456789abcdef0123456789abcdef",
    fromNumber: `+1202555011${i}`,
    webhookPath: `/webhooks/sms/${id}`,
    publicWebhookUrl: `https://sms.example.org/webhooks/sms/${id}`,
  }]));
  const write = (more: Record<string, unknown>) =>
    Deno.writeTextFile(
      `${stateDir}/config.json5`,
      JSON.stringify({
        channels: { sms: { accounts, ...more } },
        gateway: { auth: { token: "a-token" } },
      }),
      { mode: 0o600 },
    );
  await write({});
  async function run(args: string[], options: TestContextOptions = {}) {
    const variables = { HOME: home };
    const parts = { clock: systemClock, random: systemRandom };
    const context = createTestContext({ ...parts, ...options, variables });
    const exit = await runCli(args, context, COMMANDS);
    return { exit, out: context.out, err: context.err, asked: context.asked };
  }
  return {
    home,
    stateDir,
    run,
    write,
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}

async function allowedAt(home: Awaited<ReturnType<typeof homeWith>>): Promise<string[]> {
  const { allowed } = JSON.parse((await home.run(["pair", "allowed", "--json", "--full"])).out);
  return allowed.map(({ account }: { account: string }) => account);
}

Deno.test("a command without --account works on the only account, whatever it is called", async () => {
  await using home = await homeWith("support");
  assertEquals((await home.run(["pair", "allow", ANN])).exit, 0);
  assertEquals(await allowedAt(home), ["support"]);
});

Deno.test("a command without --account refuses where several are there, and lists them", async () => {
  await using home = await homeWith("support", "sales");
  for (
    const args of [
      ["pair", "allow", ANN],
      ["pair", "opt-in", ANN],
      ["route", ANN],
      ["send", ANN, "hello"],
      ["send", ANN, "hello", "--dry-run"],
      ["message", "send", "--target", ANN, "--message", "hello"],
      ["webhook", "verify", "--signature", "x"],
    ]
  ) {
    const { exit, err } = await home.run(args);
    assertEquals([args, exit], [args, 2]);
    assertStringIncludes(err, "sales, support");
    assertStringIncludes(err, "--account sales");
  }
  assertEquals(await allowedAt(home), []);
});

Deno.test("a command without --account takes the default one of several", async () => {
  await using home = await homeWith("support", "sales");
  await home.write({ defaultAccount: "support" });
  assertEquals((await home.run(["pair", "allow", ANN])).exit, 0);
  assertEquals(await allowedAt(home), ["support"]);
});

Deno.test("a command without --account asks on a terminal until the answer is an account", async () => {
  await using home = await homeWith("support", "sales");
  const { exit, asked } = await home.run(["pair", "allow", ANN], {
    terminal: TERMINAL,
    answers: ["nobody", "Sales"],
  });
  assertEquals([exit, asked.length], [0, 2]);
  assertEquals(await allowedAt(home), ["sales"]);
  const ended = await home.run(["pair", "allow", ANN], { terminal: TERMINAL });
  assertEquals(ended.exit, 130);
});

Deno.test("every command that takes an --account refuses one that is not there", async () => {
  await using home = await homeWith("support", "sales");
  const file = `${home.home}/body.txt`;
  await Deno.writeTextFile(file, "hello");
  const taking = COMMANDS.filter(({ path, options = [] }) =>
    // The one needs a bridge that runs, the other only offers words to a shell.
    options.some(({ name }) => name === "account") &&
    !["webhook simulate", "completions"].includes(path.join(" "))
  );
  assert(taking.length > 25, `${taking.length}`);
  for (const { examples } of taking) {
    const words = examples[0]!.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ""));
    const args = words.map((word) => /\.(txt|jpg|pdf)$/.test(word) ? file : word);
    const { exit, err } = await home.run([...args, "--account", "nope"], { input: "hello" });
    assertEquals([args, exit], [args, 5], err);
    assertStringIncludes(err, "sales, support");
  }
  assertEquals(await allowedAt(home), []);
});

Deno.test("a command that only reads makes no store, and none makes a state directory by a typo", async () => {
  await using home = await homeWith("support");
  const typo = `${home.home}/typo`;
  for (
    const args of [["status"], ["messages"], ["pair", "allowed"], ["queue", "list"], [
      "pair",
      "allow",
      ANN,
    ], ["send", ANN, "x"]]
  ) {
    const { exit, err } = await home.run([...args, "--state-dir", typo]);
    assertEquals([args, exit === 0], [args, false]);
    if (args[0] !== "send") assertStringIncludes(err, `There is no state directory ${typo}`);
  }
  await home.run(["status"]);
  const there = (path: string) => Deno.stat(path).then(() => true, () => false);
  assertEquals(await there(typo), false);
  assertEquals(await there(`${home.stateDir}/bridge.kv`), false);
});
