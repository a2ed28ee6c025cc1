/**
 * Speed of the webhook's pure part: reading a form and checking its signature.
 *
 * @module
 */
import { encodeForm, parseForm } from "../../src/twilio/form.ts";
import { classifyWebhook } from "../../src/twilio/inbound.ts";
import { signForm, verifySignature } from "../../src/twilio/signature.ts";

/** A row of the bench. */
export interface BenchRow {
  readonly name: string;
  readonly measure: () => Promise<{ name: string; value: number; unit: string; detail?: string }>;
}

/** The Auth Token of the measured account. */
export const BENCH_TOKEN = "0123456789abcdef0123456789abcdef";
/** Where the measured webhook is said to be. */
export const BENCH_URL = "https://sms.example.com/webhooks/sms";
/** The account of the measured webhook. */
export const BENCH_ACCOUNT = { accountSid: `AC${"0".repeat(32)}`, fromNumber: "+12025550123" };

/** A text as Twilio posts it, about 700 bytes. */
export function benchForm(
  number: number,
  from = "+12025550147",
): readonly (readonly [string, string])[] {
  const sid = `SM${number.toString(16).padStart(32, "0")}`;
  return [
    ["ToCountry", "US"],
    ["ToState", "NY"],
    ["SmsMessageSid", sid],
    ["NumMedia", "0"],
    ["ToCity", "NEW YORK"],
    ["FromZip", "94103"],
    ["SmsSid", sid],
    ["FromState", "CA"],
    ["SmsStatus", "received"],
    ["FromCity", "SAN FRANCISCO"],
    ["Body", "What is the weather going to be like on Saturday? I would like to go to the coast."],
    ["FromCountry", "US"],
    ["To", BENCH_ACCOUNT.fromNumber],
    ["ToZip", "10001"],
    ["NumSegments", "1"],
    ["MessageSid", sid],
    ["AccountSid", BENCH_ACCOUNT.accountSid],
    ["From", from],
    ["ApiVersion", "2010-04-01"],
  ];
}

/** Rows about one webhook. */
export function webhookBenchRows(): BenchRow[] {
  const name = "webhook: parse, verify and classify";
  return [{
    name,
    measure: () => {
      const form = benchForm(1);
      const body = new TextEncoder().encode(encodeForm(form));
      const signature = signForm(BENCH_TOKEN, BENCH_URL, form);
      const authTokens = [BENCH_TOKEN];
      let count = 0;
      const beganMs = performance.now();
      while (performance.now() - beganMs < 1_000) {
        for (let i = 0; i < 100; i++, count++) {
          const pairs = parseForm(body);
          const content = { kind: "form", pairs } as const;
          const verdict = verifySignature({ authTokens, signature, publicUrl: BENCH_URL, content });
          if (verdict.kind !== "valid") throw new Error("the bench signs wrongly");
          classifyWebhook(pairs, BENCH_ACCOUNT);
        }
      }
      const seconds = (performance.now() - beganMs) / 1_000;
      const detail = `${body.byteLength} bytes each`;
      return Promise.resolve({ name, value: count / seconds, unit: "/s", detail });
    },
  }];
}
