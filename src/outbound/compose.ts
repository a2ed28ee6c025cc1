/**
 * Composition: what the bridge texts to someone, as a row of the outbox.
 *
 * @module
 */
import type { AccountSettings } from "../config/settings.ts";
import { isBlank } from "../policy/blank.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import type { InboxRow } from "../store/inbox_row.ts";
import type { OutboxRow, OutChunk, OutKind } from "../store/outbox_row.ts";
import { type Rendered, renderReply } from "../text/sms/render.ts";
import { NOTICE_TTL_MS } from "../system/limits.ts";
import { renderWithin } from "../text/sms/render_within.ts";
import { accountOf, type BridgeContext } from "../bridge/context.ts";
import type { MessageFiles, OutgoingFiles, Prepared, Said } from "./outgoing_files.ts";

/** Whom a message goes to and what it is. */
export interface Envelope {
  readonly account: string;
  readonly to: Phone;
  readonly kind: OutKind;
  readonly inReplyTo: string | null;
  readonly from?: Phone | undefined;
  readonly notAfterMs?: number | undefined;
  readonly whileWaiting?: number | undefined;
  readonly secret?: boolean | undefined;
}

/**
 * The number that a conversation goes on from: the one that was texted, where the account has a Messaging
 * Service, which would choose any of its numbers for somebody who is new. Undefined when the settings decide.
 */
export function answersFrom(
  { fromNumber, messagingServiceSid }: AccountSettings,
  to: string,
): Phone | undefined {
  const texted = messagingServiceSid === undefined ? null : parsePhone(to);
  return texted === null || texted === fromNumber ? undefined : texted;
}

const NO_FILES: MessageFiles = { attached: [], apart: [] };
const BARE: Omit<OutChunk, "mediaUrls"> = { body: "", segments: 1 };

/** Wraps rendered chunks and files into a row of the outbox; null when there is nothing to send. */
export function toOutbox(
  context: BridgeContext,
  envelope: Envelope,
  { chunks }: Pick<Rendered, "chunks">,
  { attached, apart }: MessageFiles = NO_FILES,
): OutboxRow | null {
  const texts = chunks.length === 0 && attached.length > 0 ? [BARE] : chunks;
  const all = [
    ...texts.map(({ body, segments }, i) => ({
      body,
      segments,
      mediaUrls: i === 0 ? attached : [],
    })),
    ...(apart.length === 0 ? [] : [{ ...BARE, mediaUrls: apart }]),
  ];
  return all.length === 0 ? null : {
    id: context.sequence.next(),
    ...envelope,
    chunks: all,
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
function renderFor(
  context: BridgeContext,
  account: Pick<AccountSettings, "textChunkLimit">,
  markdown: string,
  segmentsMax: number,
): Rendered {
  const { smartEncoding, partMarks, maxChunksPerReply } = context.settings().bridge;
  const { textChunkLimit } = account;
  return renderWithin(segmentsMax, markdown, {
    textChunkLimit,
    smartEncoding,
    partMarks,
    maxChunksPerReply,
  });
}

/**
 * What the agent said, with its files. An SMS of files counts as one segment, for which the text leaves
 * room; where there is none, the files are named by their URLs.
 */
function compose(
  context: BridgeContext,
  account: AccountSettings,
  envelope: Envelope,
  prepared: Prepared,
): OutboxRow | null {
  const { segmentsPerReplyMax } = context.settings().bridge.limits;
  const { markdown, apart } = prepared;
  if (apart.length === 0 || segmentsPerReplyMax === 0 || isBlank(markdown)) {
    const rendered = renderFor(context, account, markdown, segmentsPerReplyMax);
    return toOutbox(context, envelope, rendered, prepared);
  }
  if (segmentsPerReplyMax > 1) {
    const rendered = renderFor(context, account, markdown, segmentsPerReplyMax - 1);
    return toOutbox(context, envelope, rendered, prepared);
  }
  const named = [...apart, markdown].join("\n\n");
  const rendered = renderFor(context, account, named, segmentsPerReplyMax);
  return toOutbox(context, envelope, rendered, { ...prepared, apart: [] });
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
    from: answersFrom(account, row.to),
  };
  return compose(context, account, envelope, prepared);
}

/** A sentence of the bridge's own to the sender of a text. */
export function composeNotice(
  context: BridgeContext,
  text: Pick<InboxRow, "account" | "from" | "to" | "messageSid">,
  sentence: string,
  more: Pick<Envelope, "whileWaiting"> = {},
): OutboxRow {
  const account = accountOf(context, text.account);
  const envelope: Envelope = {
    account: text.account,
    to: text.from,
    kind: "notice",
    inReplyTo: text.messageSid,
    notAfterMs: context.clock.now() + NOTICE_TTL_MS,
    ...(account === undefined ? {} : { from: answersFrom(account, text.to) }),
    ...more,
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
  return compose(context, account, envelope, await files.prepare(said));
}
