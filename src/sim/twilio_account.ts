/**
 * The fake Twilio's account: its numbers, messages, opt-outs and SIDs.
 *
 * @module
 */
import { encodeHex } from "@std/encoding/hex";
import type { Clock } from "../system/clock.ts";
import type { Random } from "../system/random.ts";
import { type Arrivals, createArrivals } from "./arrivals.ts";

/** A message of the fake, in or out. */
export interface FakeMessage {
  readonly sid: string;
  readonly direction: "inbound" | "outbound-api" | "outbound-reply";
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly segments: number;
  readonly createdAtMs: number;
  readonly messagingServiceSid: string | null;
  readonly statusCallback: string | null;
  /** The files that an outbound message asks Twilio to fetch. */
  readonly mediaUrls: readonly string[];
  /** The files of an inbound message, or those fetched for an outbound one. */
  readonly media: FakeMedia[];
  status: string;
  errorCode: number | null;
  sentAtMs: number | null;
}

/** A file. */
export interface FakeMedia {
  readonly sid: string;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One number and where its texts go. */
export interface FakeNumber {
  readonly sid: string;
  readonly phoneNumber: string;
  smsUrl: string;
  smsMethod: string;
  smsFallbackUrl: string;
  /** Takes the place of `smsUrl` when it is not empty. */
  smsApplicationSid: string;
  /** What it can send and take. */
  readonly capabilities: { sms: boolean; mms: boolean };
}

/** An entry of the debugger. */
export interface FakeAlert {
  readonly sid: string;
  readonly errorCode: number;
  readonly requestUrl: string;
  readonly atMs: number;
}

/** The account. */
export interface FakeAccount {
  readonly clock: Clock;
  readonly accountSid: string;
  authToken: string;
  /** Names and passwords that HTTP Basic accepts besides the Account SID and the token. */
  readonly apiKeys: Map<string, string>;
  readonly numbers: readonly FakeNumber[];
  readonly messagingServiceSid: string | null;
  /** All messages in the order of their making; those sent by the bridge can be waited on. */
  readonly messages: FakeMessage[];
  readonly outbound: Arrivals<FakeMessage>;
  readonly alerts: FakeAlert[];
  balance: string;
  /** `active`, `suspended` or `closed`. */
  status: string;
  /** `Full` or `Trial`. */
  type: string;
  /** A new SID with this prefix. */
  sid(prefix: string): string;
  isOptedOut(phone: string): boolean;
  setOptedOut(phone: string, optedOut: boolean): void;
}

/** What an account starts with. */
export interface FakeAccountOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly accountSid?: string | undefined;
  readonly authToken?: string | undefined;
  readonly numbers?: readonly string[] | undefined;
  readonly messagingServiceSid?: string | undefined;
}

/** Makes an account. The same random source gives the same SIDs and token. */
export function createFakeAccount(options: FakeAccountOptions): FakeAccount {
  const { clock, random } = options;
  const hex = () => encodeHex(random.bytes(16));
  const sid = (prefix: string) => prefix + hex();
  const optedOut = new Set<string>();
  return {
    clock,
    accountSid: options.accountSid ?? sid("AC"),
    authToken: options.authToken ?? hex(),
    apiKeys: new Map(),
    numbers: (options.numbers ?? ["+12025550123"]).map((phoneNumber) => ({
      sid: sid("PN"),
      phoneNumber,
      smsUrl: "",
      smsMethod: "POST",
      smsFallbackUrl: "",
      smsApplicationSid: "",
      capabilities: { sms: true, mms: true },
    })),
    messagingServiceSid: options.messagingServiceSid ?? null,
    messages: [],
    outbound: createArrivals("outbound message"),
    alerts: [],
    balance: "12.34",
    status: "active",
    type: "Full",
    sid,
    isOptedOut: (phone) => optedOut.has(phone),
    setOptedOut(phone, isOut) {
      if (isOut) optedOut.add(phone);
      else optedOut.delete(phone);
    },
  };
}
