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

/** The price of a message; null until Twilio has billed each of its SMS. */
export function priceOf({ chunks }: Pick<MessageView, "chunks">): Price | null {
  const prices = chunks.map(({ price }) => price?.split(" ") ?? []);
  const currency = prices[0]?.[1];
  if (currency === undefined || prices.some(([, other]) => other !== currency)) return null;
  const amount = prices.reduce((sum, [price]) => sum + Number(price), 0);
  return { amount: rounded(amount), currency };
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
