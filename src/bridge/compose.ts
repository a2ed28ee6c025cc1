/**
 * Composition: what the bridge texts to someone, as a row of the outbox.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import type { Phone } from "../policy/phone.ts";
import type { InboxRow } from "../store/inbox.ts";
import type { OutboxRow, OutChunk, OutKind } from "../store/outbox.ts";
import { type Rendered, renderReply } from "../text/render.ts";
import { renderWithin } from "../text/render_within.ts";
import type { BridgeContext } from "./context.ts";
import type { OutgoingFiles, Prepared, Said } from "./outgoing_files.ts";

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
  const chunks = rendered.chunks.map(({ body, segments }) => ({ body, segments, mediaUrls: [] }));
  return chunks.length === 0 ? null : rowOf(context, envelope, chunks);
}

function rowOf(
  context: BridgeContext,
  envelope: Envelope,
  chunks: readonly OutChunk[],
): OutboxRow {
  return {
    id: context.sequence.next(),
    ...envelope,
    chunks,
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

/** A message with its files: ours go with the first SMS, others in one of their own behind the text. */
function toMessage(
  context: BridgeContext,
  account: AccountSettings,
  envelope: Envelope,
  { markdown, hosted, foreign }: Prepared,
): OutboxRow | null {
  const rendered = renderFor(context, account, markdown);
  const bare: OutChunk = { body: "", segments: 1, mediaUrls: [] };
  const texts = rendered.chunks.map((chunk) => ({ ...chunk, mediaUrls: [] }));
  const [first = bare, ...others] = texts;
  const chunks = [
    ...(texts.length > 0 || hosted.length > 0 ? [{ ...first, mediaUrls: hosted }] : []),
    ...others,
    ...(foreign.length > 0 ? [{ ...bare, mediaUrls: foreign }] : []),
  ];
  return chunks.length === 0 ? null : rowOf(context, envelope, chunks);
}

/** The agent's answer to a text; null when the agent had nothing to say. */
export function composeReply(
  context: BridgeContext,
  account: AccountSettings,
  row: InboxRow,
  prepared: Prepared,
): OutboxRow | null {
  const envelope: Envelope = {
    account: row.account,
    to: row.from,
    kind: "reply",
    inReplyTo: row.messageSid,
  };
  return toMessage(context, account, envelope, prepared);
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
export async function composeUnasked(
  context: BridgeContext,
  files: OutgoingFiles,
  said: Said,
): Promise<OutboxRow | null> {
  const { account, to } = said;
  const envelope: Envelope = { account: account.id, to, kind: "proactive", inReplyTo: null };
  return toMessage(context, account, envelope, await files.prepare(said));
}
