/**
 * How many SMS segments a text is billed as (3GPP TS 23.040 concatenation; Twilio's "SMS character
 * limits").
 *
 * @module
 */
import { graphemeFloor } from "./graphemes.ts";
import { gsm7Septets, isGsm7 } from "./gsm7.ts";

/** The two alphabets of SMS. One character outside GSM-7 puts a whole message into UCS-2. */
export type Encoding = "GSM-7" | "UCS-2";

/** What a text costs. */
export interface SegmentCount {
  /** GSM-7 when every character is in it. */
  readonly encoding: Encoding;
  /** Billed messages, at least 1. */
  readonly segments: number;
  /** Length in septets (GSM-7) or UTF-16 units (UCS-2). */
  readonly units: number;
}

/** Units in a message of one segment, and in each segment of a longer one (its header takes 6 bytes). */
export const SEGMENT_UNITS: Readonly<Record<Encoding, { single: number; multi: number }>> = {
  "GSM-7": { single: 160, multi: 153 },
  "UCS-2": { single: 70, multi: 67 },
};

/**
 * Counts as Twilio bills: an extension character's two septets stay in one segment, and so does a
 * grapheme (an emoji with its modifiers, a letter with its accents) in UCS-2. An empty text counts
 * as one segment.
 */
export function countSegments(text: string): SegmentCount {
  return isGsm7(text) ? countGsm7(text) : countUcs2(text);
}

function countGsm7(text: string): SegmentCount {
  const { single, multi } = SEGMENT_UNITS["GSM-7"];
  let units = 0;
  let segments = 1;
  let used = 0;
  for (let i = 0; i < text.length; i++) {
    const septets = gsm7Septets(text.charCodeAt(i));
    units += septets;
    used += septets;
    if (used > multi) {
      segments++;
      used = septets;
    }
  }
  return { encoding: "GSM-7", segments: units <= single ? 1 : segments, units };
}

function countUcs2(text: string): SegmentCount {
  const { single, multi } = SEGMENT_UNITS["UCS-2"];
  const units = text.length;
  if (units <= single) return { encoding: "UCS-2", segments: 1, units };
  let segments = 0;
  for (let at = 0; at < units; segments++) at = segmentEnd(text, at, at + multi);
  return { encoding: "UCS-2", segments, units };
}

/** Carriers count CR and LF as two characters, though Unicode joins them. */
function segmentEnd(text: string, start: number, limit: number): number {
  if (text[limit] === "\n" && text[limit - 1] === "\r") return limit;
  return graphemeFloor(text, start, limit);
}

/** Segments that the carriers bill for several SMS together. */
export function segmentsOf(chunks: readonly { readonly segments: number }[]): number {
  return chunks.reduce((sum, { segments }) => sum + segments, 0);
}
