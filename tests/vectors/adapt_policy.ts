/**
 * How the vectors of phones and sender policy are run.
 *
 * @module
 */
import { parseAddress, type Phone } from "../../src/policy/phone.ts";

/** The number of an address, whatever its channel. */
export function normalizePhone(input: string): Phone | null {
  return parseAddress(input)?.phone ?? null;
}
