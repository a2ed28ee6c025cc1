/**
 * How the day's pairing replies are shared out, so that no crowd of strangers uses up everybody's.
 *
 * @module
 */
import {
  PAIRING_REPLIES_PER_DAY_MAX,
  PAIRING_REPLIES_PER_FOREIGN_MAX,
  PAIRING_REPLIES_PER_PREFIX_MAX,
  PAIRING_REPLIES_PER_SIDE_MAX,
} from "../system/limits.ts";
import { carrierPrefix, countryCode, type Phone } from "./phone.ts";

/** Whose replies count together with a stranger's, and how many these may be. */
interface Share {
  readonly has: (phone: Phone) => boolean;
  readonly max: number;
}

function sharesOf(phone: Phone, home: Phone | null): readonly Share[] {
  const prefix = carrierPrefix(phone);
  const country = countryCode(phone);
  const ours = home === null ? null : countryCode(home);
  const isOurs = (one: Phone) => countryCode(one) === ours;
  return [
    { has: () => true, max: PAIRING_REPLIES_PER_DAY_MAX },
    { has: (one) => isOurs(one) === isOurs(phone), max: PAIRING_REPLIES_PER_SIDE_MAX },
    {
      has: (one) => countryCode(one) === country,
      max: country === ours ? PAIRING_REPLIES_PER_SIDE_MAX : PAIRING_REPLIES_PER_FOREIGN_MAX,
    },
    { has: (one) => carrierPrefix(one) === prefix, max: PAIRING_REPLIES_PER_PREFIX_MAX },
  ];
}

/**
 * When the last of the shares that a stranger belongs to frees, if any is used up; else null. `replies` are
 * those of the last `dayMs`, oldest first. `home` is the number that was texted: its country keeps a part of
 * its own, as do all others together.
 */
export function shareFreesAtMs(
  phone: Phone,
  home: Phone | null,
  replies: readonly { readonly phone: Phone; readonly atMs: number }[],
  dayMs: number,
): number | null {
  const used = sharesOf(phone, home)
    .map(({ has, max }) => replies.filter((reply) => has(reply.phone)).at(-max))
    .filter((reply) => reply !== undefined);
  return used.length === 0 ? null : Math.max(...used.map(({ atMs }) => atMs)) + dayMs;
}
