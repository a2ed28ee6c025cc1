/**
 * The fake Twilio's resources as JSON, in the shapes of Twilio's OpenAPI description.
 *
 * @module
 */
import type {
  FakeAccount,
  FakeAlert,
  FakeMedia,
  FakeMessage,
  FakeNumber,
} from "./twilio_account.ts";

/** What Twilio bills for a segment, in US dollars. */
export const PRICE_OF_SEGMENT = 0.0079;

function rfc2822(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toUTCString().replace("GMT", "+0000");
}

/** A message. */
export function messageRow(account: FakeAccount, message: FakeMessage): unknown {
  const path = `/2010-04-01/Accounts/${account.accountSid}/Messages/${message.sid}`;
  const billed = message.status === "delivered" || message.status === "undelivered";
  const media = Math.max(message.mediaUrls.length, message.media.length);
  return {
    account_sid: account.accountSid,
    api_version: "2010-04-01",
    body: message.body,
    date_created: rfc2822(message.createdAtMs),
    date_sent: rfc2822(message.sentAtMs),
    date_updated: rfc2822(message.sentAtMs ?? message.createdAtMs),
    direction: message.direction,
    error_code: message.errorCode,
    error_message: null,
    from: message.from,
    messaging_service_sid: message.messagingServiceSid,
    num_media: String(media),
    num_segments: String(
      message.status === "accepted" && message.messagingServiceSid ? 0 : message.segments,
    ),
    price: billed ? (-PRICE_OF_SEGMENT * message.segments).toFixed(5) : null,
    price_unit: "USD",
    sid: message.sid,
    status: message.status,
    subresource_uris: { media: `${path}/Media.json` },
    to: message.to,
    uri: `${path}.json`,
  };
}

/** A file of a message. */
export function mediaRow(account: FakeAccount, message: FakeMessage, media: FakeMedia): unknown {
  return {
    account_sid: account.accountSid,
    content_type: media.contentType,
    date_created: rfc2822(message.createdAtMs),
    date_updated: rfc2822(message.createdAtMs),
    parent_sid: message.sid,
    sid: media.sid,
    uri:
      `/2010-04-01/Accounts/${account.accountSid}/Messages/${message.sid}/Media/${media.sid}.json`,
  };
}

/** A number. */
export function numberRow(account: FakeAccount, number: FakeNumber): unknown {
  return {
    account_sid: account.accountSid,
    capabilities: { fax: false, voice: true, ...number.capabilities },
    friendly_name: number.phoneNumber,
    phone_number: number.phoneNumber,
    sid: number.sid,
    sms_application_sid: number.smsApplicationSid,
    sms_fallback_method: "POST",
    sms_fallback_url: number.smsFallbackUrl,
    sms_method: number.smsMethod,
    sms_url: number.smsUrl,
    uri: `/2010-04-01/Accounts/${account.accountSid}/IncomingPhoneNumbers/${number.sid}.json`,
  };
}

/** The Messaging Service: it leaves the webhook to its numbers. */
export function serviceRow(account: FakeAccount): unknown {
  return {
    account_sid: account.accountSid,
    fallback_method: "POST",
    fallback_url: null,
    friendly_name: "fake service",
    inbound_method: "POST",
    inbound_request_url: null,
    sid: account.messagingServiceSid,
    smart_encoding: false,
    use_inbound_webhook_on_number: true,
  };
}

/** An alert. */
export function alertRow(account: FakeAccount, alert: FakeAlert): unknown {
  return {
    account_sid: account.accountSid,
    date_created: new Date(alert.atMs).toISOString(),
    error_code: String(alert.errorCode),
    log_level: "error",
    request_url: alert.requestUrl,
    sid: alert.sid,
  };
}

/** One page of a list, with the links that Twilio gives. `uri` is the path of the list. */
export function pageOf(
  key: string,
  rows: readonly unknown[],
  uri: string,
  query: URLSearchParams,
): unknown {
  const page = Number(query.get("Page") ?? 0);
  const size = Math.min(1000, Math.max(1, Number(query.get("PageSize") ?? 50) || 50));
  const link = (to: number) => {
    const next = new URLSearchParams(query);
    next.set("Page", String(to));
    next.set("PageSize", String(size));
    next.set("PageToken", `PA${to}`);
    return `${uri}?${next}`;
  };
  const start = page * size;
  const end = start + size;
  return {
    [key]: rows.slice(start, end),
    end: Math.min(end, rows.length) - 1,
    first_page_uri: link(0),
    next_page_uri: end < rows.length ? link(page + 1) : null,
    page,
    page_size: size,
    previous_page_uri: page > 0 ? link(page - 1) : null,
    start,
    uri: `${uri}?${query}`,
  };
}
