/**
 * The lists of `pair`, as tables.
 *
 * @module
 */
import type {
  AllowedView,
  OptedOutView,
  PendingView,
} from "../../operations/pairing_operations.ts";
import { formatAge, formatDuration } from "../../text/amounts.ts";
import type { Parsed } from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { paint, renderTable } from "../terminal/output.ts";
import { shown } from "./command.ts";

/** Prints who waits. */
export function printPending(
  context: Context,
  parsed: Parsed,
  pending: readonly PendingView[],
): void {
  if (pending.length === 0) {
    context.stdout("Nobody is waiting to be let in.\n");
    return;
  }
  const rows = pending.map((one) => [
    one.code,
    shown(parsed, one.phone),
    one.account,
    formatAge(one.createdAtMs, context.clock.now()),
    formatDuration(one.leftMs),
    one.lastReplyAtMs === null ? "no" : "yes",
  ]);
  const columns = ["Code", "Number", "Account", "Age", "Left", "Told"].map((title) => ({ title }));
  context.stdout(renderTable(columns, rows, { paint: paint(context.colour) }));
}

/** Prints who is let in. */
export function printAllowed(
  context: Context,
  parsed: Parsed,
  allowed: readonly AllowedView[],
): void {
  if (allowed.length === 0) {
    context.stdout("Nobody has been let in by pairing.\n");
    return;
  }
  const rows = allowed.map((one) => [
    shown(parsed, one.phone),
    one.account,
    one.owner ? "owner" : "sender",
    one.via,
    formatAge(one.atMs, context.clock.now()),
    one.optedOutAtMs === null
      ? ""
      : `opted out ${one.optOutReason === "twilio" ? "at Twilio (21610)" : "(STOP)"}, ${
        formatAge(one.optedOutAtMs, context.clock.now())
      }`,
  ]);
  const columns = ["Number", "Account", "Role", "By", "Since", ""].map((title) => ({ title }));
  context.stdout(renderTable(columns, rows, { paint: paint(context.colour) }));
}

/** Prints who has opted out. */
export function printOptedOut(
  context: Context,
  parsed: Parsed,
  optedOut: readonly OptedOutView[],
): void {
  if (optedOut.length === 0) {
    context.stdout("Nobody has opted out.\n");
    return;
  }
  const rows = optedOut.map((one) => [
    shown(parsed, one.phone),
    one.account,
    one.allowed ? "let in" : "",
    one.reason === "twilio" ? "Twilio refused a message (21610)" : "said STOP",
    formatAge(one.atMs, context.clock.now()),
  ]);
  const columns = ["Number", "Account", "", "Why", "Since"].map((title) => ({ title }));
  context.stdout(renderTable(columns, rows, { paint: paint(context.colour) }));
}
