import { assertEquals } from "@std/assert";
import { formatMoney } from "../../src/text/amounts.ts";

Deno.test("formatMoney() rounds what was billed to the nearest cent, the middle up", () => {
  const shown = [0, 0.00499, 0.005, 1.005, 2.675, 8.345, 1234.56789].map((usd) => formatMoney(usd));
  assertEquals(shown, ["0.00", "0.00", "0.01", "1.01", "2.68", "8.35", "1234.57"]);
  assertEquals([formatMoney(0.00005, 4), formatMoney(0.1 + 0.2, 5)], ["0.0001", "0.30000"]);
});
