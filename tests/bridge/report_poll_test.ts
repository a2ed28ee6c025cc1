import { assertEquals } from "@std/assert";
import { readMessage } from "../../src/bridge/message_view.ts";
import { pollReports } from "../../src/bridge/report_poll.ts";
import { sendText } from "../../src/bridge/send.ts";
import type { MessageRecord } from "../../src/twilio/records.ts";
import { ANN, createKit } from "./kit.ts";

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
