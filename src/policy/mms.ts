/**
 * Which files may go out with a message.
 *
 * Source: Twilio, "Accepted content types for media" (5 MB in all), and its help page about carriers'
 * limits for other files (0.6 MB for toll-free numbers, the lowest of them).
 *
 * @module
 */
import { MMS_BYTES_MAX, MMS_OTHER_BYTES_MAX } from "../system/limits.ts";
import type { Phone } from "./phone.ts";

/** Types that Twilio makes fit for the phone. */
const PICTURES: ReadonlySet<string> = new Set(["image/jpeg", "image/png", "image/gif"]);
/** Types that it hands on as they are. */
const OTHERS: ReadonlySet<string> = new Set([
  "image/bmp",
  "image/tiff",
  "image/heic",
  "image/heif",
  "audio/ac3",
  "audio/amr",
  "audio/basic",
  "audio/mp4",
  "audio/mpeg",
  "audio/ogg",
  "audio/vnd.wave",
  "video/3gpp",
  "video/mp4",
  "video/mpeg",
  "video/quicktime",
  "video/webm",
  "text/calendar",
  "text/csv",
  "text/rtf",
  "text/vcard",
  "application/pdf",
]);

/** How large a file of this type may be to go out by MMS; null when none of it can. */
export function mmsBytesMax(type: string): number | null {
  if (PICTURES.has(type)) return MMS_BYTES_MAX;
  return OTHERS.has(type) ? MMS_OTHER_BYTES_MAX : null;
}

/** What Twilio calls a type. */
export function mmsType(type: string): string {
  return type === "audio/wav" ? "audio/vnd.wave" : type;
}

/** Whether Twilio can be told to fetch a file there: it does so itself, without credentials. */
export function isFetchable(url: string): boolean {
  return /^https:\/\/[^\s/]+/i.test(url);
}

/** Whether a phone can open a file there, by its link: on a host of the public Internet, without TLS. */
export function isLink(url: string): boolean {
  return /^http:\/\/(?:[a-z0-9-]+\.)+[a-z]{2,}(?=[:/?#]|$)/i.test(url);
}

/** Countries with MMS at Twilio: the United States and Canada among each other, and Australia. */
const MMS_REGIONS = ["+1", "+61"];

/** Whether MMS goes between two numbers at all. */
export function mmsReaches(from: string, to: Phone): boolean {
  return MMS_REGIONS.some((code) => from.startsWith(code) && to.startsWith(code));
}
