/**
 * Following a message until it is known what became of it, and telling that.
 *
 * @module
 */
import type { MessageView } from "../operations/message_view.ts";
import type { Operations } from "../operations/operations.ts";
import { sleep } from "../system/clock.ts";
import { Failure } from "../system/failure.ts";
import { maskNumber } from "../system/redact.ts";
import type { ExitCode } from "./command.ts";
import type { Context } from "./terminal/context.ts";
import { plural } from "../text/amounts.ts";

/** How often it is looked. */
const LOOK_MS = 250;
/** When Twilio itself is asked for the first time, as no report comes where it cannot reach us; then ever less. */
const REFRESH_MS_MIN = 2_000;
const REFRESH_MS_MAX = 30_000;

/** How long a message is followed. */
export interface FollowOptions {
  /** Until a carrier says what became of it, not just until Twilio has taken it. */
  readonly wait: boolean;
  readonly timeoutMs: number;
}

/** Whether there is nothing to wait for: it is done, or waiting would not mend it. */
function isOver({ status, trouble }: MessageView, wait: boolean): boolean {
  if (trouble === "credentials") return true;
  return status !== "waiting" && !(wait && status === "sent");
}

/**
 * Looks at a message until it is over, time is up, or the command is interrupted.
 *
 * @throws {Failure} when it cannot be looked at any more.
 */
export async function followMessage(
  context: Context,
  operations: Operations,
  first: MessageView,
  { wait, timeoutMs }: FollowOptions,
): Promise<MessageView> {
  const { clock, signal } = context;
  const deadlineMs = clock.now() + timeoutMs;
  let message = first;
  let refreshMs = REFRESH_MS_MIN;
  let refreshAtMs = clock.now() + refreshMs;
  while (!isOver(message, wait) && clock.now() < deadlineMs && !signal.aborted) {
    await sleep(clock, LOOK_MS, signal);
    if (signal.aborted) break;
    const refresh = wait && message.status === "sent" && clock.now() >= refreshAtMs;
    if (refresh) {
      refreshMs = Math.min(REFRESH_MS_MAX, 2 * refreshMs);
      refreshAtMs = clock.now() + refreshMs;
    }
    const found = await operations.ask("getMessage", { id: message.id, refresh });
    if (found instanceof Failure) throw found;
    message = found.message;
  }
  return message;
}

/** What the exit code says of a message. */
export function exitCodeOf({ status, trouble }: MessageView, wait: boolean): ExitCode {
  if (trouble === "credentials") return 4;
  if (status === "waiting" || (wait && status === "sent")) return 7;
  return status === "sent" || status === "delivered" ? 0 : 1;
}

function hints({ chunks, advice }: MessageView): string[] {
  const ofChunks = chunks.filter(({ errorCode }) => errorCode !== null)
    .map((chunk) => `${chunk.errorCode}: ${chunk.meaning}. ${chunk.advice}`);
  return [...new Set([...ofChunks, ...advice === "" ? [] : [advice]])];
}

function tellTrouble(context: Context, message: MessageView): void {
  const { status, detail, number } = message;
  const to = maskNumber(number);
  const what = status === "conflicted"
    ? `Reports on the message to ${to} contradict each other`
    : status === "failed"
    ? `The message to ${to} was not delivered`
    : `The message to ${to} was not sent: ${detail || status}`;
  context.stderr(`error: ${what}\n`);
  for (const hint of hints(message)) context.stderr(`hint: ${hint}\n`);
}

/** Tells what became of a message: on stdout when it went, on stderr what stands in its way. */
export function tellMessage(
  context: Context,
  message: MessageView,
  { repeated, wait }: { readonly repeated: boolean; readonly wait: boolean },
): void {
  const { id, status, number, chunks, segments, detail, trouble } = message;
  const to = maskNumber(number);
  if (repeated) context.stdout("Sent before under the same key; nothing was sent again.\n");
  if (status === "waiting") {
    context.stdout(`It waits in the outbox for ${to} (message ${id}).\n`);
    if (detail !== "") context.stderr(`error: ${detail}\n`);
    const mend = trouble === "credentials" ? "set the Auth Token or API key anew; " : "";
    context.stderr(
      `hint: ${mend}it is on disk and leaves while the bridge runs: do not send it again; ` +
        "`sms-bridge messages` tells what becomes of it\n",
    );
    return;
  }
  if (exitCodeOf(message, false) !== 0) return tellTrouble(context, message);
  const parts = `${plural(chunks.length, "SMS", "SMS")}, ${plural(segments, "segment")}`;
  context.stdout(`${status === "delivered" ? "Delivered" : "Sent"} to ${to}: ${parts}.\n`);
  if (wait && status === "sent") {
    context.stderr("hint: no carrier has reported on it yet; `sms-bridge messages` will tell\n");
  }
}
