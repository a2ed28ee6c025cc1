/**
 * What an operator or a script asks about messages: send one, see what became of it, list them.
 *
 * @module
 */
import { parsePhone } from "../policy/phone.ts";
import type { Store } from "../store/kv.ts";
import { Failure, failure } from "../system/failure.ts";
import { listMessages, type MessageView, readMessage } from "./message_view.ts";
import type { OperationTable } from "./operation.ts";
import type { SendReceipt, SendRequest } from "../outbound/send.ts";

/** A message that was put into the outbox. */
export interface SentView {
  readonly message: MessageView;
  /** It was there already, under the same idempotency key. */
  readonly repeated: boolean;
}

/** The operations on messages. */
export interface MessageOperations {
  sendMessage(input: SendRequest): Promise<SentView | Failure>;
  /** What became of a message; with `refresh` Twilio itself is asked about its open chunks. */
  getMessage(input: { id: string; refresh?: boolean }): Promise<{ message: MessageView } | Failure>;
  listMessages(
    input: { with?: string; account?: string; sinceMs?: number; limit?: number },
  ): Promise<{ messages: MessageView[] } | Failure>;
}

/** Where each is found, and what it must be given. */
export const MESSAGE_OPERATIONS: OperationTable<MessageOperations> = {
  sendMessage: { path: "/v1/messages", required: ["text"] },
  getMessage: { path: "/v1/messages/get", required: ["id"] },
  listMessages: { path: "/v1/messages/list", required: [] },
};

/** What they work on. */
export interface MessageParts {
  readonly store: Store;
  /** Puts a message into the outbox; left out where nothing can be sent. */
  readonly send?: (request: SendRequest) => Promise<SendReceipt | Failure>;
  /** Asks Twilio about the open chunks of a message; left out where it cannot be asked. */
  readonly refresh?: (id: number) => Promise<void>;
}

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 10_000;

/** Carries them out on a store. */
export function messageOperations({ store, send, refresh }: MessageParts): MessageOperations {
  return {
    async sendMessage(input) {
      if (send === undefined) {
        return failure(
          "unreachable",
          "bridge-not-running",
          "The bridge does not run, so it cannot send",
          "start it with `sms-bridge serve`",
        );
      }
      const { mediaUrls = [] } = input;
      if (!Array.isArray(mediaUrls) || mediaUrls.some((url) => typeof url !== "string")) {
        return failure("usage", "input-invalid", '"mediaUrls" must be a list of strings');
      }
      const receipt = await send(input);
      if (receipt instanceof Failure) return receipt;
      const message = await readMessage(store, receipt.id);
      if (message !== null) return { message, repeated: receipt.repeated };
      return failure("not-found", "message-gone", "The message is not kept any more");
    },
    async getMessage({ id, refresh: wanted }) {
      const number = /^\d{1,16}$/.test(id) ? Number(id) : null;
      if (number !== null && wanted === true) await refresh?.(number);
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
    async listMessages({ with: number, account, sinceMs, limit = LIMIT_DEFAULT }) {
      const phone = number === undefined ? undefined : parsePhone(number);
      if (phone === null) {
        return failure(
          "usage",
          "number-invalid",
          `Cannot use "${number!.slice(0, 40)}" as a number: it must be in E.164`,
          "write it with country code, as in +15551234567",
        );
      }
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
      return { messages: await listMessages(store, { number: phone, account, sinceMs, limit }) };
    },
  };
}
