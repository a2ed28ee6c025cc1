/**
 * Random texts for the property tests: pieces drawn with a seed, and made fewer when a test fails.
 *
 * @module
 */
import { type Random, seededRandom } from "../../src/system/random.ts";

/** One of `values`. */
export function oneOf<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)]!;
}

/** Up to `most` values. */
export function several<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: 1 + random.below(most) }, make);
}

/** Takes pieces away as long as `fails` still holds, the larger parts first. */
export function shrink(pieces: readonly string[], fails: (text: string) => boolean): string[] {
  let least = [...pieces];
  for (let size = least.length >> 1; size > 0; size >>= 1) {
    for (let start = 0; start < least.length;) {
      const fewer = [...least.slice(0, start), ...least.slice(start + size)];
      if (fails(fewer.join(""))) least = fewer;
      else start += size;
    }
  }
  return least;
}

/**
 * Checks `property` on `runs` texts. A failure names its seed and the fewest pieces that still fail.
 * The property tells what is wrong, or nothing.
 */
export function forTexts(
  runs: number,
  generate: (random: Random) => string[],
  property: (text: string) => string | null,
): void {
  const problemOf = (text: string): string | null => {
    try {
      return property(text);
    } catch (error) {
      return String(error);
    }
  };
  for (let seed = 1; seed <= runs; seed++) {
    const pieces = generate(seededRandom(seed));
    if (problemOf(pieces.join("")) === null) continue;
    const least = shrink(pieces, (text) => problemOf(text) !== null).join("");
    throw new Error(`seed ${seed}: ${problemOf(least)}: ${JSON.stringify(least)}`);
  }
}

const WORDS = "the agent Wrote a long reply über naïve привет 你好 世界 สวัสดี שלום x 42 3.14".split(
  " ",
);
const EMOJI = ["👍🏽", "👨‍👩‍👧‍👦", "🇩🇪", "❤️", "1️⃣", "e\u0301", "क्षि", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "😀"];
const MARKUP = [
  ..."*_`~[]()<>!#|-+=$&:\\^\"'".split(""),
  ...[
    "**",
    "__",
    "***",
    "~~",
    "```",
    "~~~",
    "![",
    "](",
    "[^1]",
    "]:",
    "<!--",
    "-->",
    "<b>",
    "</a>",
  ],
  ...[
    "<a href='",
    "<?",
    "&amp;",
    "&#",
    "| a | b |\n|--|--|\n",
    "\n- ",
    "\n1. ",
    "\n> ",
    "\n\n    ",
  ],
  ...[
    "\n# ",
    "\n---\n",
    "\n$$\n",
    "\\(",
    "\\[",
    "https://a.b/c_d",
    "www.",
    "\t",
    "\u0000",
    "\ud800",
  ],
  ...["\u202e", "\r\n", "  \n", "\\\n", "<think>", "[a]: /b\n", "\n[^1]: ", "\n<div>\n"],
];

/** Anything: words, emoji and markup without order. */
export function wildText(random: Random): string[] {
  return several(random, 40, () => {
    const kind = random.below(10);
    if (kind < 4) return `${oneOf(random, WORDS)} `;
    if (kind < 5) return oneOf(random, EMOJI);
    return kind < 6 ? "\n" : oneOf(random, MARKUP);
  });
}

/** Prose and emoji, without anything that Markdown knows. */
export function proseText(random: Random): string[] {
  return several(random, 120, () => {
    const word = random.below(8) === 0 ? oneOf(random, EMOJI) : oneOf(random, WORDS);
    return word + oneOf(random, [" ", " ", " ", ". ", ", ", "\n", "\n\n", "? "]);
  });
}

/** Text without any space, emoji and ideographs among it. */
export function unspacedText(random: Random): string[] {
  return several(random, 300, () => oneOf(random, [...EMOJI, "你", "好", "a", "я", "。"]));
}

/** Markdown as a model writes it, around words that no other piece has: `w1`, `w2` and so on. */
export function replyText(random: Random): string[] {
  let words = 0;
  const word = () => `w${++words}`;
  const inline = (): string => {
    const styled = [
      () => `**${word()}**`,
      () => `*${word()} ${word()}*`,
      () => `\`${word()}_x\``,
      () => `[${word()}](https://example.com/a_b)`,
      () => `~~${word()}~~`,
      () => `***${word()}*** **${word()} *${word()}***`,
      () => `![${word()}](https://example.com/i.png)`,
      () => `<b>${word()}</b>`,
      word,
      word,
    ];
    return oneOf(random, styled)();
  };
  const line = () => several(random, 6, inline).join(oneOf(random, [" ", ", ", ". "]));
  const block = (): string =>
    oneOf(random, [
      () => `${line()}\n${line()}`,
      () => `## ${line()}`,
      () => `- ${line()}\n  - ${line()}\n- ${line()}`,
      () => `1. ${line()}\n2. ${line()}\n\n   ${line()}`,
      () => `> ${line()}\n> > ${line()}`,
      () => `\`\`\`js\n${word()} *= ${word()}\n\`\`\``,
      () => `| ${word()} | ${word()} |\n|---|:-:|\n| ${inline()} | ${word()} |`,
      () => `    ${word()}\n    ${word()}`,
      () => "---",
    ])();
  return several(random, 8, () => `${block()}\n\n`);
}
