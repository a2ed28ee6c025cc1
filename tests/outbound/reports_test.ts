import { assertEquals } from "@std/assert";
import { deliveryKey, deliverySet, mergeDelivery } from "../../src/store/delivery_row.ts";
import { keepReport } from "../../src/outbound/reports.ts";
import { createKit } from "../bridge/kit.ts";

const DAY_MS = 24 * 3_600_000;

Deno.test("deliverySet() forgets a chunk 30 days after the first word of it, whatever came since", () => {
  const first = mergeDelivery(null, { status: "sent", errorCode: null }, 0);
  assertEquals(deliverySet("SM1", first, 0).expireInMs, 30 * DAY_MS);
  const later = mergeDelivery(first, { status: "delivered", errorCode: null }, 10 * DAY_MS);
  assertEquals(deliverySet("SM1", later, 10 * DAY_MS).expireInMs, 20 * DAY_MS);
});

Deno.test("keepReport() keeps reports that come together, in any order, and what is known besides", async () => {
  await using kit = await createKit();
  const report = (status: string, errorCode: number | null = null) => ({ status, errorCode });
  await keepReport(kit.context, "SM1", report("sent"), { price: "0.01 USD" });
  await Promise.all([
    keepReport(kit.context, "SM1", report("delivered")),
    keepReport(kit.context, "SM1", report("sending")),
    keepReport(kit.context, "SM1", report("undelivered", 30005)),
    keepReport(kit.context, "SM1", report("sent")),
  ]);
  const { value } = (await kit.store.get(deliveryKey("SM1")))!;
  assertEquals(
    [value.record.status, value.record.errorCode, value.price],
    ["conflicted", 30005, "0.01 USD"],
  );
});
