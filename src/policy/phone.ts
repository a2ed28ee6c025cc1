/**
 * Telephone numbers and the other addresses that texts come from. The only file that reads them.
 *
 * @module
 */

/** A number in E.164 (ITU-T E.164): `+`, a first digit that is not 0, 7 to 15 digits in all. */
export type Phone = string & { readonly __brand: "E.164" };

/** ITU-T E.164's country codes of one and two digits; all others have three. */
const COUNTRY_CODE = /^\+(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})/;
/** In North America a carrier's block is area code and exchange; elsewhere three digits name the carrier. */
const CARRIER_DIGITS = { "+1": 6, others: 3 } as const;

/** The country code that a number begins with, as in `+49`; `+1` is all of North America. */
export function countryCode(phone: Phone): string {
  return phone.match(COUNTRY_CODE)![0];
}

/** The beginning of a number that it shares with others of its carrier and region. */
export function carrierPrefix(phone: Phone): string {
  const country = countryCode(phone);
  const digits = country === "+1" ? CARRIER_DIGITS["+1"] : CARRIER_DIGITS.others;
  return phone.slice(0, country.length + digits);
}

/** A number together with the channel that was written before it. */
export interface Address {
  /** In lower case, without its colon; `""` when none was written. */
  readonly channel: string;
  /** The number. */
  readonly phone: Phone;
}

/** What a `From` or `To` of Twilio names. Only a `phone` can be answered by SMS. */
export type Sender =
  | { readonly kind: "phone"; readonly phone: Phone; readonly rcs: boolean }
  | { readonly kind: "short-code" }
  | { readonly kind: "alphanumeric" }
  | { readonly kind: "other-channel"; readonly channel: string }
  | { readonly kind: "invalid" };

/** Longer than any number that a person writes with separators. */
const ADDRESS_CHARS_MAX = 100;
const E164 = /^\+[1-9]\d{6,14}$/;
const CHANNEL = /^\s*([a-z][a-z0-9-]*):(.*)$/is;
/** Spaces, dashes, dots, slashes and parentheses of any script's hand, and characters without a shape. */
const SEPARATORS = /[\s\p{Pd}\p{Cf}\u2212()./]+/gu;
/** `+49 (0)30 …`: the zero is dialled inside the country only. */
const TRUNK_ZERO = /^([^\d+]*\+\s*\d{1,3}\s*)\(0\)/;
/** Country codes whose numbers keep their leading zero, so that `(0)` after them cannot be read. */
const ZERO_KEPT = /^\D*(39|225|242|378)\D*$/;
/** Without `+`, fewer digits are more likely a number without its country code. */
const DIGITS_WITHOUT_PLUS_MIN = 11;

/** The channels whose addresses are numbers that an SMS reaches. */
const SMS_CHANNELS: ReadonlySet<string> = new Set(["", "sms", "twilio-sms", "mms", "rcs", "tel"]);

/** Whether `text` is a number in E.164 exactly as Twilio writes it. */
export function isPhone(text: string): text is Phone {
  return E164.test(text);
}

function splitChannel(address: string): [channel: string, rest: string] {
  const found = address.match(CHANNEL);
  return found === null ? ["", address] : [found[1]!.toLowerCase(), found[2]!];
}

function withoutTrunkZero(text: string): string {
  const found = text.match(TRUNK_ZERO);
  if (found === null) return text;
  return ZERO_KEPT.test(found[1]!) ? "" : found[1]! + text.slice(found[0].length);
}

function phoneOf(text: string, channel: string): Phone | null {
  const digits = text.replace(SEPARATORS, "");
  const bare = digits.length >= DIGITS_WITHOUT_PLUS_MIN && SMS_CHANNELS.has(channel);
  const phone = bare && !digits.startsWith("+") ? `+${digits}` : digits;
  return isPhone(phone) ? phone : null;
}

/**
 * Reads a number and the channel before it, as people write them: `+1 (202) 555-0123`,
 * `SMS:+12025550123`, `whatsapp:+34600123456`. Digits without `+` count only when there are 11 or
 * more of them. Anything else about it (letters, extensions, a second number, `00`) gives `null`,
 * as a near miss must never become somebody else's number.
 */
export function parseAddress(address: string): Address | null {
  if (address.length > ADDRESS_CHARS_MAX) return null;
  const [channel, rest] = splitChannel(address);
  const phone = phoneOf(withoutTrunkZero(rest), channel);
  return phone === null ? null : { channel, phone };
}

/**
 * Reads a number as people and configuration files write it. The prefixes `sms:`, `twilio-sms:`,
 * `mms:`, `rcs:` and `tel:` may precede it; a number of another channel is refused.
 *
 * @return the number in E.164, or `null` when it is not certainly one.
 */
export function parsePhone(input: string): Phone | null {
  const address = parseAddress(input);
  return address !== null && SMS_CHANNELS.has(address.channel) ? address.phone : null;
}

/**
 * Reads the `From` or `To` of a Twilio request: a number, `rcs:` with a number (which is then the
 * sender's, as OpenClaw has it), a short code, an alphanumeric sender ID (at most 11 letters, digits,
 * spaces and `+-_&`), or an address of any other channel. Stricter than {@linkcode parsePhone}: what
 * Twilio sends is not typed by people.
 */
export function parseSender(from: string): Sender {
  if (from.length > ADDRESS_CHARS_MAX) return { kind: "invalid" };
  const [channel, rest] = splitChannel(from);
  const rcs = channel === "rcs";
  const phone = rcs || channel === "" ? phoneOf(rest, channel) : null;
  if (phone !== null) return { kind: "phone", phone, rcs };
  if (channel !== "") return { kind: "other-channel", channel };
  const name = rest.trim();
  if (/^\+?\d{3,8}$/.test(name)) return { kind: "short-code" };
  return /^(?=.*[a-z])[a-z0-9 +_&-]{1,11}$/i.test(name)
    ? { kind: "alphanumeric" }
    : { kind: "invalid" };
}
