/**
 * How the fake Twilio takes a request to send: its checks, and the message it makes.
 *
 * Source: Twilio's error dictionary for the order and the codes of the refusals.
 *
 * @module
 */
import { countSegments } from "../text/sms/segments.ts";
import { firstValue, type FormPair } from "../twilio/form.ts";
import type { FakeAccount, FakeMessage } from "./twilio_account.ts";

/** Why a message was not taken. */
export interface SendRefusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

const ADDRESS = /^(?:(?:whatsapp|rcs):)?\+[1-9]\d{6,14}$/;
const CALLBACK = /^https?:\/\/[^\s/_]+(?:[/?#:]|$)/;

function refusal(account: FakeAccount, form: readonly FormPair[]): SendRefusal | null {
  const value = (name: string) => firstValue(form, name) ?? "";
  const [to, from, service, body] = ["To", "From", "MessagingServiceSid", "Body"].map(value);
  const media = form.filter(([name]) => name === "MediaUrl").length;
  const callback = value("StatusCallback");
  const refuse = (code: number, message: string, status = 400) => ({ status, code, message });
  if (!to) return refuse(21604, "A 'To' phone number is required.");
  if (!from && !service) return refuse(21603, "A 'From' phone number is required.");
  if (!body && media === 0) {
    return refuse(21619, "A text message body or media urls must be specified.");
  }
  if (!ADDRESS.test(to)) return refuse(21211, `Invalid 'To' Phone Number: ${to}`);
  if (to === from) return refuse(21266, "'To' and 'From' number cannot be the same");
  if (from && !account.numbers.some(({ phoneNumber }) => phoneNumber === from)) {
    return refuse(21659, `'From' ${from} is not a Twilio phone number or short code`);
  }
  if (service && service !== account.messagingServiceSid) {
    return refuse(20404, "The requested resource was not found", 404);
  }
  if (account.isOptedOut(to)) return refuse(21610, "Attempt to send to unsubscribed recipient");
  if ([...body!].length > 1600) {
    return refuse(21617, "The concatenated message body exceeds the 1600 character limit.");
  }
  if (media > 10) return refuse(21623, "Number of media files exceeds allowed limit");
  if (callback && !CALLBACK.test(callback)) {
    return refuse(21609, "The 'StatusCallback' URL is not a valid URL.");
  }
  return null;
}

/** Takes a form or refuses it. The message is in the account's list when this returns it. */
export function takeSend(
  account: FakeAccount,
  form: readonly FormPair[],
): FakeMessage | SendRefusal {
  const refused = refusal(account, form);
  if (refused !== null) return refused;
  const value = (name: string) => firstValue(form, name);
  const mediaUrls = form.flatMap(([name, url]) => name === "MediaUrl" ? [url] : []);
  const body = value("Body") ?? "";
  const service = value("MessagingServiceSid") ?? null;
  const message: FakeMessage = {
    sid: account.sid(mediaUrls.length > 0 ? "MM" : "SM"),
    direction: "outbound-api",
    from: value("From") ?? account.numbers[0]!.phoneNumber,
    to: value("To")!,
    body,
    segments: mediaUrls.length > 0 ? 1 : countSegments(body).segments,
    createdAtMs: account.clock.now(),
    messagingServiceSid: service,
    statusCallback: value("StatusCallback") ?? null,
    mediaUrls,
    media: [],
    status: service === null ? "queued" : "accepted",
    errorCode: null,
    sentAtMs: null,
  };
  account.messages.push(message);
  return message;
}

const STOP = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"];
const START = ["START", "UNSTOP"];
const HELP = ["HELP", "INFO"];

/** What Twilio does by itself with a keyword: its kind and its own reply. */
export interface KeywordReply {
  readonly type: "STOP" | "START" | "HELP";
  readonly reply: string;
}

/** Handles an inbound text as Twilio's default opt-out handling does; null for an ordinary text. */
export function answerKeyword(
  account: FakeAccount,
  from: string,
  text: string,
): KeywordReply | null {
  const word = text.trim().toUpperCase();
  if (STOP.includes(word)) {
    account.setOptedOut(from, true);
    return {
      type: "STOP",
      reply: "You have successfully been unsubscribed. You will not receive any more messages " +
        "from this number. Reply START to resubscribe.",
    };
  }
  if (START.includes(word) || (word === "YES" && account.isOptedOut(from))) {
    account.setOptedOut(from, false);
    return { type: "START", reply: "You have successfully been re-subscribed to messages." };
  }
  return HELP.includes(word)
    ? { type: "HELP", reply: "Reply STOP to unsubscribe. Msg&Data Rates May Apply." }
    : null;
}
