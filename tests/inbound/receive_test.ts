import { assertEquals } from "@std/assert";
import { createReceiver } from "../../src/inbound/receive.ts";
import { MISSED_KEY } from "../../src/store/keys.ts";
import { StoreError } from "../../src/store/kv.ts";
import { ANN, createKit, type Kit } from "../bridge/kit.ts";
import { signedText } from "./signed_text.ts";

const STRANGER = "+12025550177";
const accountOf = (kit: Kit) => kit.context.settings().accounts[0]!;
const hello = (kit: Kit) => signedText(accountOf(kit), { sid: `SM${"1".repeat(32)}`, body: "hi" });

/** How many rows there are about texts, of whatever kind. */
async function rowsAboutTexts({ store }: Kit): Promise<number> {
  const rows = await Array.fromAsync(store.list({ prefix: [] }));
  return rows.filter(({ key }) => key[0] === "inbox" || key[0] === "seen").length;
}

Deno.test("createReceiver() accepts a text once it is on disk, and not before", async () => {
  await using kit = await createKit();
  const { commit } = kit.store;
  const disk = Promise.withResolvers<void>();
  kit.store.commit = async (change) => (await disk.promise, await commit(change));
  let accepted = false;
  const answer = createReceiver(kit.intake)(accountOf(kit), hello(kit)).finally(() =>
    accepted = true
  );
  await kit.rest(10_000);
  assertEquals(accepted, false);
  kit.store.commit = commit;
  disk.resolve();
  assertEquals((await answer).kind, "accepted");
  assertEquals(await rowsAboutTexts(kit), 1);
});

Deno.test("createReceiver() answers 503 to a text that the disk refuses", async () => {
  await using kit = await createKit();
  const { commit } = kit.store;
  kit.store.commit = () => Promise.reject(new StoreError("the disk is full"));
  const answer = await createReceiver(kit.intake)(accountOf(kit), hello(kit));
  assertEquals(answer.kind === "refused" && answer.status, 503);
  kit.store.commit = commit;
});

Deno.test("createReceiver() keeps nothing of a text that is not signed, or by another token", async () => {
  await using kit = await createKit();
  const receive = createReceiver(kit.intake);
  const signed = hello(kit);
  const other = signedText({ ...accountOf(kit), authToken: "another" }, {
    sid: `SM${"1".repeat(32)}`,
    body: "hi",
  });
  for (const signature of [null, "", other.signature]) {
    const answer = await receive(accountOf(kit), { ...signed, signature });
    assertEquals(answer.kind === "refused" && answer.status, 403);
  }
  assertEquals(await rowsAboutTexts(kit), 0);
  await kit.rest(60_000);
  assertEquals([kit.turns, kit.sent], [[], []]);
});

Deno.test("createReceiver() takes forty texts at once of somebody let in; a stranger's beyond the rate wait", async () => {
  await using kit = await createKit();
  const receive = createReceiver(kit.intake);
  const many = (from: string, count: number) =>
    Promise.all(Array.from({ length: count }, (_, n) => {
      const sid = `SM${from.slice(-2)}${n.toString(16).padStart(30, "0")}`;
      return receive(accountOf(kit), signedText(accountOf(kit), { from, sid, body: `text ${n}` }));
    }));
  assertEquals((await many(ANN, 40)).every(({ kind }) => kind === "accepted"), true);
  assertEquals((await many(STRANGER, 40)).filter(({ kind }) => kind === "refused").length, 10);
  assertEquals(await kit.store.get(MISSED_KEY), null);
  await many(ANN, 700);
  assertEquals((await kit.store.get(MISSED_KEY)) !== null, true);
});
