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
  "audio/amr",
  "audio/mp4",
  "audio/mpeg",
  "audio/ogg",
  "video/3gpp",
  "video/mp4",
  "video/quicktime",
  "video/webm",
  "text/calendar",
  "text/vcard",
  "application/pdf",
]);

/** Why a file cannot go out by MMS. */
export type MmsFault = "type" | "size";

/** Whether a file of this type and size can go out by MMS; null when it can. */
export function mmsFault(type: string, bytes: number): MmsFault | null {
  if (PICTURES.has(type)) return bytes <= MMS_BYTES_MAX ? null : "size";
  if (!OTHERS.has(type)) return "type";
  return bytes <= MMS_OTHER_BYTES_MAX ? null : "size";
}

/** Whether Twilio can be told to fetch a file there: it does so itself, without credentials. */
export function isFetchable(url: string): boolean {
  return /^https:\/\/[^\s/]+/i.test(url);
}

/** Countries with MMS at Twilio: the United States and Canada among each other, and Australia. */
const MMS_REGIONS = ["+1", "+61"];

/** Whether MMS goes between two numbers at all. */
export function mmsReaches(from: string, to: Phone): boolean {
  return MMS_REGIONS.some((code) => from.startsWith(code) && to.startsWith(code));
}
