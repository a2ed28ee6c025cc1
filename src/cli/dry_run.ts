/**
 * `--dry-run`: what a message would become, and cost.
 *
 * @module
 */
import { lastSegmentPrice, priceText } from "../operations/message_price.ts";
import { planMessage, type SendRequest } from "../outbound/send.ts";
import type { Settings } from "../config/settings.ts";
import type { Phone } from "../policy/phone.ts";
import { destinationOf, type PriceKind, unitPrice, usdOf } from "../policy/price.ts";
import { STORE_FILE } from "../store/kv.ts";
import { Failure, failure } from "../system/failure.ts";
import { maskNumber } from "../system/redact.ts";
import type { RenderedChunk } from "../text/sms/render.ts";
import type { ExitCode, Parsed } from "./command.ts";
import type { Context } from "./terminal/context.ts";
import { isThere, withOperations } from "./operations_client.ts";
import { printJson } from "./terminal/output.ts";
import { plural } from "../text/amounts.ts";
import { segmentsOf } from "../text/sms/segments.ts";

/** Recent messages that are searched for a price. */
const MESSAGES_READ = 200;

/** What a message would cost, and where that is known from. */
interface Cost {
  readonly amount: number;
  readonly currency: string | null;
  readonly from: string;
}

/** What goes into the price of a message. */
interface Planned {
  readonly account: string;
  readonly to: Phone;
  readonly segments: number;
  /** Segments of what is no MMS. */
  readonly smsSegments: number;
  readonly mms: number;
}

/** By the price table alone, where nothing was ever sent. */
function tableCost({ to, smsSegments, mms }: Planned): Cost {
  const of = (kind: PriceKind) => unitPrice(destinationOf(to), kind, []);
  const amount = usdOf(of("sms") * smsSegments + of("mms") * mms);
  return { amount, currency: "USD", from: FROM_TABLE };
}

const FROM_TABLE = "by the price table; Twilio has billed nothing there yet";

/** By what Twilio billed of late at that destination, or in the account's own currency; else by the table. */
async function bookCost(context: Context, parsed: Parsed, planned: Planned): Promise<Cost> {
  const { account, to: number, segments, smsSegments, mms } = planned;
  return await withOperations(context, parsed, async (operations): Promise<Cost | Failure> => {
    const asked = { number, account, segments: smsSegments, mms };
    const book = await operations.ask("estimate", asked);
    if (book instanceof Failure) return book;
    const { usd, segmentUsd } = book;
    if (book.billedBefore) {
      return { amount: usd, currency: "USD", from: `a segment was last billed ${segmentUsd} USD` };
    }
    const recent = await operations.ask("listMessages", { account, limit: MESSAGES_READ });
    if (recent instanceof Failure) return recent;
    const last = lastSegmentPrice(recent.messages, number);
    return last === null ? { amount: usd, currency: "USD", from: FROM_TABLE } : {
      amount: last.amount * segments,
      currency: last.currency,
      from: `a segment was last billed ${priceText(last)}`,
    };
  });
}

/** By the price given, or by what is known of prices. */
async function costOf(
  context: Context,
  parsed: Parsed,
  stateDir: string,
  planned: Planned,
): Promise<Cost> {
  const given = parsed.number("price");
  if (given !== undefined && given < 0) {
    throw failure(
      "usage",
      "wrong-value",
      `Cannot use --price as it must be 0 or more: current value is ${given}`,
      "give the price of one segment, as in --price 0.0083",
    );
  }
  if (given !== undefined) return { amount: planned.segments * given, currency: null, from: "" };
  return isThere(`${stateDir}/${STORE_FILE}`)
    ? await bookCost(context, parsed, planned)
    : tableCost(planned);
}

function chunkText({ body, encoding, segments }: RenderedChunk): string {
  return `${body.replace(/^/gm, "  ")}\n  (${encoding}, ${plural(segments, "segment")})\n\n`;
}

/**
 * Shows the SMS of a message with their encoding, segments and cost.
 *
 * @throws {Failure} when it could not be sent.
 */
export async function dryRun(
  context: Context,
  parsed: Parsed,
  settings: Settings,
  request: SendRequest,
): Promise<ExitCode> {
  const planned = planMessage({ settings: () => settings }, request);
  if (planned instanceof Failure) throw planned;
  const { account: { id: account }, to, rendered: { chunks }, mediaUrls } = planned;
  const segments = segmentsOf(chunks);
  const mms = mediaUrls.length > 0 ? 1 : 0;
  const smsSegments = segmentsOf(chunks.slice(mms));
  const { amount, currency, from } = await costOf(context, parsed, settings.bridge.stateDir, {
    account,
    to,
    segments,
    smsSegments,
    mms,
  });
  const cost = Number(amount.toFixed(5));
  if (parsed.flag("json")) {
    printJson(context, { dryRun: true, account, to, chunks, segments, cost, currency });
    return 0;
  }
  context.stdout(chunks.map(chunkText).join(""));
  const price = currency === null ? String(cost) : `about ${cost} ${currency} (${from})`;
  context.stdout(
    `Would send ${plural(chunks.length, "SMS", "SMS")} to ${maskNumber(to)}: ` +
      `${plural(segments, "segment")}, cost ${price}. Nothing was sent.\n`,
  );
  return 0;
}
