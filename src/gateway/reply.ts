/**
 * Replies: what of a run's end is meant for the person who asked.
 *
 * @module
 */
import { REPLY_CHARS_MAX } from "../system/limits.ts";
import { asObject, asString, type JsonObject } from "./frames.ts";
import { isFault, spoken } from "./silence.ts";

/** One part of an answer. */
export interface ReplyPayload {
  /** Markdown; may be empty when there are files. */
  readonly text: string;
  /** Files: paths in the Gateway's workspace, or URLs. */
  readonly mediaUrls: readonly string[];
}

/** How a run ended, for the person who asked. */
export type RunEnd =
  | { readonly kind: "reply"; readonly payloads: readonly ReplyPayload[] }
  | { readonly kind: "failed"; readonly detail: string; readonly sentence: string };

/** What people are told when there is no answer; the reason goes to the log. */
export const FAILED_SENTENCE = "Sorry, the assistant could not answer that. Please try again.";
const LONG_SENTENCE = "Sorry, the answer was far too long to text. Please ask for a shorter one.";
const TIMEOUT_SENTENCE = "Sorry, that took too long and was stopped. Please try again.";

const MEDIA_LINE = /^[ \t]*MEDIA:[ \t]*(\S.*?)[ \t]*$/;

/** Parts text from its `MEDIA:` lines, as transcripts hold them. Lines in code fences stay. */
export function splitMedia(text: string): ReplyPayload {
  const kept: string[] = [];
  const mediaUrls: string[] = [];
  let fenced = false;
  for (const line of text.split("\n")) {
    if (/^ {0,3}(```|~~~)/.test(line)) fenced = !fenced;
    const media = fenced ? null : line.match(MEDIA_LINE);
    if (media === null) kept.push(line);
    else mediaUrls.push(media[1]!.replace(/^["'`]|["'`]$/g, ""));
  }
  return { text: mediaUrls.length === 0 ? text : kept.join("\n").trim(), mediaUrls };
}

/** How a model tells the Gateway what it answers, as its prompt asks; transcripts hold it as written. */
const TAG =
  "\\[\\[\\s{0,9}(?:audio_as_voice|reply_to_current|reply_to\\s{0,9}:[^\\]\\n]{1,99})\\s{0,9}\\]\\]";
const TAGS_BEFORE = new RegExp(`^(?:\\s*${TAG})+\\s*`, "i");
const TAG_BEHIND = new RegExp(`${TAG}$`, "i");

function withoutTags(text: string): string {
  if (!text.includes("[[")) return text;
  const rest = text.replace(TAGS_BEFORE, "");
  const trimmed = rest.trimEnd();
  const bare = trimmed.replace(TAG_BEHIND, "");
  return bare === trimmed ? rest : bare.trimEnd();
}

const THOUGHT = "(?:think|thinking|thought|reasoning|antthinking)";
const THOUGHT_START = new RegExp(`<${THOUGHT}\\b`, "i");
const THOUGHT_END = new RegExp(`(?<!\`)</${THOUGHT}>(?!\`)`, "i");

/** A text without the thoughts in front of its answer, also where only their end is marked. */
function withoutThoughts(text: string): string {
  const end = text.match(THOUGHT_END);
  if (end === null) return text;
  const before = text.slice(0, end.index);
  const start = before.search(THOUGHT_START);
  const isInCode = (before.match(/^ {0,3}(?:```|~~~)/gm)?.length ?? 0) % 2 === 1;
  const rest = text.slice(end.index! + end[0].length).trimStart();
  if (rest === "" || (start < 0 && isInCode)) return text;
  return before.slice(0, Math.max(0, start)).trim() === "" ? rest : text;
}

/** What of a part is meant for the person: nothing of a silence or a fault, but files go out all the same. */
function audible({ text, mediaUrls }: ReplyPayload): ReplyPayload[] {
  const bare = withoutTags(text);
  const said = isFault(bare) ? "" : spoken(bare);
  return said.trim() === "" && mediaUrls.length === 0 ? [] : [{ text: said, mediaUrls }];
}

/** What a transcript's or a job's text has for the person; empty when it is a silence. */
export function partsOf(text: string): readonly ReplyPayload[] {
  return audible(splitMedia(withoutThoughts(text)));
}

/** `isAside`: what a model thinks or says to itself; the Gateway's own channels leave it out, too. */
function readPayload(value: unknown): ReplyPayload & { isError: boolean; isAside: boolean } {
  const payload = asObject(value);
  const list = Array.isArray(payload.mediaUrls) ? payload.mediaUrls : [payload.mediaUrl];
  return {
    text: asString(payload.text) ?? "",
    mediaUrls: [
      ...new Set(list.filter((url) => typeof url === "string" && url !== "")),
    ] as string[],
    isError: payload.isError === true,
    isAside: payload.isReasoning === true || payload.isCommentary === true,
  };
}

/** Whether a run that counts as failed was a model's silence, which the Gateway takes for a failure. */
function wasSilent(payload: JsonObject, meta: JsonObject): boolean {
  const { disposition } = asObject(payload.terminalReply);
  if (disposition === "silent" || disposition === "empty") return true;
  if (asObject(meta.error).kind === "incomplete_turn") return true;
  const attempts = Array.isArray(meta.fallbackAttempts) ? meta.fallbackAttempts.map(asObject) : [];
  if (attempts.length > 0 && attempts.every(({ code }) => code === "incomplete_result")) {
    return true;
  }
  const raw = asString(meta.finalAssistantRawText) ?? "";
  return raw.trim() !== "" && spoken(raw) === "";
}

/** How a run is said to end that somebody stopped; releases before 2026.9.1 say `aborted`. */
const STOPPED = new Set(["rpc", "aborted"]);

/**
 * Reads the second answer of `agent`, or that of `agent.wait`. Whoever stopped a run knows about it: there
 * is nothing to say. What a failed run says is for operators, whether it is marked as an error or not.
 */
export function endOfRun(payload: JsonObject): RunEnd {
  const result = asObject(payload.result);
  const all = (Array.isArray(result.payloads) ? result.payloads : []).map(readPayload)
    .filter(({ isAside }) => !isAside);
  const status = asString(payload.status) ?? "unknown";
  const payloads = all.flatMap((one) => one.isError || status === "error" ? [] : audible(one));
  const chars = payloads.reduce((sum, { text }) => sum + text.length, 0);
  if (chars > REPLY_CHARS_MAX) {
    return { kind: "failed", detail: `the reply had ${chars} characters`, sentence: LONG_SENTENCE };
  }
  if (payloads.length > 0) return { kind: "reply", payloads };
  const error = all.find(({ isError, text }) => isError || status === "error" || isFault(text));
  // Of its text only the status: the rest may hold a key, a number, or what the person wrote.
  const httpStatus = error?.text.match(/^\W{0,3}(?:HTTP )?([45]\d\d)\b/)?.[1];
  const stopped = STOPPED.has(asString(payload.stopReason) ?? "");
  const silent = status === "ok" ? error === undefined : wasSilent(payload, asObject(result.meta));
  if (stopped || silent) return { kind: "reply", payloads: [] };
  return {
    kind: "failed",
    detail: `the run ended with status ${/^\w{1,20}$/.exec(status)?.[0] ?? "unknown"}` +
      (error === undefined ? "" : `, an error${httpStatus === undefined ? "" : ` ${httpStatus}`}`) +
      "; the Gateway's own log says more",
    sentence: status === "timeout" ? TIMEOUT_SENTENCE : FAILED_SENTENCE,
  };
}

const TEXT_TYPES: ReadonlySet<unknown> = new Set(["text", "input_text", "output_text"]);
/** How a provider marks what a model says to itself on the way to its answer. */
const COMMENTARY = /"phase"\s*:\s*"commentary"/;

/** The text of a transcript row's content. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map(asObject)
    .filter((part) => TEXT_TYPES.has(part.type))
    .filter(({ textSignature }) => !COMMENTARY.test(asString(textSignature) ?? ""))
    .map((part) => asString(part.text) ?? "").join("\n");
}
