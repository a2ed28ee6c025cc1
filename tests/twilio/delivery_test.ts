import { assertEquals } from "@std/assert";
import { seededRandom } from "../../src/system/random.ts";
import {
  type DeliveryRecord,
  isFinal,
  mergeReport,
  type Report,
  statusCallbackUrl,
} from "../../src/twilio/delivery.ts";

type Timed = Report & { readonly atMs: number };

function mergeAll(reports: readonly Timed[]): DeliveryRecord | null {
  return reports.reduce<DeliveryRecord | null>(
    (known, report) => mergeReport(known, report, report.atMs),
    null,
  );
}

function* orderings<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const [index, item] of items.entries()) {
    for (const rest of orderings(items.toSpliced(index, 1))) yield [item, ...rest];
  }
}

function statusAfter(...statuses: string[]): string | undefined {
  return mergeAll(statuses.map((status, atMs) => ({ status, errorCode: null, atMs })))?.status;
}

Deno.test("mergeReport() never undoes an end", () => {
  assertEquals(statusAfter("queued", "sent", "delivered", "sent", "queued"), "delivered");
  assertEquals(statusAfter("failed", "sending"), "failed");
  assertEquals(statusAfter("sent", "accepted"), "sent");
});

Deno.test("mergeReport() lets read follow on delivered and shows contradictions for good", () => {
  assertEquals(statusAfter("read", "delivered"), "read");
  assertEquals(statusAfter("delivered", "undelivered"), "conflicted");
  assertEquals(statusAfter("failed", "undelivered", "failed", "sent"), "conflicted");
});

Deno.test("mergeReport() learns nothing from a status it does not know", () => {
  assertEquals(statusAfter("tomorrow"), "unknown");
  assertEquals(statusAfter("tomorrow", "sent", "tomorrow"), "sent");
});

Deno.test("mergeReport() ends in the same record for all orderings of up to six reports with repeats", () => {
  const seed = 11;
  const random = seededRandom(seed);
  const statuses = ["accepted", "queued", "sending", "sent", "delivered", "undelivered", "failed"];
  statuses.push("read", "canceled", "new");
  for (let round = 0; round < 60; round++) {
    const distinct: Timed[] = Array.from({ length: 1 + random.below(4) }, () => ({
      status: statuses[random.below(statuses.length)]!,
      errorCode: random.below(2) === 0 ? null : 30003 + random.below(5),
      atMs: random.below(1_000),
    }));
    const repeats = Array.from(
      { length: random.below(3) },
      () => distinct[random.below(distinct.length)]!,
    );
    const expected = mergeAll(distinct);
    for (const ordering of orderings([...distinct, ...repeats])) {
      assertEquals(mergeAll(ordering), expected, `seed ${seed}: ${JSON.stringify(ordering)}`);
    }
  }
});

Deno.test("isFinal() holds for every end and for nothing on the way", () => {
  const ends = ["delivered", "read", "undelivered", "failed", "canceled", "conflicted"] as const;
  for (const status of ends) assertEquals(isFinal(status), true, status);
  for (const status of ["unknown", "queued", "sent", "partially_delivered"] as const) {
    assertEquals(isFinal(status), false, status);
  }
});

Deno.test("statusCallbackUrl() adds retry overrides and leaves the user's own in place", () => {
  assertEquals(
    statusCallbackUrl("https://sms.example.com/webhooks/sms?a=1"),
    "https://sms.example.com/webhooks/sms?a=1#rp=ct,rt,5xx&rt=5000&rc=1",
  );
  assertEquals(
    statusCallbackUrl("https://sms.example.com/sms#rc=3&ct=2000"),
    "https://sms.example.com/sms#rp=ct,rt,5xx&rt=5000&rc=3&ct=2000",
  );
  assertEquals(
    statusCallbackUrl("https://sms.example.com/sms#"),
    "https://sms.example.com/sms#rp=ct,rt,5xx&rt=5000&rc=1",
  );
});
