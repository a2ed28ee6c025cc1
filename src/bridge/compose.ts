/**
 * Composition: what the bridge texts to someone, as a row of the outbox.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import type { ReplyPayload } from "../gateway/reply.ts";
import type { Phone } from "../policy/phone.ts";
import type { InboxRow } from "../store/inbox.ts";
import type { OutboxRow, OutKind } from "../store/outbox.ts";
import { type Rendered, renderReply } from "../text/render.ts";
import { renderWithin } from "../text/render_within.ts";
import type { BridgeContext } from "./context.ts";

/** Whom a message goes to and what it is. */
export interface Envelope {
  readonly account: string;
  readonly to: Phone;
  readonly kind: OutKind;
  readonly inReplyTo: string | null;
}

/** Wraps rendered chunks into a row of the outbox; null when there is nothing to send. */
export function toOutbox(
  context: BridgeContext,
  envelope: Envelope,
  rendered: Rendered,
): OutboxRow | null {
  if (rendered.chunks.length === 0) return null;
  return {
    id: context.sequence.next(),
    ...envelope,
    chunks: rendered.chunks.map(({ body, segments }) => ({ body, segments, mediaUrls: [] })),
    sids: [],
    begunAtMs: null,
    attempts: 0,
    notBeforeMs: 0,
    createdAtMs: context.clock.now(),
  };
}

/**
 * Turns Markdown into chunks as the settings of the account have it. A reply that would need more
 * segments than one may is cut short, and says so.
 */
export function renderFor(
  context: BridgeContext,
  account: Pick<AccountSettings, "textChunkLimit">,
  markdown: string,
): Rendered {
  const { smartEncoding, partMarks, maxChunksPerReply, limits } = context.settings().bridge;
  const { textChunkLimit } = account;
  return renderWithin(limits.segmentsPerReplyMax, markdown, {
    textChunkLimit,
    smartEncoding,
    partMarks,
    maxChunksPerReply,
  });
}

function payloadMarkdown({ text, mediaUrls }: ReplyPayload): string {
  const files = mediaUrls.map((url) =>
    /^https:\/\//i.test(url) ? url : `(A file could not be sent: ${fileName(url)})`
  );
  return [text, ...files].filter((part) => part.trim() !== "").join("\n\n");
}

function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? "";
}

/** The agent's answer to a text; null when the agent had nothing to say. */
export function composeReply(
  context: BridgeContext,
  account: AccountSettings,
  row: InboxRow,
  payloads: readonly ReplyPayload[],
): OutboxRow | null {
  const markdown = payloads.map(payloadMarkdown).filter((text) => text !== "").join("\n\n");
  const envelope: Envelope = {
    account: row.account,
    to: row.from,
    kind: "reply",
    inReplyTo: row.messageSid,
  };
  return toOutbox(context, envelope, renderFor(context, account, markdown));
}

/** A sentence of the bridge's own to the sender of a text. */
export function composeNotice(
  context: BridgeContext,
  row: InboxRow,
  sentence: string,
  kind: OutKind = "notice",
): OutboxRow {
  const envelope: Envelope = {
    account: row.account,
    to: row.from,
    kind,
    inReplyTo: row.messageSid,
  };
  return toOutbox(context, envelope, renderReply(sentence, {}))!;
}

/** What the agent said without being asked; null when there is nothing to text. */
// deno-lint-ignore require-await
export async function composeUnasked(
  context: BridgeContext,
  account: AccountSettings,
  to: Phone,
  payloads: readonly ReplyPayload[],
): Promise<OutboxRow | null> {
  const markdown = payloads.map(payloadMarkdown).filter((text) => text !== "").join("\n\n");
  const envelope: Envelope = { account: account.id, to, kind: "proactive", inReplyTo: null };
  return toOutbox(context, envelope, renderFor(context, account, markdown));
}
