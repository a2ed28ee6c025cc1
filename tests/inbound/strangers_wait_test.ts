import { assert, assertEquals, assertMatch } from "@std/assert";
import { approve, listPending } from "../../src/people/pairing_book.ts";
import { readStatus } from "../../src/operations/status.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { rememberTroubles } from "../../src/system/recent_troubles.ts";
import { ANN, createKit, type Kit } from "../bridge/kit.ts";

const DAY_MS = 24 * 3_600_000;
const OWNER = "+12025550177" as Phone;
const NEWCOMER = "+14155550123" as Phone;
/** Numbers rented in one block, and in one of each of many. */
const alike = (i: number) => `+1202555${String(1_000 + i)}` as Phone;
const mixed = (i: number) => `+1${2_120_000_000 + i * 10_000}` as Phone;

async function crowd(kit: Kit, of: (i: number) => Phone, count: number) {
  for (let i = 0; i < count; i++) {
    assertEquals(await kit.take("let me in", { from: of(i) }), "stranger");
  }
  await kit.rest(60_000);
}

const to = (kit: Kit, phone: Phone) => kit.sent.filter((one) => one.to === phone);

Deno.test("after 25 strangers of one carrier's block a newcomer gets a code, and the owner learns once that people wait", async () => {
  await using kit = await createKit({ bridge: { ownerAllowFrom: [OWNER] } });
  await crowd(kit, alike, 25);
  await kit.take("hello, it is me", { from: NEWCOMER });
  await kit.rest(60_000);
  assertMatch(to(kit, NEWCOMER)[0]?.body ?? "", /pair approve [A-Z2-9]{8}/);
  assertEquals(to(kit, OWNER).length, 1);
  assertMatch(to(kit, OWNER)[0]?.body ?? "", /sms-bridge pair list/);
  assertEquals(kit.logged.filter((line) => line.includes("pairing.codes-used-up")).length, 1);
});

Deno.test("a newcomer after a crowd that used all codes up is shown to the owner, who lets them in", async () => {
  await using kit = await createKit({ bridge: { ownerAllowFrom: [OWNER] } });
  await crowd(kit, mixed, 15);
  await crowd(kit, alike, 40);
  await kit.take("hello, it is me", { from: NEWCOMER });
  await kit.rest(60_000);
  assertEquals(to(kit, NEWCOMER), []);
  const waiting = (await listPending(kit.context, "default")).find((one) => one.phone === NEWCOMER);
  assertEquals((await approve(kit.context, waiting!.code)).kind, "ok");
  assertEquals(await kit.take("hello again", { from: NEWCOMER }), "stored");
  const status = await readStatus({ ...kit.context, settings: kit.context.settings });
  assert(status.accounts[0]!.waitingPairings > 0);
});

Deno.test("the owner is told again a day later, while people wait, and not at all if so set", async () => {
  await using kit = await createKit({ bridge: { ownerAllowFrom: [OWNER] } });
  for (let day = 0; day < 3; day++) {
    await crowd(kit, (i) => alike(day * 100 + i), 60);
    await kit.rest(DAY_MS);
  }
  assertEquals(to(kit, OWNER).length, 3);
  await using quiet = await createKit({
    bridge: { ownerAllowFrom: [OWNER], ownerNotices: false },
  });
  await crowd(quiet, alike, 60);
  assertEquals(to(quiet, OWNER), []);
  assert(quiet.logged.some((line) => line.includes("pairing.codes-used-up")));
});

Deno.test("however many owners there are, three are told", async () => {
  const ownerAllowFrom = Array.from({ length: 20 }, (_, i) => `+120255501${70 + i}`);
  await using kit = await createKit({ bridge: { ownerAllowFrom } });
  await crowd(kit, mixed, 25);
  assertEquals(
    kit.sent.filter((one) => one.to !== ANN && /pair list/.test(one.body ?? "")).length,
    3,
  );
});

Deno.test("owners whom the Gateway alone names are told, too", async () => {
  await using kit = await createKit({
    gatewayOwners: [`sms:${OWNER}`, "telegram:12025550177", "*"],
  });
  await crowd(kit, alike, 25);
  assertEquals(to(kit, OWNER).length, 1);
});

Deno.test("status says that people wait without a code, with what to do", async () => {
  await using kit = await createKit();
  const log = rememberTroubles(kit.context.log, kit.clock);
  Object.assign(kit.context, { log });
  await crowd(kit, alike, 25);
  const [trouble] = log.troubles();
  assertEquals([trouble?.event, trouble?.count], ["pairing.codes-used-up", 1]);
});
