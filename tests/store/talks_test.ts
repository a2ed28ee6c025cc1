import { assertEquals } from "@std/assert";
import type { Phone } from "../../src/policy/phone.ts";
import { historyKey, type HistoryRow } from "../../src/store/history_row.ts";
import { TALKS } from "../../src/store/talks.ts";

const DAY_MS = 24 * 3_600_000;
const BEGAN_MS = Date.UTC(2026, 0);

Deno.test("whose the rows of the history are is forgotten when these expire, also when nobody asks", () => {
  const talks = TALKS.make();
  const idOf = (day: number) => (BEGAN_MS + day * DAY_MS) * 1_000;
  for (let day = 0; day < 400; day++) {
    const id = idOf(day);
    const phone = `+1202555${1_000 + day}` as Phone;
    const direction = day % 2 === 0 ? "in" as const : "out" as const;
    const row: HistoryRow = {
      id,
      direction,
      account: "default",
      phone,
      sids: [],
      atMs: id / 1_000,
      outcome: "sent",
      segments: 1,
    };
    talks.note(historyKey(id), "0", row);
    assertEquals(talks.idsWith(phone), [id]);
  }
  assertEquals(talks.idsWith("+12025551000"), [], "nobody has asked for all");
  const all = talks.all(BEGAN_MS + 399 * DAY_MS);
  assertEquals([all.length, all.filter(({ texts }) => texts === 1).length], [31, 15]);
  talks.note(historyKey(idOf(399)), "1", null);
  assertEquals(talks.all(BEGAN_MS + 399 * DAY_MS).length, 30);
  assertEquals(talks.all(BEGAN_MS + 500 * DAY_MS), []);
});
