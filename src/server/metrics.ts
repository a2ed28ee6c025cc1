/**
 * Metrics as Prometheus reads them: text exposition format 0.0.4.
 *
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * @module
 */

/** Names and values that tell samples of one metric apart. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a counter or a gauge. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** Counts of observations in ranges. */
export interface HistogramSample {
  readonly labels?: Labels;
  /** Upper bounds of the ranges, rising; a last one without a bound follows by itself. */
  readonly bounds: readonly number[];
  /** Observations in each range (not added up), one more than there are bounds. */
  readonly counts: readonly number[];
  /** Sum of all observed values. */
  readonly sum: number;
}

/** One metric with all its samples. Units are base units, and stand in the name. */
export type Metric =
  | {
    readonly kind: "counter" | "gauge";
    readonly name: string;
    readonly help: string;
    readonly samples: readonly Sample[];
  }
  | {
    readonly kind: "histogram";
    readonly name: string;
    readonly help: string;
    readonly samples: readonly HistogramSample[];
  };

/** The media type of {@linkcode renderMetrics}. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function assertName(pattern: RegExp, what: string, name: string): void {
  if (pattern.test(name)) return;
  throw new TypeError(
    `Cannot render metrics as a ${what} name must match ${pattern}: current value is "${name}"`,
  );
}

function number(value: number): string {
  if (value === Infinity) return "+Inf";
  if (value === -Infinity) return "-Inf";
  return String(value);
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    assertName(LABEL_NAME, "label", name);
    return `${name}="${escapeHelp(value).replaceAll('"', '\\"')}"`;
  });
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function* histogramLines(name: string, sample: HistogramSample): Generator<string> {
  const { labels = {}, bounds, counts, sum } = sample;
  let total = 0;
  for (const [at, bound] of [...bounds, Infinity].entries()) {
    total += counts[at] ?? 0;
    yield `${name}_bucket${labelText({ ...labels, le: number(bound) })} ${total}`;
  }
  yield `${name}_sum${labelText(labels)} ${number(sum)}`;
  yield `${name}_count${labelText(labels)} ${total}`;
}

function* metricLines(metric: Metric): Generator<string> {
  assertName(METRIC_NAME, "metric", metric.name);
  yield `# HELP ${metric.name} ${escapeHelp(metric.help)}`;
  yield `# TYPE ${metric.name} ${metric.kind}`;
  if (metric.kind === "histogram") {
    for (const sample of metric.samples) yield* histogramLines(metric.name, sample);
    return;
  }
  for (const { labels = {}, value } of metric.samples) {
    yield `${metric.name}${labelText(labels)} ${number(value)}`;
  }
}

/**
 * The metrics as text.
 *
 * @throws {TypeError} If a metric's or a label's name is not valid.
 */
export function renderMetrics(metrics: Iterable<Metric>): string {
  const lines: string[] = [];
  for (const metric of metrics) for (const line of metricLines(metric)) lines.push(line);
  return lines.map((line) => `${line}\n`).join("");
}

/** Collects observations for a histogram. */
export interface Histogram {
  observe(value: number): void;
  /** What has been observed so far. */
  sample(labels?: Labels): HistogramSample;
}

/** Makes a histogram with these upper bounds, rising. */
export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  let sum = 0;
  return {
    observe(value) {
      const at = bounds.findIndex((bound) => value <= bound);
      counts[at < 0 ? bounds.length : at]! += 1;
      sum += value;
    },
    sample: (labels = {}) => ({ labels, bounds, counts: [...counts], sum }),
  };
}
