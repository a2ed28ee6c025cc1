/**
 * The owner's numbers: whose texts may be run as commands of the Gateway.
 *
 * @module
 */
import { parsePhone, type Phone } from "./phone.ts";

/**
 * An entry of a list that may name other channels too, such as the Gateway's
 * `commands.ownerAllowFrom`: without `sms:` or `+` it could be somebody's id elsewhere.
 */
const NUMBER_ENTRY = /^\s*(?:(?:twilio-)?sms:|\+)/i;

function numberOf(entry: string): Phone | null {
  return NUMBER_ENTRY.test(entry) ? parsePhone(entry) : null;
}

/** Whether one of the entries (`sms:+12025550123` or `+12025550123`) is `phone`; `"*"` is nobody. */
export function isOwner(phone: Phone, ownerAllowFrom: readonly string[]): boolean {
  return ownerAllowFrom.some((entry) => numberOf(entry) === phone);
}

/** The numbers among the entries. */
export function ownerNumbers(ownerAllowFrom: readonly string[]): readonly Phone[] {
  return ownerAllowFrom.map(numberOf).filter((phone) => phone !== null);
}
