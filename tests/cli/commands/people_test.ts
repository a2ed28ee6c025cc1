import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { setOptOut } from "../../../src/people/opt_out.ts";
import { requestPairing } from "../../../src/people/pairing_book.ts";
import type { Phone } from "../../../src/policy/phone.ts";
import { historyKey, type HistoryRow } from "../../../src/store/history_row.ts";
import { readSender, senderKey } from "../../../src/store/sender_row.ts";
import { noteRefused } from "../../../src/people/refused.ts";
import type { AccountSettings } from "../../../src/config/settings.ts";
import { openStore } from "../../../src/store/kv.ts";
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

Deno.test("people lists roles, names, counts and states, masked and without bodies", async () => {
  await using at = await state();
  assertEquals((await at.run("people")).out, "Nobody is known yet.\n");
  const [bob, cid, dan, eve] = ["+12025550102", "+12025550103", "+12025550104", "+12025550105"];
  await at.run("pair", "allow", ANN, "--owner");
  await at.run("pair", "allow", bob);
  await at.run("pair", "name", bob, "Bob");
  await at.run("pair", "block", cid);
  const parts = { clock: systemClock, random: systemRandom };
  const store = await openStore(at.dir, parts);
  const asked = await requestPairing({ store, ...parts }, "default", dan as Phone);
  await store.commit(asked!.change);
  await setOptOut({ store, ...parts }, "default", eve as Phone, {
    optedOut: true,
    reason: "keyword",
  });
  const row = { account: "default", phone: bob as Phone, atMs: Date.now(), outcome: "sent" };
  const one = { ...row, id: 1, direction: "in", sids: ["SM1"], segments: 0, body: "a secret" };
  const two = { ...row, id: 2, direction: "out", sids: ["SM2"], segments: 3 };
  for (const value of [one, two] as HistoryRow[]) {
    await store.commit({ set: [{ key: historyKey(value.id), value }] });
  }
  store.close();
  const { out } = await at.run("people");
  assertMatch(out, /0101 +owner /);
  assertMatch(out, /0102 +Bob +let in +.* 1 +3/);
  assertMatch(out, /0103 +blocked /);
  assertMatch(out, /0104 +waiting /);
  assertMatch(out, /0105 +stranger .* opted out/);
  const json = (await at.run("people", "--json")).out;
  assertEquals(/\+1202|secret|body/.test(json), false);
  const { people } = JSON.parse((await at.run("people", "--json", "--full")).out);
  const found = people.find(({ phone }: { phone: string }) => phone === bob);
  assertEquals([found.name, found.role, found.texts, found.segments], ["Bob", "let in", 1, 3]);
  assertEquals((await at.run("people", "--account", "nowhere")).exit !== 0, true);
});

Deno.test("pair resume ends a pause, and pair refused lists who was refused, masked, with the reason", async () => {
  await using at = await state();
  const parts = { clock: systemClock, random: systemRandom };
  const store = await openStore(at.dir, parts);
  const phone = ANN as Phone;
  const { row } = await readSender({ store }, "default", phone);
  const loop = { ...row.loop, pausedUntilMs: Date.now() + 600_000 };
  await store.commit({ set: [{ key: senderKey("default", phone), value: { ...row, loop } }] });
  const account = { id: "default", dmPolicy: "allowlist" } as AccountSettings;
  for (let i = 0; i < 2; i++) {
    await noteRefused({ store, clock: systemClock }, account, "+12025550102" as Phone);
  }
  store.close();
  assertEquals((await at.run("pair", "resume", ANN)).out, "+1•••••0101 is answered again.\n");
  assertEquals((await at.run("pair", "resume", ANN)).exit, 5);
  const { out } = await at.run("pair", "refused");
  assertMatch(out, /\+1•••••0102 +default +\S.* +2 +not in allowFrom/);
  const json = JSON.parse((await at.run("pair", "refused", "--json", "--full")).out);
  assertEquals(json.refused[0].phone, "+12025550102");
});
