import { assertEquals, assertThrows } from "@std/assert";
import { createHistogram, renderMetrics } from "../../src/server/metrics.ts";

Deno.test("renderMetrics() writes counters and gauges in the exposition format", () => {
  assertEquals(
    renderMetrics([
      {
        kind: "counter",
        name: "smsbridge_webhooks_total",
        help: "Requests on the webhook path.",
        samples: [
          { labels: { outcome: "accepted" }, value: 3 },
          { labels: { outcome: "signature", account: "default" }, value: 1 },
        ],
      },
      { kind: "gauge", name: "smsbridge_gateway_up", help: "", samples: [{ value: 1 }] },
    ]),
    `# HELP smsbridge_webhooks_total Requests on the webhook path.
# TYPE smsbridge_webhooks_total counter
smsbridge_webhooks_total{outcome="accepted"} 3
smsbridge_webhooks_total{outcome="signature",account="default"} 1
# HELP smsbridge_gateway_up 
# TYPE smsbridge_gateway_up gauge
smsbridge_gateway_up 1
`,
  );
});

Deno.test("renderMetrics() escapes backslashes, quotes and line breaks", () => {
  assertEquals(
    renderMetrics([{
      kind: "gauge",
      name: "m",
      help: 'a\\b\n"c"',
      samples: [{ labels: { l: 'a\\b\n"c"' }, value: 1 }],
    }]),
    '# HELP m a\\\\b\\n"c"\n# TYPE m gauge\nm{l="a\\\\b\\n\\"c\\""} 1\n',
  );
});

Deno.test("renderMetrics() writes values that are no numbers as Prometheus does", () => {
  const samples = [NaN, Infinity, -Infinity, 0.5, 1e21].map((value) => ({ value }));
  const lines = renderMetrics([{ kind: "gauge", name: "m", help: "", samples }]).split("\n");
  assertEquals(lines.slice(2, 7), ["m NaN", "m +Inf", "m -Inf", "m 0.5", "m 1e+21"]);
});

Deno.test("renderMetrics() adds the ranges of a histogram up", () => {
  const histogram = createHistogram([0.1, 1]);
  [0.05, 0.1, 0.5, 7].forEach(histogram.observe);
  const text = renderMetrics([{
    kind: "histogram",
    name: "smsbridge_turn_seconds",
    help: "h",
    samples: [histogram.sample({ account: "a" })],
  }]);
  assertEquals(text.split("\n").slice(2, -1), [
    'smsbridge_turn_seconds_bucket{account="a",le="0.1"} 2',
    'smsbridge_turn_seconds_bucket{account="a",le="1"} 3',
    'smsbridge_turn_seconds_bucket{account="a",le="+Inf"} 4',
    'smsbridge_turn_seconds_sum{account="a"} 7.65',
    'smsbridge_turn_seconds_count{account="a"} 4',
  ]);
});

Deno.test("renderMetrics() throws if a name is none", () => {
  const metric = {
    kind: "gauge",
    help: "",
    samples: [{ labels: { "a-b": "" }, value: 1 }],
  } as const;
  assertThrows(() => renderMetrics([{ ...metric, name: "m" }]), TypeError, 'value is "a-b"');
  assertThrows(() => renderMetrics([{ ...metric, name: "1m" }]), TypeError, 'value is "1m"');
});
