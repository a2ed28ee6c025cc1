/**
 * What messages cost, as far as Twilio has billed them.
 *
 * @module
 */
import type { MessageView } from "./message_view.ts";

/** An amount of money. */
export interface Price {
  /** In whole and parts of the currency. */
  readonly amount: number;
  /** As in ISO 4217, such as `USD`. */
  readonly currency: string;
}

/** Five decimals, as Twilio bills. */
function rounded(amount: number): number {
  return Number(amount.toFixed(5));
}

function sumOf(texts: readonly (string | null)[]): Price | null {
  const prices = texts.map((price) => price?.split(" ") ?? []);
  const currency = prices[0]?.[1];
  if (currency === undefined || prices.some(([, other]) => other !== currency)) return null;
  const amount = prices.reduce((sum, [price]) => sum + Number(price), 0);
  return { amount: rounded(amount), currency };
}

/** The price of a message; null until Twilio has billed each of its SMS. */
export function priceOf({ chunks }: Pick<MessageView, "chunks">): Price | null {
  return sumOf(chunks.map(({ price }) => price));
}

/** What a message is expected to cost, with what of it was billed; null when nothing of it went. */
export function expectedPrice({ chunks }: Pick<MessageView, "chunks">): Price | null {
  const sent = chunks.filter(({ sid }) => sid !== null);
  return sumOf(sent.map(({ price, estimatedPrice }) => price ?? estimatedPrice));
}

/**
 * What a segment cost when Twilio last billed one, by messages with the newest first: what was sent to
 * `number` counts before all others, as the price depends on country and carrier. Null when nothing was
 * billed.
 */
export function lastSegmentPrice(messages: readonly MessageView[], number: string): Price | null {
  const billed = messages.filter((message) => message.segments > 0 && priceOf(message) !== null);
  const message = billed.find((one) => one.number === number) ?? billed[0];
  if (message === undefined) return null;
  const { amount, currency } = priceOf(message)!;
  return { amount: rounded(amount / message.segments), currency };
}

/** A price as it is shown: `0.0079 USD`. */
export function priceText({ amount, currency }: Price): string {
  return `${amount} ${currency}`;
}
