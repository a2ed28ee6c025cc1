/**
 * How long a body may be, for those who read settings and render nothing.
 *
 * @module
 */

/** The shortest limit a part mark and a few words fit in: one UCS-2 segment. */
export const TEXT_CHUNK_LIMIT_MIN = 70;
/** Twilio refuses a longer body (error 21617). */
export const TEXT_CHUNK_LIMIT_MAX = 1_600;
