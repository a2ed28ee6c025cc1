import { assertEquals } from "@std/assert";
import type { Phone } from "../../src/policy/phone.ts";
import { allowedKey } from "../../src/store/allowed_row.ts";
import { inboxKey } from "../../src/store/inbox_row.ts";
import type { Key } from "../../src/store/kv.ts";
import { lookAt } from "../../src/store/look.ts";
import { senderKey } from "../../src/store/sender_row.ts";
import { createDisk, openDisk } from "../simulation/memory_store.ts";

const ANN = "+12025550101" as Phone;
const ABOUT_ANN: Key[] = [senderKey("default", ANN), allowedKey("default", ANN)];

/** A look, and how many rows it has read. */
function looking() {
  const store = openDisk(createDisk(), () => "none", () => {});
  const seen = { reads: 0 };
  const look = lookAt({ ...store, get: (key) => (seen.reads++, store.get(key)) });
  const readBoth = async () => {
    for (const key of ABOUT_ANN) await look.get(key);
    return seen.reads;
  };
  return { look, seen, readBoth };
}

Deno.test("lookAt() reads what is known of a person once, and anew after a commit or when time has passed", async () => {
  const { look, readBoth } = looking();
  assertEquals([await readBoth(), await readBoth()], [2, 2]);
  await look.commit({ set: [{ key: ["a"], value: 1 }] });
  assertEquals([await readBoth(), await readBoth()], [4, 4]);
  look.anew();
  assertEquals(await readBoth(), 6);
});

Deno.test("lookAt() reads a text as it is now, each time", async () => {
  const { look, seen } = looking();
  for (let times = 0; times < 3; times++) await look.get(inboxKey(1));
  assertEquals(seen.reads, 3);
});
