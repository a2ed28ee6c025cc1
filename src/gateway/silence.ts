/**
 * Silence: the words by which a model says that it has nothing to say, and what the Gateway puts in their
 * place. Neither is texted.
 *
 * Source: OpenClaw's documentation (concepts/messages, gateway/heartbeat, tools/subagents) and runs of
 * 2026.8.1 to 2026.9.6.
 *
 * @module
 */
import { lazily } from "../system/lazily.ts";

const WORD = "(?:NO\\\\?_REPLY|HEARTBEAT\\\\?_OK|ANNOUNCE\\\\?_SKIP|REPLY\\\\?_SKIP)";
/** A name with a letter: what is of signs alone is matched sign by sign, and in one way only. */
const NAME = "_{0,9}[a-z][a-z_]{0,19}";
/** How a model tells the Gateway what its text answers. */
const DIRECTIVE = `\\[\\[${NAME}(?::[^\\]]{0,80})?\\]\\]`;
/** What a model puts around them: quotes, marks, tags, entities of these, a fence with its language. */
const AROUND =
  `(?:[\`~]{3}(?:json|text|txt|plaintext|markdown|md)\\s|${DIRECTIVE}|</?[a-z]{1,10}>|<\\|${NAME}\\|>|&(?:lt|gt|quot|amp);|[^\\p{L}\\p{N}])*`;
/** The words and nothing else, within whatever stands around them, or an object. */
const alone = lazily(() =>
  new RegExp(`^(?:${AROUND}(?:action"?\\s*:\\s*"?)?${WORD})+${AROUND}$`, "iu")
);
/** A word that ends a text, with what opens just before it, or stands in a line of its own. */
const atEnd = lazily(() =>
  new RegExp(
    `(?:(?:^|\\s)(?:[\`~]{3}[a-z]*\\s+)?(?:<[a-z]{1,10}>|${DIRECTIVE}|[^\\p{L}\\p{N}\\s])*|[^\\p{L}\\p{N}_])${WORD}${AROUND}$`,
    "iu",
  )
);
/** A word that begins a text, and its reason. Who goes on in its line with `is`, or with another word, speaks of them. */
const atStart = lazily(() =>
  new RegExp(
    `^[^\\p{L}\\p{N}]*(?:${WORD}[^\\p{L}\\p{N}\\n]*\\n|(?:${WORD}[*_~]{0,3}(?:\\s*[:—–-]\\s|[.,;!…]+\\s|\\s*\\(|\\s+(?=(?:because|since|no|nothing)\\b))|HEARTBEAT\\\\?_OK[^\\p{L}\\p{N}"'\`]+(?=[\\p{L}\\p{N}]))(?![^\\p{L}\\p{N}]*(?:${WORD}|(?:is|are|means|and|or)\\b)))`,
    "iu",
  )
);
/** What stands beside such a word is dropped with it up to this length, as the Gateway does. */
const BESIDE_CHARS_MAX = 300;
/** A model that repeats itself; who writes more of them at the end of a text means them. */
const AT_END_TIMES_MAX = 3;
/** What the Gateway says when a model has used tools and then nothing to say. */
const AFTER_TOOLS = /^The tool run finished, but no final summary was produced\b/;
/** Tools by the labels that the Gateway has for them, as far as no alert of an agent's begins so. */
const TOOLS =
  "Exec|Bash|Background Shell|Read|Edit|Write|Apply Patch|Canvas|Nodes|Web (?:Fetch|Search)|" +
  "Memory (?:Get|Search)|Session \\p{Lu}\\w+|Subagents|Tool Call|View Image|Code Execution";
/** What the Gateway says of a failure; it is for operators. An agent's alerts look alike: `⚠️ 💾 Backup failed`. */
const faults = lazily(() => [
  /^(?:⚠️|❌)\s*(?:Agent (?:run )?(?:couldn't|failed)|API rate limit reached|LLM (?:request|error)|[^\s/]+\/\S+ request (?:failed|timed out))/u,
  /^⚠️\s*(?:Something went wrong while processing|Missing API key for|Model login|The configured model backend|CLI (?:turn|subprocess)|Context compaction|Rate-limited|[^\n]{1,60} returned a billing error)/u,
  new RegExp(
    `^⚠️\\s*(?:🛠️\\s*[^\\n:]{1,80}|(?:[^\\p{L}\\p{N}\\s]+\\s*)?(?:${TOOLS})(?:: [^\\n]{1,200}?)?) (?:failed|timed out|(?:was )?blocked)(?=$|\\n|[:.;]| \\(| after \\d)`,
    "u",
  ),
  /^LLM (?:request (?:failed|timed out|rejected)|error(?: [\w.-]+)?:)/,
  /^The AI service (?:is temporarily (?:overloaded|unavailable)|returned an internal error)\b/,
  /^(?:Message ordering conflict|Something went wrong while processing your (?:request|message)\.)/,
  /^No reply was generated for this message\b/,
  /^Request timed out before a response was generated\b/,
  /^The model did not (?:return a usable reply|produce a response before)\b/,
  /^(?:⚠️\s*)?Context (?:overflow|limit)\b/u,
  /^(?:HTTP [45]\d\d(?::| [{<])|[45]\d\d \{)/,
  /^\{\s*"(?:error"\s*:\s*[{"]|type"\s*:\s*"error")/,
]);

/** What of a text is meant for the person; empty when it is a model's silence. */
export function spoken(text: string): string {
  if (alone().test(text) || AFTER_TOOLS.test(text.trim())) return "";
  let rest = text;
  for (let times = 0; times < AT_END_TIMES_MAX; times++) {
    const at = rest.search(atEnd());
    if (at < 0) break;
    rest = rest.slice(0, at);
  }
  rest = rest.replace(atStart(), "").trim();
  if (rest === text.trim()) return text;
  return rest.length <= BESIDE_CHARS_MAX ? "" : rest;
}

/** Whether a text is the Gateway's own report of a failure. */
export function isFault(text: string): boolean {
  return faults().some((fault) => fault.test(text.trim()));
}
