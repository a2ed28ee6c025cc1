import { assertEquals } from "@std/assert";
import { lastSegmentPrice, priceOf, priceText } from "../../src/operations/message_price.ts";
import type { MessageView } from "../../src/operations/message_view.ts";

function message(number: string, segments: number, ...prices: (string | null)[]): MessageView {
  return { number, segments, chunks: prices.map((price) => ({ price })) } as unknown as MessageView;
}

Deno.test("priceOf() adds up the SMS of a message, once all of them are billed", () => {
  const whole = priceOf(message("+1", 3, "0.0079 USD", "0.0158 USD"))!;
  assertEquals([whole, priceText(whole)], [{ amount: 0.0237, currency: "USD" }, "0.0237 USD"]);
  assertEquals(priceOf(message("+1", 3, "0.0079 USD", null)), null);
  assertEquals(priceOf(message("+1", 3, "0.0079 USD", "0.0079 EUR")), null);
  assertEquals(priceOf(message("+1", 0)), null);
});

Deno.test("lastSegmentPrice() goes by the same number first, then by the newest message", () => {
  const messages = [
    message("+49", 1, null),
    message("+44", 2, "0.08 EUR"),
    message("+1", 3, "0.0249 EUR"),
    message("+1", 1, "0.9 EUR"),
  ];
  assertEquals(lastSegmentPrice(messages, "+1"), { amount: 0.0083, currency: "EUR" });
  assertEquals(lastSegmentPrice(messages, "+49"), { amount: 0.04, currency: "EUR" });
  assertEquals(lastSegmentPrice([message("+1", 1, null)], "+1"), null);
});
