/**
 * Texts that stand in Twilio's list, and a bridge that catches up with them.
 */
import { catchUp } from "../../src/inbound/catch_up.ts";
import type { MessageRecord } from "../../src/twilio/records.ts";
import { ANN, createKit, type KitOptions } from "../bridge/kit.ts";

/** A text of Ann's as Twilio lists it; `more` is what matters to a test. */
export function listed(
  sid: string,
  body: string,
  createdAtMs: number,
  more: Partial<MessageRecord> = {},
): MessageRecord {
  return {
    sid,
    direction: "inbound",
    from: ANN,
    to: "+12025550123",
    body,
    status: "received",
    errorCode: null,
    segments: 1,
    numMedia: 0,
    messagingServiceSid: null,
    createdAtMs,
    sentAtMs: createdAtMs,
    price: null,
    priceUnit: null,
    ...more,
  };
}

/** A bridge, and what its Twilio lists, oldest first. */
export async function createListedWorld(options: KitOptions = {}) {
  const list: MessageRecord[] = [];
  const kit = await createKit({
    ...options,
    async *listMessages() {
      yield { kind: "ok", value: { messages: list.toReversed() } } as never;
    },
  });
  const account = kit.context.settings().accounts[0]!;
  return { kit, list, catchUp: () => catchUp(kit.intake, account, 0) };
}
