/**
 * The admin page's charts: SVG without text, so that it stretches to any width, and the words beside it.
 *
 * @module
 */
import { escapeHtml, fold, table } from "./markup.ts";

/** One bar: what it stands for, and its parts from the bottom up. */
export interface Bar {
  readonly name: string;
  /** Values, each with the class that colours it. */
  readonly parts: readonly (readonly [value: number, kind: string])[];
  /** What the table and a pointer say of it. */
  readonly words: string;
}

/** A chart of bars. */
export interface BarChart {
  readonly id: string;
  readonly title: string;
  /** One sentence that says what the chart shows. */
  readonly summary: string;
  readonly bars: readonly Bar[];
  /** A line across, such as a budget; nothing for 0 or null. */
  readonly line?: number | null;
}

const HEIGHT = 100;
const STEP = 10;

function sumOf({ parts }: Bar): number {
  return parts.reduce((sum, [value]) => sum + Math.max(0, value), 0);
}

/** Coordinates with two decimals: finer ones are not seen, and change the page. */
const at = (value: number) => String(Number(value.toFixed(2)));

function svgBar(bar: Bar, index: number, top: number): string {
  let below = 0;
  const rects = bar.parts.map(([value, kind]) => {
    const height = top === 0 ? 0 : Math.max(0, value) / top * HEIGHT;
    below += height;
    return height === 0
      ? ""
      : `<rect class="${kind}" x="${index * STEP + 1}" y="${at(HEIGHT - below)}" ` +
        `width="${STEP - 2}" height="${at(height)}"/>`;
  });
  return `<g><title>${escapeHtml(`${bar.name}: ${bar.words}`)}</title>${rects.join("")}</g>`;
}

/** A chart with its words, and the same as a table. */
export function barChart({ id, title, summary, bars, line }: BarChart): string {
  const limit = line ?? 0;
  const most = Math.max(0, ...bars.map(sumOf));
  // A budget far above what was spent would flatten all bars: then it is only told of.
  const top = limit > 0 && limit <= most * 4 ? Math.max(most, limit) : most;
  const lineY = at(HEIGHT - (top === 0 ? 0 : limit / top * HEIGHT));
  const width = bars.length * STEP;
  const across = limit > 0 && limit <= top
    ? `<line class="limit" x1="0" x2="${width}" y1="${lineY}" y2="${lineY}"/>`
    : "";
  const first = bars[0]?.name ?? "";
  const last = bars.at(-1)?.name ?? "";
  return `<figure><figcaption id="${id}">${escapeHtml(title)}</figcaption>` +
    `<svg role="img" aria-label="${escapeHtml(`${title}: ${summary}`)}" class="chart" ` +
    `viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none">` +
    `${bars.map((bar, index) => svgBar(bar, index, top)).join("")}${across}</svg>` +
    `<p class="axis" aria-hidden="true"><span>${escapeHtml(first)}</span>` +
    `<span>${escapeHtml(last)}</span></p><p>${escapeHtml(summary)}</p>` +
    fold(
      `${id}-table`,
      "As a table",
      table(
        escapeHtml(title),
        ["When", "What"],
        bars.filter((bar) => sumOf(bar) > 0).map((bar) => [
          escapeHtml(bar.name),
          escapeHtml(bar.words),
        ]),
      ),
    ) + "</figure>";
}
