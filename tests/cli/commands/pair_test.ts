import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { setOptOut } from "../../../src/people/opt_out.ts";
import { requestPairing } from "../../../src/people/pairing_book.ts";
import { COMMANDS } from "../../../src/cli/commands/table.ts";
import { runCli } from "../../../src/cli/run.ts";
import type { Phone } from "../../../src/policy/phone.ts";
import { openStore } from "../../../src/store/kv.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { systemRandom } from "../../../src/system/random.ts";
import { createTestContext, type TestContextOptions } from "../test_context.ts";

const ANN = "+12025550101" as Phone;
const BOB = "+12025550102" as Phone;
const TERMINAL = { stdin: true, stdout: true, stderr: true };

/** A state directory with one pending request of each number. */
async function stateWith(...phones: Phone[]) {
  const dir = await Deno.makeTempDir({ prefix: "sms-bridge-pair-" });
  const parts = { clock: systemClock, random: systemRandom };
  const store = await openStore(dir, parts);
  const codes: string[] = [];
  for (const phone of phones) {
    const request = await requestPairing({ store, ...parts }, "default", phone);
    await store.commit(request!.change);
    codes.push(request!.text.match(/approve ([A-Z2-9]{8})/)![1]!);
  }
  store.close();
  async function run(args: string[], options: TestContextOptions = {}) {
    const context = createTestContext({ ...parts, ...options });
    const exit = await runCli([...args, "--state-dir", dir], context, COMMANDS);
    return { exit, out: context.out, err: context.err, asked: context.asked };
  }
  async function optOut(phone: Phone) {
    const opened = await openStore(dir, parts);
    const choice = { optedOut: true, reason: "twilio" } as const;
    await setOptOut({ store: opened, ...parts }, "default", phone, choice);
    opened.close();
  }
  return { codes, run, optOut, [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }) };
}

Deno.test("pair approve on a terminal shows whom the code lets in, and lets nobody in without a yes", async () => {
  await using state = await stateWith(ANN);
  const [code] = state.codes;
  const no = await state.run(["pair", "approve", code!], { terminal: TERMINAL, answers: ["n"] });
  assertEquals(no.exit, 1);
  assertStringIncludes(no.err, "+1•••••0101 texted account default");
  assertEquals(JSON.parse((await state.run(["pair", "allowed", "--json"])).out).allowed, []);
  const yes = await state.run(["pair", "approve", code!], {
    terminal: TERMINAL,
    answers: ["y", "n"],
  });
  assertEquals(yes.exit, 0);
  assertEquals(yes.out, "+1•••••0101 may now text the assistant.\n");
});

Deno.test("pair approve offers ownership to the first sender only", async () => {
  await using state = await stateWith(ANN, BOB);
  const [ann, bob] = state.codes;
  const first = await state.run(["pair", "approve", ann!], {
    terminal: TERMINAL,
    answers: ["y", "y"],
  });
  assertEquals(first.asked.length, 2);
  assertStringIncludes(first.out, "as owner");
  const second = await state.run(["pair", "approve", bob!], {
    terminal: TERMINAL,
    answers: ["yes"],
  });
  assertEquals(second.asked.length, 1);
  const { allowed } = JSON.parse((await state.run(["pair", "allowed", "--json", "--full"])).out);
  const owners = allowed.map(({ phone, owner }: { phone: string; owner: boolean }) => [
    phone,
    owner,
  ]);
  assertEquals(owners, [[ANN, true], [BOB, false]]);
});

Deno.test("pair approve asks nothing without a terminal or with --yes, and says how to make an owner", async () => {
  await using state = await stateWith(ANN, BOB);
  const [ann, bob] = state.codes;
  const first = await state.run(["pairing", "approve", "sms", ann!]);
  assertEquals([first.exit, first.asked], [0, []]);
  assertStringIncludes(first.err, "pair allow <NUMBER> --owner");
  const second = await state.run(["pair", "approve", bob!, "--yes", "--owner"], {
    terminal: TERMINAL,
  });
  assertEquals([second.exit, second.asked], [0, []]);
  assertStringIncludes(second.out, "as owner");
});

Deno.test("pair approve --name says what they are called, and lets nobody in under a name that cannot be", async () => {
  await using state = await stateWith(ANN);
  const [ann] = state.codes;
  const bad = await state.run(["pair", "approve", ann!, "--name", "Ada\u001b[31m"]);
  assertStringIncludes(bad.err, "Cannot use that name");
  assertEquals(JSON.parse((await state.run(["pair", "allowed", "--json"])).out).allowed, []);
  assertEquals((await state.run(["pair", "approve", ann!, "--name", "Ada"])).exit, 0);
  const { people } = JSON.parse((await state.run(["people", "--json"])).out);
  assertEquals([people[0].name, people[0].role], ["Ada", "let in"]);
});

Deno.test("pair list --json has the fields of openclaw's", async () => {
  await using state = await stateWith(ANN);
  const listed = await state.run(["pairing", "list", "--channel", "sms", "--json", "--full"]);
  const { channel, requests: [request] } = JSON.parse(listed.out);
  assertEquals(channel, "sms");
  assertEquals([request.id, request.code, request.meta], [ANN, state.codes[0], {
    accountId: "default",
  }]);
  assert(Date.parse(request.expiresAt) - Date.parse(request.createdAt) === 3_600_000);
  assertEquals(request.lastSeenAt, request.createdAt);
});

Deno.test("pair list and pair allowed show whole numbers only with --full", async () => {
  await using state = await stateWith(ANN);
  assertMatch((await state.run(["pair", "list"])).out, /\+1•••••0101 +default .* 59m/);
  assertStringIncludes((await state.run(["pair", "list", "--full"])).out, ANN);
  await state.run(["pair", "allow", BOB]);
  for (const command of ["list", "allowed"]) {
    const masked = (await state.run(["pair", command, "--json"])).out;
    assertMatch(masked, /\+1•••••010\d/);
    assert(![ANN, BOB].some((phone) => masked.includes(phone)), masked);
  }
  const allowed = await state.run(["pair", "allowed"]);
  assertMatch(allowed.out, /\+1•••••0102 +default +sender +hand/);
});

Deno.test("pair allow --owner makes someone who is in already an owner", async () => {
  await using state = await stateWith();
  await state.run(["pair", "allow", ANN]);
  await state.run(["pair", "allow", ANN, "--owner"]);
  await state.run(["pair", "allow", ANN]);
  assertMatch((await state.run(["pair", "allowed"])).out, /default +owner +hand/);
  assertEquals((await state.run(["pair", "revoke", ANN])).exit, 0);
  assertEquals((await state.run(["pair", "allowed"])).out, "Nobody has been let in by pairing.\n");
});

Deno.test("pair opt-in lifts a remembered opt-out, and says what Twilio will still refuse", async () => {
  await using state = await stateWith();
  const none = await state.run(["pair", "opt-in", BOB]);
  assertEquals(none.exit, 5);
  assertStringIncludes(none.err, "has not opted out");
  await state.run(["pair", "allow", BOB]);
  await state.optOut(BOB);
  assertStringIncludes((await state.run(["pair", "allowed"])).out, "opted out at Twilio (21610)");
  const lifted = await state.run(["pair", "opt-in", BOB]);
  assertEquals(lifted.exit, 0);
  assertStringIncludes(lifted.out, "still refuses each message with 21610");
  assertEquals((await state.run(["pair", "allowed"])).out.includes("opted out"), false);
});

Deno.test("pair opted-out lists who has opted out, let in or not, with reason and time", async () => {
  await using state = await stateWith();
  assertEquals((await state.run(["pair", "opted-out"])).out, "Nobody has opted out.\n");
  await state.optOut(BOB);
  const stranger = await state.run(["pair", "opted-out"]);
  assertMatch(stranger.out, /\+1•••••0102 +default +Twilio refused a message \(21610\) +\S+/);
  await state.run(["pair", "allow", BOB]);
  assertMatch((await state.run(["pair", "opted-out"])).out, /0102 +default +let in +Twilio/);
  const { optedOut: [one] } = JSON.parse(
    (await state.run(["pair", "opted-out", "--json", "--full"])).out,
  );
  assertEquals([one.phone, one.reason, one.allowed, typeof one.atMs], [
    BOB,
    "twilio",
    true,
    "number",
  ]);
});
