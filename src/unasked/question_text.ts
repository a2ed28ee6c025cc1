/**
 * What an owner is texted of the agent's questions, and what their answer means.
 *
 * @module
 */
import type { AgentQuestion, AskedPart, Decision } from "../gateway/questions.ts";
import { type Rendered, renderReply } from "../text/sms/render.ts";

const YES = /^(?:yes|y|ok|okay|allow|approve|run)[.!]?$/i;
const NO = /^(?:no|n|deny|refuse|reject|stop)[.!]?$/i;
const MINUTE_MS = 60_000;

function minutes(ms: number): string {
  const count = Math.max(1, Math.floor(ms / MINUTE_MS));
  return `${count} minute${count === 1 ? "" : "s"}`;
}

/** Text that is not Markdown, as it is. */
function verbatim(text: string): string {
  const fence = "`".repeat(
    Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)),
  );
  return `${fence}\n${text}\n${fence}`;
}

function partText({ text, options, several }: AskedPart): string {
  const listed = options.map((label, i) => `${i + 1} ${label}`);
  return [several ? `${text} (one or several)` : text, ...listed].join("\n");
}

function howToAnswer(parts: readonly AskedPart[], word: string): string {
  if (parts.length > 1) return `${word} and your answers, with a semicolon between them`;
  const [part] = parts;
  const options = part?.options ?? [];
  if (options.length === 0) return `${word} and your answer`;
  return `${word} and ${part?.several ? "numbers" : "a number"}${
    part?.open ? " or your own words" : ""
  }`;
}

/** What an owner is asked. */
export function renderQuestion(
  question: AgentQuestion,
  { word, from, forMs }: { readonly word: string; readonly from: string; readonly forMs: number },
): Rendered {
  const within = `within ${minutes(forMs)}`;
  const said = question.kind === "command"
    ? [
      `The assistant wants to run a command, in a turn of ${from}:`,
      verbatim(question.command),
      ...question.warning === null ? [] : [verbatim(question.warning)],
      `To allow it this once, answer "${word} yes" ${within}; to refuse it, "${word} no".`,
    ]
    : [
      `The assistant asks, in a turn of ${from}:`,
      verbatim(question.parts.map(partText).join("\n")),
      `Answer with ${howToAnswer(question.parts, word)}, ${within}.`,
    ];
  return renderReply(said.join("\n"), { smartEncoding: "off" });
}

/** What of a part's options is meant, or the words themselves; null when it is none of them. */
function readPart({ options, open, several }: AskedPart, answer: string): readonly string[] | null {
  const named = (word: string) =>
    options[Number(word) - 1] ??
      options.find((label) => label.trim().toLowerCase() === word.toLowerCase());
  const words = several ? answer.split(/[,\s]+/).filter((word) => word !== "") : [answer];
  const found = words.map(named);
  const labels = found.filter((label) => label !== undefined);
  if (words.length > 0 && labels.length === words.length) return labels;
  return open && answer !== "" ? [answer] : null;
}

/** What an owner's answer means; null when that is not clear. */
export function readAnswer(question: AgentQuestion, answer: string): Decision | null {
  if (question.kind === "command") {
    if (YES.test(answer)) return { kind: "allow" };
    return NO.test(answer) ? { kind: "refuse" } : null;
  }
  const { parts } = question;
  const given = parts.length === 1 ? [answer] : answer.split(/[;\n]/);
  const read = parts.map((part, i) => [part.id, readPart(part, given[i]?.trim() ?? "")] as const);
  if (given.length !== parts.length || read.some(([, values]) => values === null)) return null;
  return { kind: "answers", answers: Object.fromEntries(read.map(([id, v]) => [id, v ?? []])) };
}

/** What an owner is told whose answer is not clear. */
export function unclearText({ kind }: AgentQuestion): string {
  return kind === "command"
    ? "That is neither yes nor no. Answer with the word and yes, or the word and no."
    : "That is not one of the answers. Answer with the word and a number, or as the question says.";
}
