/**
 * The Twilio part of what the vector files are run against.
 *
 * @module
 */
import { parseAddress } from "../../src/policy/phone.ts";
import { type FormPair, parseForm as parsePairs } from "../../src/twilio/form.ts";
import {
  basicAuthorization,
  buildRequest as build,
  type TwilioCall,
} from "../../src/twilio/request.ts";
import { interpretSend } from "../../src/twilio/response.ts";
import { type AccountIdentity, classifyWebhook as classify } from "../../src/twilio/inbound.ts";
import type { SignatureCase } from "./signature_case.ts";

type Validate = (request: SignatureCase) => Promise<boolean>;

/** Asks a process of our own: the runner of the vectors may stand where the import map is unknown. */
async function startProcess(): Promise<Validate> {
  const root = new URL("../../", import.meta.url);
  const setup = ["run", "--no-config", "--no-lock", "-A", "scripts/setup.ts"];
  await new Deno.Command(Deno.execPath(), { args: setup, cwd: root }).output();
  const { stdin, stdout } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--config", "deno.json", "tests/vectors/signature_process.ts"],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = stdin.getWriter();
  const answers = stdout.pipeThrough(new TextDecoderStream()).getReader();
  return async (request) => {
    await writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    return (await answers.read()).value === "true\n";
  };
}

let started: Promise<Validate> | undefined;

/** Whether the official validators' rules accept the request. */
export async function validate(request: SignatureCase): Promise<boolean> {
  started ??= import("./signature_case.ts").then(
    ({ validateCase }): Validate => (request) => Promise.resolve(validateCase(request)),
    startProcess,
  );
  return await (await started)(request);
}

/** The pairs of a form body. */
export function parseForm(body: string): FormPair[] {
  return parsePairs(body);
}

/** What the bridge makes of a signed body; `accepted` is whether its sender can be answered at all. */
export function classifyWebhook(body: string, identity: AccountIdentity): unknown {
  const inbound = classify(parsePairs(body), identity);
  if (inbound.kind === "report") return { ...inbound, kind: "status" };
  if (inbound.kind !== "message") return inbound;
  const { sender, from } = inbound;
  return {
    ...inbound,
    kind: "inbound",
    accepted: sender.kind === "phone",
    from: sender.kind === "phone" ? sender.phone : parseAddress(from)?.phone ?? from,
  };
}

/** A call as the vectors write it. */
interface VectorCall {
  readonly op: string;
  readonly sid?: string;
  readonly to?: string;
  readonly from?: string;
  readonly mediaUrl?: string | readonly string[];
  readonly validityPeriod?: number;
  readonly dateSentAfter?: string;
  readonly dateSentBefore?: string;
  readonly startDate?: string;
  readonly pageSize?: number;
  readonly phoneNumber?: string;
  readonly smsUrl?: string;
  readonly smsMethod?: "POST" | "GET";
  readonly status?: string;
  readonly auth?: { readonly apiKey: string; readonly apiSecret: string };
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

/** What the bridge may ask for besides; a call with anything else is none that it makes. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  sendMessage: [
    "to",
    "from",
    "messagingServiceSid",
    "body",
    "mediaUrl",
    "statusCallback",
    "maxPrice",
    "validityPeriod",
  ],
  listMessages: ["to", "from", "dateSentAfter", "dateSentBefore", "pageSize"],
  listIncomingPhoneNumbers: ["phoneNumber", "pageSize"],
  listAlerts: ["startDate", "pageSize"],
  updateNumber: ["sid", "smsUrl", "smsMethod"],
};

/** Our call, or null when the bridge has no use for such a one. */
function callOf(call: VectorCall): TwilioCall | null {
  const { op, sid = "", pageSize, to, from } = call;
  const known = ["op", "auth", ...FIELDS[op] ?? Object.keys(call)];
  if (Object.keys(call).some((field) => !known.includes(field))) return null;
  switch (op) {
    case "sendMessage": {
      const { mediaUrl = [], validityPeriod: validityPeriodSeconds, ...rest } = call;
      const mediaUrls = typeof mediaUrl === "string" ? [mediaUrl] : mediaUrl;
      return { op, message: { ...rest, to: to ?? "", mediaUrls, validityPeriodSeconds } };
    }
    case "listMessages": {
      const sentFromMs = timeOf(call.dateSentAfter);
      const sentUntilMs = timeOf(call.dateSentBefore);
      return { op, filter: { to, from, pageSize, sentFromMs, sentUntilMs } };
    }
    case "listIncomingPhoneNumbers":
      return { op: "listNumbers", phoneNumber: call.phoneNumber, pageSize };
    case "updateNumber": {
      const { smsUrl = "", smsMethod = "POST" } = call;
      return { op, sid, webhook: { smsUrl, smsMethod } };
    }
    case "fetchMessage":
    case "fetchService":
      return { op, sid };
    case "listMedia":
      return { op, sid, pageSize };
    case "listAlerts":
      return { op, sinceMs: timeOf(call.startDate), pageSize };
    case "fetchAccount":
    case "fetchBalance":
      return { op };
    default:
      return null;
  }
}

/** The request that leaves for a call, or null when the bridge makes no such call. */
export function buildRequest(
  call: VectorCall,
  credentials: { readonly accountSid: string; readonly authToken: string },
): unknown {
  const ours = callOf(call);
  if (ours === null) return null;
  const { accountSid, authToken } = credentials;
  const request = build(ours, accountSid);
  return {
    ...request,
    authorization: call.auth === undefined
      ? basicAuthorization(accountSid, authToken)
      : basicAuthorization(call.auth.apiKey, call.auth.apiSecret),
    contentType: request.form === null ? null : "application/x-www-form-urlencoded",
  };
}

/** Whether an answer to a request to send means that the message was taken. */
export function interpretResponse(
  response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  },
): unknown {
  const { status, headers, body } = response;
  const retryAfter = headers["retry-after"] ?? null;
  const outcome = interpretSend({ status, retryAfter, body }, 0);
  return { httpStatus: status, ...outcome, ok: outcome.kind === "sent" };
}
