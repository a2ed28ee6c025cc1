import { assertEquals } from "@std/assert";
import { findSent, type SentQuery } from "../../src/twilio/lookup.ts";
import { type MessageRecord, readMessage } from "../../src/twilio/records.ts";
import type { TwilioClient } from "../../src/twilio/rest.ts";
import { TWILIO_LIST_PAGES_MAX } from "../../src/system/limits.ts";

const SINCE_MS = Date.UTC(2026, 10, 23, 12);
const QUERY: SentQuery = {
  skewMs: 60_000,
  to: "+14155550100",
  from: "+12025550123",
  body: "hello",
  sinceMs: SINCE_MS,
};

function message(
  sid: string,
  body: string,
  ageMs: number,
  direction = "outbound-api",
): MessageRecord {
  const date_created = new Date(SINCE_MS - ageMs).toUTCString();
  return readMessage({ sid, body, direction, status: "sent", date_created });
}

function listing(...pages: MessageRecord[][]): Pick<TwilioClient, "listMessages"> {
  return {
    async *listMessages() {
      for (const [index, messages] of pages.entries()) {
        await Promise.resolve();
        yield { kind: "ok", value: { messages, last: index === pages.length - 1 } };
      }
    },
  };
}

Deno.test("findSent() finds the message by its text and time", async () => {
  const list = listing([
    message("SM3", "hello there", -1_000),
    message("SM2", "hello", -1_000),
    message("SM1", "hello", -500, "inbound"),
  ]);
  assertEquals(await findSent(list, QUERY), { kind: "found", sid: "SM2", status: "sent" });
});

Deno.test("findSent() looks through what Twilio does to a text", async () => {
  const trial = listing([message("SM1", "Sent from your Twilio trial account - a\nb", 0)]);
  const found = await findSent(trial, { ...QUERY, body: "a\r\nb " });
  assertEquals(found.kind, "found");
});

Deno.test("findSent() is not misled by an older message or one that is accounted for", async () => {
  const list = listing([message("SM2", "hello", -1_000), message("SM1", "hello", 120_000)]);
  const isOurs = (sid: string) => Promise.resolve(sid === "SM2");
  assertEquals(await findSent(list, { ...QUERY, isOurs }), { kind: "absent" });
});

Deno.test("findSent() takes the oldest of several equal ones", async () => {
  const list = listing([message("SM2", "hello", -5_000)], [message("SM1", "hello", -1_000)]);
  assertEquals(await findSent(list, QUERY), { kind: "found", sid: "SM1", status: "sent" });
});

Deno.test("findSent() stops at the first page that is older than the request", async () => {
  let pages = 0;
  const list: Pick<TwilioClient, "listMessages"> = {
    async *listMessages() {
      for (;; pages++) {
        await Promise.resolve();
        const messages = [message(`SM${pages}`, "other", pages * 50_000)];
        yield { kind: "ok", value: { messages, last: false } };
      }
    },
  };
  assertEquals(await findSent(list, QUERY), { kind: "absent" });
  assertEquals(pages, 2);
});

Deno.test("findSent() says unknown when the list fails or is too long", async () => {
  const failing: Pick<TwilioClient, "listMessages"> = {
    async *listMessages() {
      await Promise.resolve();
      const nothing = { httpStatus: 503, code: null, class: "server", message: "" } as const;
      yield { kind: "failed", reason: "server-error", ...nothing };
    },
  };
  assertEquals(await findSent(failing, QUERY), { kind: "unknown", reason: "server-error" });
  const busy = message("SM1", "other", 0);
  const { listMessages } = listing(
    ...Array.from({ length: TWILIO_LIST_PAGES_MAX + 1 }, () => [busy]),
  );
  const long: Pick<TwilioClient, "listMessages"> = {
    async *listMessages(filter) {
      for await (const page of listMessages(filter)) {
        if (page.kind === "ok" && page.value.last) return;
        yield page;
      }
    },
  };
  assertEquals(await findSent(long, QUERY), { kind: "unknown", reason: "list-too-long" });
});
