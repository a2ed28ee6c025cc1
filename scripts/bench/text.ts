/**
 * Bench rows for texts: plain text, segments, chunks, and whole replies at rising sizes, which shows
 * that their cost grows linearly.
 *
 * @module
 */
import { chunkText } from "../../src/text/sms/chunk.ts";
import { toPlainText } from "../../src/text/markdown/plain.ts";
import { renderReply } from "../../src/text/sms/render.ts";
import { countSegments } from "../../src/text/sms/segments.ts";

/** Something to time. */
export interface BenchRow {
  readonly name: string;
  /** Does the work once; tells how many bytes it worked on. */
  readonly run: () => { bytes: number };
}

const SAMPLE = `## Weekend plan 🎉

Here's **what I found** for _Saturday_ — it should be dry, with highs of 21 °C:

1. Hike at [Mt. Tam](https://maps.example.com/?q=mt_tam&z=12), \`leave_by 8:00\`
   - Bring water
   - Take the *Steep Ravine* trail
2. Brunch at Café Nord ("try the pancakes")

| Day | High | Low |
|-----|-----:|----:|
| Sat | 21   | 12  |
| Sun | 19   | 9   |

> Note: parking fills up by 9:30.

\`\`\`sh
ride book --from home --to trailhead
\`\`\`

Let me know whether I should book it. See https://example.com/a_b_c for more.

`;

/** `SAMPLE` over and over, `kibibytes` KiB long. */
function replyOf(kibibytes: number): string {
  const length = kibibytes * 1024;
  return SAMPLE.repeat(Math.ceil(length / SAMPLE.length)).slice(0, length);
}

function row(name: string, text: string, work: (text: string) => unknown): BenchRow {
  const bytes = new TextEncoder().encode(text).length;
  return {
    name,
    run() {
      work(text);
      return { bytes };
    },
  };
}

/** The rows, ready to run in any order. */
export function textBenchRows(): BenchRow[] {
  const markdown = replyOf(1000);
  const plain = toPlainText(markdown);
  const gsm7 = plain.replace(/[^ -~\n]/g, "");
  const whole = { maxChunksPerReply: 1_000_000 };
  return [
    row("text: plain text, 1000 KiB", markdown, toPlainText),
    row("text: segments, GSM-7", gsm7, countSegments),
    row("text: segments, UCS-2", plain, countSegments),
    row("text: chunks of 1500", plain, (text) => chunkText(text, { limit: 1_500 })),
    row("text: chunks of 160", plain, (text) => chunkText(text, { limit: 160 })),
    ...[1, 10, 100, 1000].map((size) =>
      row(`text: reply end to end, ${size} KiB`, replyOf(size), (text) => renderReply(text, whole))
    ),
    row("text: reply of 1000 KiB in 10 messages", markdown, (text) => renderReply(text)),
  ];
}
