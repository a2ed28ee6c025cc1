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
