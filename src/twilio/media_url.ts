/**
 * Which URLs of media may be asked, and which not. Decided by the spelling of the URL alone, so that
 * nothing has to be resolved or connected to before it is refused.
 *
 * @module
 */
import { twilioOrigin, type TwilioPlace } from "./request.ts";

/** The message whose files are wanted. */
export interface MediaOwner {
  readonly accountSid: string;
  readonly messageSid: string;
}

/** Hosts of Twilio's media storage and of the S3 buckets behind it. */
const MEDIA_HOST =
  /^(?:(?:[a-z0-9-]+\.)*(?:twiliocdn|twilio)\.com|(?:[a-z0-9-]+\.)*s3(?:[.-][a-z0-9]+)*\.amazonaws\.com)$/;
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?=\/|$)/;

/** Whether a base URL leads to this machine only, as for a fake Twilio. */
export function isLoopbackUrl(url: string): boolean {
  return LOOPBACK.test(url);
}

function mediaPath({ accountSid, messageSid }: MediaOwner): string {
  return `/2010-04-01/Accounts/${accountSid}/Messages/${messageSid}/Media/`;
}

/** Where Twilio's API has a file of a message. */
export function mediaUrl(owner: MediaOwner, mediaSid: string, place: TwilioPlace): string {
  return `${twilioOrigin("api", place)}${mediaPath(owner)}${mediaSid}`;
}

/**
 * Whether `url` is, letter by letter, the path of a file of exactly this message on Twilio's API.
 * Only such a URL may be sent the credentials.
 */
export function isMediaUrl(url: string, owner: MediaOwner, place: TwilioPlace): boolean {
  const path = mediaPath(owner);
  return [twilioOrigin("api", place), ...(place.baseUrl ? [] : ["https://api.twilio.com"])]
    .some((origin) =>
      url.startsWith(origin + path) && /^ME[0-9a-f]{32}$/i.test(url.slice((origin + path).length))
    );
}

/**
 * Where a redirect leads, or null when it must not be followed: only to https, the default port and a
 * host of Twilio's storage, without user information. An address written as digits is never one. With
 * a loopback base URL (a fake), loopback targets are allowed and nothing else.
 */
export function redirectTarget(
  location: string | null,
  from: string,
  place: TwilioPlace,
): string | null {
  if (location === null || !URL.canParse(location, from)) return null;
  const url = new URL(location, from);
  if (url.username !== "" || url.password !== "") return null;
  if (place.baseUrl !== undefined && isLoopbackUrl(place.baseUrl)) {
    return isLoopbackUrl(url.href) ? url.href : null;
  }
  const allowed = url.protocol === "https:" && url.port === "" && MEDIA_HOST.test(url.hostname);
  return allowed ? url.href : null;
}
