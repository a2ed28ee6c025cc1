/**
 * `--dry-run`: what a message would become, and cost.
 *
 * @module
 */
import { lastSegmentPrice, type Price, priceText } from "../operations/message_price.ts";
import { planMessage, type SendRequest } from "../outbound/send.ts";
import type { Settings } from "../config/settings.ts";
import { Failure, failure } from "../system/failure.ts";
import { maskNumber } from "../system/redact.ts";
import type { RenderedChunk } from "../text/sms/render.ts";
import type { ExitCode, Parsed } from "./command.ts";
import type { Context } from "./terminal/context.ts";
import { withOperations } from "./operations_client.ts";
import { printJson } from "./terminal/output.ts";
import { plural } from "../text/amounts.ts";
import { segmentsOf } from "../text/sms/segments.ts";

/** Recent messages that are searched for a price. */
const MESSAGES_READ = 200;

async function hasStore(stateDir: string): Promise<boolean> {
  return await Deno.stat(`${stateDir}/bridge.kv`).then(() => true, () => false);
}

/** What a segment cost last; null when that is not known. */
async function billedPrice(
  context: Context,
  parsed: Parsed,
  { bridge: { stateDir } }: Settings,
  account: string,
  number: string,
): Promise<Price | null> {
  if (!await hasStore(stateDir)) return null;
  const { messages } = await withOperations(
    context,
    parsed,
    (operations) => operations.ask("listMessages", { account, limit: MESSAGES_READ }),
  );
  return lastSegmentPrice(messages, number);
}

/** The price given, or the one last billed. */
async function segmentPrice(
  parsed: Parsed,
  billed: () => Promise<Price | null>,
): Promise<{ readonly amount: number; readonly text: string } | null> {
  const given = parsed.number("price");
  if (given !== undefined && given < 0) {
    throw failure(
      "usage",
      "wrong-value",
      `Cannot use --price as it must be 0 or more: current value is ${given}`,
      "give the price of one segment, as in --price 0.0083",
    );
  }
  if (given !== undefined) return { amount: given, text: "" };
  const price = await billed();
  if (price === null) return null;
  return { amount: price.amount, text: ` (a segment was last billed ${priceText(price)})` };
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
  const { account: { id: account }, to, rendered: { chunks } } = planned;
  const segments = segmentsOf(chunks);
  const price = await segmentPrice(
    parsed,
    () => billedPrice(context, parsed, settings, account, to),
  );
  const cost = price === null ? null : Number((segments * price.amount).toFixed(5));
  if (parsed.flag("json")) {
    printJson(context, { dryRun: true, account, to, chunks, segments, cost });
    return 0;
  }
  context.stdout(chunks.map(chunkText).join(""));
  const costs = price === null ? "" : `, cost ${cost}${price.text}`;
  context.stdout(
    `Would send ${plural(chunks.length, "SMS", "SMS")} to ${maskNumber(to)}: ` +
      `${plural(segments, "segment")}${costs}. Nothing was sent.\n`,
  );
  if (price === null) context.stderr("hint: give --price for the cost of a message\n");
  return 0;
}
