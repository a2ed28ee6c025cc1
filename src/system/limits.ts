/**
 * Every limit that is not a setting, with its reason. A limit that users may change is a row of the
 * settings table and has its default there.
 *
 * @module
 */

/** Twilio's form posts are a few KB; OpenClaw's plugin draws the same line. */
export const WEBHOOK_BODY_BYTES_MAX = 32 * 1024;
/** A body has arrived by then or its sender is stalling; Twilio itself waits 15 s in all. */
export const WEBHOOK_BODY_TIMEOUT_MS = 5_000;
/** How long a MessageSid is remembered, so that a replay is known (Twilio keeps retrying for hours). */
export const DEDUPE_TTL_MS = 7 * 24 * 3_600_000;
/** One Twilio REST call, headers and body: what Twilio's own libraries allow. */
export const TWILIO_REQUEST_TIMEOUT_MS = 30_000;
/** A success body of Twilio's REST API is about 1 KB a message; a list page at most 1,000 of them. */
export const TWILIO_RESPONSE_BYTES_MAX = 4 * 1024 * 1024;
/** Twilio refuses a longer Body (error 21617). */
export const SMS_BODY_CHARS_MAX = 1_600;
/** How long running work is waited for after SIGTERM. */
export const DRAIN_TIMEOUT_MS = 10_000;

/** A request that Twilio took shows in its list within seconds; only then does absence mean "not sent". */
export const SEND_ABSENCE_GRACE_MS = 15_000;
/** Pauses between tries of one chunk double from the first to the second. */
export const SEND_BACKOFF_MS_MIN = 1_000;
export const SEND_BACKOFF_MS_MAX = 5 * 60_000;
/** An answer that is a day old is worth nothing to the person who asked. */
export const OUTBOX_AGE_MS_MAX = 24 * 3_600_000;
/** A text that waited a day for the Gateway is not answered out of the blue any more. */
export const INBOX_AGE_MS_MAX = 24 * 3_600_000;
/** Turns under way at the same time; each keeps a model busy. */
export const TURNS_MAX = 8;
/** How long one turn may take: agents with tools need minutes, not hours. */
export const TURN_TIMEOUT_MS = 30 * 60_000;
