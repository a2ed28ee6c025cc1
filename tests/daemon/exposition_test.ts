import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  balanceMetrics,
  bridgeMetrics,
  type ExpositionFacts,
  memoryMetrics,
} from "../../src/daemon/exposition.ts";
import { renderMetrics } from "../../src/server/metrics.ts";
import { accepted, ANN, createKit, type Kit } from "../bridge/kit.ts";

const READY: ExpositionFacts = {
  link: {
    kind: "ready",
    session: {
      bootId: "b",
      serverVersion: "2026.9.6",
      beganAtMs: null,
      tickIntervalMs: 30_000,
      mayReset: false,
    },
  },
  pending: { inbox: 0, outbox: 0 },
  storeWorks: true,
  answers: true,
  leaseEpoch: null,
};

async function metricsOf(kit: Kit, facts = READY): Promise<string> {
  return renderMetrics(await bridgeMetrics(kit.context, facts));
}

Deno.test("bridgeMetrics() counts texts, segments by encoding, and what budgets have left", async () => {
  await using kit = await createKit({
    turn: ({ row }) => ({
      kind: "reply",
      payloads: [{ text: row.text === "one" ? "plain" : "日本", mediaUrls: [] }],
      recovered: false,
    }),
  });
  for (const text of ["one", "two"]) {
    await kit.text(text);
    await kit.rest(5_000);
  }
  const metrics = await metricsOf(kit);
  for (
    const line of [
      'smsbridge_texts_total{outcome="answered"} 2',
      'smsbridge_segments_total{encoding="GSM-7"} 1',
      'smsbridge_segments_total{encoding="UCS-2"} 1',
      'smsbridge_day_segments{account="default"} 2',
      "smsbridge_day_segments_limit 500",
      "smsbridge_gateway_up 1",
      "smsbridge_turn_duration_seconds_count 2",
      "smsbridge_answer_duration_seconds_count 2",
      "smsbridge_dead_letters 0",
    ]
  ) assertStringIncludes(metrics, `${line}\n`);
});

Deno.test("bridgeMetrics() shows Twilio's errors by code, dead letters, and how old the inbox is", async () => {
  await using kit = await createKit({
    send: (_message, count) =>
      count > 1 ? accepted(count) : {
        kind: "refused",
        httpStatus: 400,
        code: 21614,
        class: "destination",
        message: "21614: the number is not a mobile number",
      },
  });
  await kit.text("one");
  await kit.rest(1_000);
  kit.setReady(false);
  await kit.text("two");
  await kit.rest(42_000);
  const link = { kind: "waiting", reason: "away", untilMs: 0 } as const;
  const metrics = await metricsOf(kit, { ...READY, link, pending: { inbox: 1, outbox: 0 } });
  assertStringIncludes(metrics, 'smsbridge_twilio_errors_total{code="21614"} 1\n');
  assertStringIncludes(metrics, "smsbridge_dead_letters 1\n");
  assertStringIncludes(metrics, "smsbridge_gateway_up 0\n");
  assertStringIncludes(metrics, 'smsbridge_queue_rows{queue="inbox"} 1\n');
  assertStringIncludes(metrics, 'smsbridge_queue_oldest_age_seconds{queue="inbox"} 42\n');
});

Deno.test("bridgeMetrics() has base units in its names and no number, SID or text in its labels", async () => {
  await using kit = await createKit();
  await kit.text("a secret of Ann's");
  await kit.rest(1_000);
  const metrics = await metricsOf(kit);
  assert(!metrics.includes(ANN.slice(1)) && !metrics.includes("secret"));
  assertEquals(metrics.match(/(?:SM|AC|MG)[0-9a-f]{8}/), null);
  for (const [, name = "", kind] of metrics.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    assertMatch(name, /^smsbridge_[a-z_]+$/);
    assert(!/_(ms|milliseconds|minutes|kb)$/.test(name), name);
    if (kind === "counter") assertMatch(name, /_total$/);
    if (kind === "histogram") assertMatch(name, /_seconds$/);
  }
});

Deno.test("bridgeMetrics() has every series from the start", async () => {
  await using kit = await createKit();
  const before = await metricsOf(kit);
  const names = (metrics: string) =>
    metrics.split("\n").filter((line) => !line.startsWith("#")).map((line) => line.split(" ")[0]!);
  assertEquals(
    [...before.matchAll(/^# TYPE (\S+) (?:counter|gauge)$/gm)].map(([, name]) => name!)
      .filter((name) => !names(before).some((one) => one.startsWith(name))),
    [],
    "metrics without a series",
  );
  await kit.take("hello");
  await kit.take("hello", { from: "+12025550177" });
  await kit.take("STOP");
  await kit.rest(60_000);
  const fresh = names(await metricsOf(kit)).filter((name) => !names(before).includes(name));
  assertEquals(fresh, []);
});

Deno.test("bridgeMetrics() shows what was spent in this hour", async () => {
  await using kit = await createKit();
  await kit.take("hello");
  await kit.rest(1_000);
  const line = 'smsbridge_spend_usd{account="default",period="hour",state="estimated"} 0.0083\n';
  assertStringIncludes(await metricsOf(kit), line);
  await kit.clock.advance(3_600_000);
  assertStringIncludes(await metricsOf(kit), line.replace("0.0083", "0"));
});

Deno.test("balanceMetrics() is not a number until Twilio has told, then what is left and for how long", () => {
  const text = (balances: Parameters<typeof balanceMetrics>[1]) =>
    renderMetrics(balanceMetrics(["default"], balances));
  assertStringIncludes(text(null), 'smsbridge_balance{account="default"} NaN\n');
  const known = text([{ account: "default", left: 12.5, currency: "USD", days: 30 }]);
  assertStringIncludes(known, 'smsbridge_balance{account="default"} 12.5\n');
  assertStringIncludes(known, 'smsbridge_balance_lasts_seconds{account="default"} 2592000\n');
});

Deno.test("memoryMetrics() tells what the process holds", () => {
  const memory = { rss: 70_000_000, heapUsed: 9_000_000, heapTotal: 0, external: 0 };
  assertStringIncludes(
    renderMetrics(memoryMetrics(memory)),
    "smsbridge_resident_memory_bytes 70000000\n",
  );
});

Deno.test("bridgeMetrics() tells who answers, and with the store away what it knows without", async () => {
  await using kit = await createKit({});
  const here = await metricsOf(kit, { ...READY, answers: false, leaseEpoch: 7 });
  for (const line of ["smsbridge_answers 0", "smsbridge_lease_epoch 7", "smsbridge_store_up 1"]) {
    assertStringIncludes(here, `${line}\n`);
  }
  const away = { ...READY, storeWorks: false, leaseEpoch: 7 };
  const list = () => {
    throw new Error("the store was asked");
  };
  const store = { ...kit.store, list };
  const context = { ...kit.context, store };
  const metrics = renderMetrics(await bridgeMetrics(context, away));
  for (const line of ["smsbridge_answers 1", "smsbridge_store_up 0", "smsbridge_gateway_up 1"]) {
    assertStringIncludes(metrics, `${line}\n`);
  }
  assert(!metrics.includes("smsbridge_dead_letters"));
});
