import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { bridgeMetrics, type ExpositionFacts } from "../../src/daemon/exposition.ts";
import { renderMetrics } from "../../src/server/metrics.ts";
import { accepted, ANN, createKit, type Kit } from "../bridge/kit.ts";

const READY: ExpositionFacts = {
  link: {
    kind: "ready",
    session: { bootId: "b", serverVersion: "2026.9.6", tickIntervalMs: 30_000, mayReset: false },
  },
  pending: { inbox: 0, outbox: 0 },
  storeWorks: true,
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
