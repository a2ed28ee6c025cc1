import { assertEquals } from "@std/assert";
import { readMessage } from "../../src/operations/message_view.ts";
import { pollMessage, pollReports } from "../../src/outbound/reports.ts";
import { sendText } from "../../src/outbound/send.ts";
import type { MessageRecord } from "../../src/twilio/records.ts";
import type { ReadOutcome, TwilioFailure } from "../../src/twilio/rest.ts";
import { ANN, createKit } from "../bridge/kit.ts";

function failed(reason: TwilioFailure["reason"]): TwilioFailure {
  return { kind: "failed", reason, httpStatus: null, code: null, class: "server", message: reason };
}

const HOUR_MS = 3_600_000;

Deno.test("pollReports() looks up states that are open for twelve hours, and prices", async () => {
  let asked = 0;
  const list: Partial<MessageRecord>[] = [];
  await using kit = await createKit({
    listMessages: async function* () {
      asked++;
      await Promise.resolve();
      yield { kind: "ok", value: { messages: list as MessageRecord[], last: true } };
    },
  });
  const { context } = kit;
  const receipt = await sendText(context, kit.deliverer.wake, { to: ANN, text: "hi" });
  if (receipt instanceof Error) throw receipt;
  await kit.rest(2_000);
  const message = () => readMessage(kit.store, receipt.id);
  const [{ sid } = { sid: null }] = (await message())!.chunks;
  list.push({
    sid: sid!,
    status: "delivered",
    errorCode: null,
    price: "-0.00790",
    priceUnit: "USD",
  });
  assertEquals(await pollReports(context), 0);
  assertEquals(
    [asked, (await message())!.status],
    [0, "sent"],
    "a young one may still be reported",
  );
  await kit.rest(12 * HOUR_MS);
  assertEquals(await pollReports(context), 1);
  assertEquals((await message())!.status, "delivered");
  assertEquals((await message())!.chunks[0]!.price, "0.0079 USD");
  assertEquals(await pollReports(context), 0);
  assertEquals(asked, 1, "nothing is missing any more");
});

Deno.test("pollReports() asks one by one for what the list leaves out, and for nothing that is known", async () => {
  const fetched: string[] = [];
  let answer: ReadOutcome<MessageRecord> = failed("server-error");
  await using kit = await createKit({
    listMessages: async function* () {
      await Promise.resolve();
      yield { kind: "ok", value: { messages: [], last: true } };
    },
    fetchMessage: (sid) => (fetched.push(sid), Promise.resolve(answer)),
  });
  const { context } = kit;
  const receipt = await sendText(context, kit.deliverer.wake, { to: ANN, text: "hi" });
  if (receipt instanceof Error) throw receipt;
  await kit.rest(13 * HOUR_MS);
  assertEquals([await pollReports(context), fetched.length], [0, 1], "Twilio stumbles");
  answer = failed("refused");
  assertEquals([await pollReports(context), fetched.length], [0, 2], "it was deleted at Twilio");
  const record = { status: "undelivered", errorCode: 30005, price: null, priceUnit: null };
  answer = { kind: "ok", value: record as MessageRecord };
  assertEquals([await pollReports(context), fetched.length], [1, 3]);
  const message = (await readMessage(kit.store, receipt.id))!;
  assertEquals([message.status, message.chunks[0]!.errorCode], ["failed", 30005]);
  assertEquals([await pollReports(context), fetched.length], [0, 3]);
});

Deno.test("pollMessage() asks for open chunks only", async () => {
  const fetched: string[] = [];
  const record = { status: "delivered", errorCode: null, price: "-0.01", priceUnit: "EUR" };
  await using kit = await createKit({
    fetchMessage: (sid) => {
      fetched.push(sid);
      return Promise.resolve({ kind: "ok", value: record as MessageRecord });
    },
  });
  const receipt = await sendText(kit.context, kit.deliverer.wake, { to: ANN, text: "hi" });
  if (receipt instanceof Error) throw receipt;
  await kit.rest(1_000);
  await pollMessage(kit.context, receipt.id);
  await pollMessage(kit.context, receipt.id);
  await pollMessage(kit.context, 7);
  const message = (await readMessage(kit.store, receipt.id))!;
  assertEquals([message.status, message.chunks[0]!.price], ["delivered", "0.01 EUR"]);
  assertEquals(fetched.length, 1);
});
