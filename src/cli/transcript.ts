/**
 * A conversation as on a phone: their texts to the left, ours to the right, each with what became of it.
 *
 * @module
 */
import { expectedPrice, priceOf, priceText } from "../operations/message_price.ts";
import type { MessageView } from "../operations/message_view.ts";
import type { Operations } from "../operations/operations.ts";
import { sleep } from "../system/clock.ts";
import { Failure } from "../system/failure.ts";
import { formatDuration, plural } from "../text/amounts.ts";
import { cleanText } from "../text/clean.ts";
import type { Context } from "./terminal/context.ts";
import { paint } from "./terminal/output.ts";
import { displayWidth, wrapText } from "./terminal/width.ts";

/** How often it is looked for what is new. */
const LOOK_MS = 1_000;
/** Messages looked at each time: more do not come between two looks. */
const FOLLOWED_MAX = 50;
const COLUMNS_MAX = 100;

function timeOf(atMs: number): string {
  const at = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${
    two(at.getMinutes())
  }`;
}

function price(message: MessageView): string[] {
  const billed = priceOf(message);
  if (billed !== null) return [priceText(billed)];
  const expected = expectedPrice(message);
  return expected === null ? [] : [`~${priceText(expected)}`];
}

/** What became of a message, in one line. */
function fate(message: MessageView): string {
  const { direction, beganAtMs, atMs, status, chunks, segments } = message;
  if (direction === "in") {
    return status === "waiting" ? status : `${status} after ${formatDuration(atMs - beganAtMs)}`;
  }
  const size = `${plural(Math.max(1, chunks.length), "SMS", "SMS")}, ${
    plural(segments, "segment")
  }`;
  return [status, size, ...price(message)].join(", ");
}

function whyNot({ chunks, detail, advice }: MessageView): string[] {
  const codes = chunks.filter(({ errorCode }) => errorCode !== null).map((chunk) =>
    `${chunk.errorCode}: ${chunk.meaning}. ${chunk.advice}`
  );
  return [...new Set([...codes, detail, advice])].filter((one) => one !== "");
}

/** One message of a conversation. */
export function transcriptEntry(
  message: MessageView,
  { columns, colour }: Pick<Context, "columns" | "colour">,
): string {
  const { dim } = paint(colour);
  const width = Math.min(columns, COLUMNS_MAX);
  const room = Math.max(20, Math.floor(width * 0.7));
  const { body, direction, beganAtMs } = message;
  const said = body === undefined
    ? []
    : cleanText(body).split("\n").flatMap((line) => wrapText(line, room));
  const small = [`${timeOf(beganAtMs)}  ${fate(message)}`, ...whyNot(message)]
    .flatMap((line) => wrapText(line, room));
  const widest = Math.max(...[...said, ...small].map(displayWidth));
  const indent = direction === "in" ? "" : " ".repeat(Math.max(0, width - widest));
  return [...said, ...small.map(dim)].map((line) => `${indent}${line}\n`).join("") + "\n";
}

/** Messages in the order in which they began. */
export function inOrder(messages: readonly MessageView[]): MessageView[] {
  return messages.toSorted((a, b) => a.beganAtMs - b.beganAtMs || Number(a.id) - Number(b.id));
}

/**
 * Prints what comes and goes with a number until it is interrupted, each message again when something
 * became of it.
 */
export async function followTranscript(
  context: Context,
  operations: Operations,
  query: { readonly with: string; readonly account?: string },
  shown: readonly MessageView[],
): Promise<Failure | null> {
  const known = new Map(shown.map((one) => [one.id, fate(one)]));
  while (!context.signal.aborted) {
    await sleep(context.clock, LOOK_MS, context.signal);
    if (context.signal.aborted) break;
    const found = await operations.ask("listMessages", { ...query, limit: FOLLOWED_MAX });
    if (found instanceof Failure) return context.signal.aborted ? null : found;
    for (const message of inOrder(found.messages)) {
      if (known.get(message.id) === fate(message)) continue;
      known.set(message.id, fate(message));
      context.stdout(transcriptEntry(message, context));
    }
    for (const id of [...known.keys()].slice(0, -4 * FOLLOWED_MAX)) known.delete(id);
  }
  return null;
}
