/**
 * Silence: the words by which a model says that it has nothing to say, and what the Gateway puts in their
 * place. Neither is texted.
 *
 * Source: OpenClaw's documentation (concepts/messages, gateway/heartbeat, tools/subagents) and runs of
 * 2026.8.1 to 2026.9.6.
 *
 * @module
 */

const WORD = "(?:NO_REPLY|HEARTBEAT_OK|ANNOUNCE_SKIP|REPLY_SKIP)";
/** The words and nothing else, within whatever quotes, marks or object a model puts around them. */
const ALONE = new RegExp(
  `^(?:[^\\p{L}\\p{N}]*(?:"?action"?\\s*:\\s*"?)?${WORD})+[^\\p{L}\\p{N}]*$`,
  "iu",
);
/** A word that ends a text, or stands in a line of its own before it. */
const AT_END = new RegExp(`(?:^|[^\\p{L}\\p{N}_])${WORD}[^\\p{L}\\p{N}]*$`, "iu");
const AT_START = new RegExp(`^[^\\p{L}\\p{N}]*${WORD}[^\\p{L}\\p{N}\\n]*\\n`, "iu");
/** What stands beside such a word is dropped with it up to this length, as the Gateway does. */
const BESIDE_CHARS_MAX = 300;
/** What the Gateway says when a model has used tools and then nothing to say. */
const AFTER_TOOLS = /^The tool run finished, but no final summary was produced\b/;
/** What the Gateway says of a failure; it is for operators. */
const FAULTS = [
  /^(?:⚠️|❌)\s*(?:Agent (?:couldn't|failed)|API rate limit|LLM |\S+\/\S+ (?:request )?(?:failed|timed out))/u,
  /^LLM request (?:failed|timed out)\b/,
  /^(?:⚠️\s*)?Context (?:overflow|limit)\b/u,
];

/** What of a text is meant for the person; empty when it is a model's silence. */
export function spoken(text: string): string {
  if (ALONE.test(text) || AFTER_TOOLS.test(text.trim())) return "";
  const at = text.search(AT_END);
  const rest = (at < 0 ? text : text.slice(0, at)).replace(AT_START, "").trim();
  if (rest === text.trim()) return text;
  return rest.length <= BESIDE_CHARS_MAX ? "" : rest;
}

/** Whether a text is the Gateway's own report of a failure. */
export function isFault(text: string): boolean {
  return FAULTS.some((fault) => fault.test(text.trim()));
}
