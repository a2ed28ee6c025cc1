/**
 * The agent's tool `sms_send`: whom it may text, and what it is told.
 *
 * @module
 */
import { encodeHex } from "@std/encoding/hex";
import type { AccountSettings } from "../config/settings.ts";
import type { Invocation, InvocationResult } from "../gateway/node.ts";
import { phonesOf } from "../gateway/routes.ts";
import { partyOf } from "../gateway/session_key.ts";
import { isFetchable } from "../policy/mms.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import { sleep } from "../system/clock.ts";
import { Failure } from "../system/failure.ts";
import { TOOL_ANSWER_TIMEOUT_MS } from "../system/limits.ts";
import { maskNumber } from "../system/redact.ts";
import { accountByKey, type BridgeContext } from "../bridge/context.ts";
import type { GatewayViews } from "../bridge/gateway_views.ts";
import { isKnown } from "../people/known.ts";
import { expectedPrice, priceOf, priceText } from "../operations/message_price.ts";
import { type MessageView, readMessage } from "../operations/message_view.ts";
import { type SendReceipt, type SendRequest } from "../outbound/send.ts";

/** What the tool works with. */
export interface ToolParts {
  readonly context: BridgeContext;
  readonly send: (request: SendRequest) => Promise<SendReceipt | Failure>;
  readonly views: Pick<GatewayViews, "last">;
}

/** The person and account of an SMS session, from its key; no number when several are linked. */
function personOf({ views }: ToolParts, sessionKey: string | null) {
  const party = sessionKey === null ? null : partyOf(sessionKey);
  if (party?.kind !== "person") return null;
  const phones = phonesOf(views.last?.routing ?? { identityLinks: {} }, party.peer);
  return { accountId: party.accountId, phone: phones.length === 1 ? phones[0] : undefined };
}

async function mayText(
  context: BridgeContext,
  account: AccountSettings,
  phone: Phone,
): Promise<boolean> {
  const { toolTargets } = context.settings().bridge;
  if (toolTargets === "any") return true;
  if (toolTargets === "known") return await isKnown(context, account, phone);
  return toolTargets.includes(phone);
}

const LOOK_MS = 200;

/** Waits until Twilio has taken a message or refused it. */
async function outcomeOf(context: BridgeContext, id: number): Promise<MessageView | null> {
  const untilMs = context.clock.now() + TOOL_ANSWER_TIMEOUT_MS;
  for (;;) {
    const message = await readMessage(context.store, id);
    const over = context.clock.now() >= untilMs || context.stopping.aborted;
    if (message === null || message.status !== "waiting" || over) return message;
    await sleep(context.clock, LOOK_MS, context.stopping);
  }
}

function refuse(message: string): InvocationResult {
  return { ok: false, message };
}

/** What a message costs: as billed, or as is expected by the price book; null until it has gone. */
function costOf(message: MessageView) {
  const billed = priceOf(message);
  if (billed !== null) return { price: priceText(billed), estimatedPrice: null };
  const expected = expectedPrice(message);
  return { price: null, estimatedPrice: expected === null ? null : priceText(expected) };
}

function told(message: MessageView | null, to: Phone): InvocationResult {
  if (message === null) return refuse("the message is gone");
  const { id, status, chunks, segments, detail } = message;
  if (!["waiting", "sent", "delivered"].includes(status)) {
    return refuse(`not sent to ${maskNumber(to)}: ${detail || status}`);
  }
  const sids = chunks.map(({ sid }) => sid).filter((sid) => sid !== null);
  const cost = costOf(message);
  return { ok: true, payload: { id, status, sids, parts: chunks.length, segments, ...cost } };
}

async function invoke(parts: ToolParts, invocation: Invocation): Promise<InvocationResult> {
  const { context, send } = parts;
  const { to, text, mediaUrl } = invocation.arguments;
  if (typeof text !== "string" || text.trim() === "") return refuse('"text" must be a text');
  if (to !== undefined && typeof to !== "string") return refuse('"to" must be a number in E.164');
  if (mediaUrl !== undefined && (typeof mediaUrl !== "string" || !isFetchable(mediaUrl))) {
    return refuse('"mediaUrl" must be a URL that begins with https://');
  }
  const person = personOf(parts, invocation.sessionKey);
  const account = accountByKey(context, person?.accountId ?? context.settings().defaultAccount);
  if (account === undefined) return refuse("there is no account to send from");
  const given = to ?? person?.phone ?? account.defaultTo;
  if (given === undefined) return refuse('"to" is missing, and there is no default number');
  const phone = parsePhone(given);
  if (phone === null) return refuse('"to" must be a number in E.164, such as +15551234567');
  if (!await mayText(context, account, phone)) {
    return refuse(
      "that number may not be texted: its owner has not let it in (bridge.toolTargets)",
    );
  }
  const receipt = await send({
    to: phone,
    text,
    account: account.id,
    ...(mediaUrl === undefined ? {} : { mediaUrls: [mediaUrl] }),
    idempotencyKey: await keyOf(invocation, phone, text),
  });
  if (receipt instanceof Failure) return refuse(`${receipt.message}; ${receipt.hint}`);
  return told(await outcomeOf(context, receipt.id), phone);
}

/** A call's key: models count their calls anew, so the same key with another text is another call. */
async function keyOf({ key, sessionKey }: Invocation, to: Phone, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify([key, sessionKey, to, text]));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `tool-${encodeHex(digest.slice(0, 16))}`;
}

/** Carries out calls of the tool. */
export function createAgentTool(
  parts: ToolParts,
): (invocation: Invocation) => Promise<InvocationResult> {
  return async (invocation) => {
    const result = await invoke(parts, invocation);
    parts.context.log.info("tool.called", { ok: result.ok });
    return result;
  };
}
