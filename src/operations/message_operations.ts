/**
 * What an operator or a script asks about messages: send one, see what became of it, list them.
 *
 * @module
 */
import { accountNamed } from "../config/sms_accounts.ts";
import type { Store } from "../store/kv.ts";
import type { Clock } from "../system/clock.ts";
import { Failure, failure, unknownAccount } from "../system/failure.ts";
import { type ConversationView, listConversations } from "./conversations.ts";
import { listMessages, type MessageView, readMessage } from "./message_view.ts";
import { type AccountParts, numberGiven, operation } from "./operation.ts";
import type { SendReceipt, SendRequest } from "../outbound/send.ts";

/** A message that was put into the outbox. */
export interface SentView {
  readonly message: MessageView;
  /** It was there already, under the same idempotency key. */
  readonly repeated: boolean;
}

/** What they work on. */
export interface MessageParts extends AccountParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Puts a message into the outbox; left out where nothing can be sent. */
  readonly send?: (request: SendRequest) => Promise<SendReceipt | Failure>;
  /** Asks Twilio about the open chunks of a message; left out where it cannot be asked. */
  readonly refresh?: (id: number) => Promise<void>;
}

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 10_000;
/** Messages looked through for conversations in a shared store: a busy day of a household. */
const CONVERSATION_ROWS_READ = 500;

async function send(
  { store, send }: MessageParts,
  request: SendRequest,
): Promise<SentView | Failure> {
  if (send === undefined) {
    return failure(
      "unreachable",
      "bridge-not-running",
      "The bridge does not run, so it cannot send",
      "start it with `sms-bridge serve`",
    );
  }
  const receipt = await send(request);
  if (receipt instanceof Failure) return receipt;
  const message = await readMessage(store, receipt.id);
  if (message !== null) return { message, repeated: receipt.repeated };
  return failure("not-found", "message-gone", "The message is not kept any more");
}

/** The operations on messages. */
export const MESSAGE_OPERATIONS = {
  sendMessage: operation({
    read: (input) => ({
      to: input.optionalText("to"),
      text: input.text("text"),
      account: input.optionalText("account"),
      mediaUrls: input.optionalTexts("mediaUrls"),
      idempotencyKey: input.optionalText("idempotencyKey"),
    }),
    run: send,
  }),
  /** What became of a message; with `refresh` Twilio itself is asked about its open chunks. */
  getMessage: operation({
    read: (input) => ({ id: input.text("id"), refresh: input.flag("refresh") }),
    async run({ store, refresh }: MessageParts, { id, refresh: wanted }) {
      const number = /^\d{1,16}$/.test(id) ? Number(id) : null;
      if (number !== null && wanted) await refresh?.(number);
      const message = number === null ? null : await readMessage(store, number);
      return message === null
        ? failure(
          "not-found",
          "message-unknown",
          `There is no message ${id.slice(0, 40)}`,
          "see `sms-bridge messages`; they are kept for 30 days",
        )
        : { message };
    },
  }),
  listMessages: operation({
    read: (input) => ({
      with: input.optionalText("with"),
      account: input.optionalText("account"),
      sinceMs: input.optionalNumber("sinceMs"),
      limit: input.optionalNumber("limit"),
      rowsMax: input.optionalNumber("rowsMax"),
    }),
    async run(
      { store, accounts }: MessageParts,
      { with: given, account: name, sinceMs, limit = LIMIT_DEFAULT, rowsMax },
    ) {
      const number = given === undefined ? undefined : numberGiven(given);
      if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
        return failure(
          "usage",
          "input-invalid",
          `"limit" must be an integer from 1 to ${LIMIT_MAX}`,
        );
      }
      if (sinceMs !== undefined && !Number.isFinite(sinceMs)) {
        return failure("usage", "input-invalid", '"sinceMs" must be milliseconds since the epoch');
      }
      const account = name && (accountNamed(accounts(), name) ?? name);
      const messages = await listMessages(store, { number, account, sinceMs, limit, rowsMax });
      return name === undefined || messages.length > 0 || accountNamed(accounts(), name)
        ? { messages }
        : unknownAccount(name, accounts().ids);
    },
  }),
  /** With whom the newest messages were exchanged. */
  listConversations: operation({
    read: () => ({}),
    async run({ store, clock }: MessageParts): Promise<{ conversations: ConversationView[] }> {
      const nowMs = clock.now();
      return { conversations: await listConversations(store, nowMs, CONVERSATION_ROWS_READ) };
    },
  }),
};
