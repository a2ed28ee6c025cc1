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

/** Whether one of the entries (`sms:+12025550123` or `+12025550123`) is `phone`; `"*"` is nobody. */
export function isOwner(phone: Phone, ownerAllowFrom: readonly string[]): boolean {
  return ownerAllowFrom.some((entry) => NUMBER_ENTRY.test(entry) && parsePhone(entry) === phone);
}

/** A number as OpenClaw writes it into `commands.ownerAllowFrom`. */
export function ownerEntry(phone: Phone): string {
  return `sms:${phone}`;
}
