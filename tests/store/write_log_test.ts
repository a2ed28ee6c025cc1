import { assert, assertEquals } from "@std/assert";
import { inboxKey } from "../../src/store/inbox_row.ts";
import { openStore, type Store, STORE_FILE } from "../../src/store/kv.ts";
import { removalOf } from "../../src/store/removal.ts";
import { systemClock } from "../../src/system/clock.ts";
import { seededRandom } from "../../src/system/random.ts";

const SECRET = "CANARY";

/** How often the secret is found in one of the store's files. */
async function found(folder: string, suffix: "" | "-wal"): Promise<number> {
  const bytes = await Deno.readFile(`${folder}/${STORE_FILE}${suffix}`);
  return new TextDecoder("latin1").decode(bytes).split(SECRET).length - 1;
}

/** Takes in texts of all lengths and finishes each a few texts later, with a history row. */
async function handle(store: Store, texts: number, seed: number, overwrite: boolean) {
  const random = seededRandom(seed);
  const keep = 5;
  for (let i = 0; i < texts + keep; i++) {
    if (i < texts) {
      const row = { id: i, text: SECRET.repeat(1 + random.below(30)) };
      await store.commit({ set: [{ key: inboxKey(i), value: row }] });
    }
    const entry = await store.get(inboxKey(i - keep));
    if (entry === null) continue;
    const history = { key: ["history", i], value: { id: i, outcome: "answered" } };
    const removal = removalOf(entry);
    await store.commit({ set: [history], ...(overwrite ? removal : { delete: removal.delete }) });
  }
}

Deno.test("tidy() leaves nothing of handled texts in the log of writes, and removalOf() little in the file", async () => {
  const left: number[] = [];
  for (const overwrite of [false, true]) {
    const folder = await Deno.makeTempDir();
    const store = await openStore(folder, { clock: systemClock, random: seededRandom(1) });
    await handle(store, 300, 1, overwrite);
    assert(await found(folder, "-wal") > 1_000);
    assertEquals(store.tidy?.(), true);
    assertEquals((await Deno.stat(`${folder}/${STORE_FILE}-wal`)).size, 0);
    left.push(await found(folder, ""));
    store.close();
    await Deno.remove(folder, { recursive: true });
  }
  assert(left[1]! < left[0]!, `${left}`);
});

Deno.test("removalOf() writes a value of the same size over a row, without a word of it", () => {
  const value = {
    id: 7,
    from: "+12025550101",
    text: "hé",
    chunks: [{ body: "日本", sids: [] }],
    at: null,
  };
  const [write] = removalOf({ key: ["inbox", 7], value, versionstamp: "1" }).overwrite;
  assertEquals(write!.value, {
    id: 7,
    from: " ".repeat(12),
    text: "  ",
    chunks: [{ body: "\u3000\u3000", sids: [] }],
    at: null,
  });
});

Deno.test("a store that is tidied while it is written to loses nothing", async () => {
  const folder = await Deno.makeTempDir();
  const store = await openStore(folder, { clock: systemClock, random: seededRandom(9) });
  let written = 0;
  for (let round = 0; round < 20; round++) {
    const commits = Array.from({ length: 20 }, () => {
      const key = ["row", written++];
      return store.commit({ set: [{ key, value: SECRET }], delete: [["none"]] });
    });
    store.tidy?.();
    assertEquals((await Promise.all(commits)).every(Boolean), true);
  }
  let rows = 0;
  for await (const _ of store.list({ prefix: ["row"] })) rows++;
  assertEquals(rows, written);
  store.close();
  await Deno.remove(folder, { recursive: true });
});
