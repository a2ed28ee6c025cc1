/**
 * How the fake Twilio calls webhooks: signed for the public URL, posted to where that leads on this
 * machine, retried as the connection overrides in the URL's fragment say.
 *
 * Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
 *
 * @module
 */
import type { Clock } from "../system/clock.ts";
import { isConnectError } from "../twilio/rest.ts";
import { type FormPair, onceBody } from "../twilio/form.ts";
import { isLoopbackUrl } from "../twilio/media_url.ts";
import { signForm } from "../twilio/signature.ts";

/** One call of a webhook and what came of it. */
export interface WebhookAttempt {
  readonly kind: "inbound" | "report" | "fallback";
  /** The URL as it was signed. */
  readonly url: string;
  /** The message that it is about. */
  readonly messageSid: string;
  /** Counts from 1 within one delivery. */
  readonly attempt: number;
  /** The header `I-Twilio-Idempotency-Token`: the same for all attempts of one delivery. */
  readonly idempotencyToken: string;
  /** Null when there was no answer. */
  readonly status: number | null;
  readonly failure: "connect" | "timeout" | null;
  readonly contentType: string;
  readonly body: string;
}

/** All attempts of one delivery. */
export interface WebhookDelivery {
  readonly messageSid: string;
  readonly attempts: readonly WebhookAttempt[];
  /** Whether the last of them was answered with 2xx. */
  readonly ok: boolean;
}

/** Where the webhook is. */
export interface WebhookPlace {
  /** What Twilio is told and signs; its fragment holds overrides. */
  readonly publicUrl: string;
  /** Where that leads on this machine, as a tunnel would. */
  readonly targetUrl: string;
  readonly fallbackUrl?: string;
}

/** What is posted. */
export interface WebhookPost {
  readonly kind: WebhookAttempt["kind"];
  readonly url: string;
  readonly messageSid: string;
  readonly pairs: readonly FormPair[];
  readonly authToken: string;
}

/** What posting needs. */
export interface WebhookCaller {
  readonly clock: Clock;
  readonly place: WebhookPlace | undefined;
  /** A new idempotency token. */
  readonly newToken: () => string;
  readonly onAttempt: (attempt: WebhookAttempt) => void;
  /** Takes the place of the global `fetch`. */
  readonly fetch?: typeof fetch;
}

interface Overrides {
  readonly retries: number;
  readonly readMs: number;
  readonly totalMs: number;
  readonly policy: readonly string[];
}

function overridesOf(url: string): Overrides {
  const fragment = new URLSearchParams(url.split(/#(.*)/s)[1] ?? "");
  const number = (name: string, normal: number, most: number) => {
    const text = fragment.get(name) ?? "";
    return /^\d+$/.test(text) && Number(text) <= most ? Number(text) : normal;
  };
  return {
    retries: number("rc", 1, 5),
    readMs: number("rt", 15_000, 15_000),
    totalMs: number("tt", 15_000, 15_000),
    policy: (fragment.get("rp") ?? "ct").split(","),
  };
}

function isRetried({ status, failure }: WebhookAttempt, policy: readonly string[]): boolean {
  const reason = failure === "connect" ? "ct" : failure === "timeout" ? "rt" : "";
  const class_ = status === null ? reason : status >= 500 ? "5xx" : status >= 400 ? "4xx" : "";
  return class_ !== "" && (policy.includes("all") || policy.includes(class_));
}

/** Where a public URL leads on this machine, or null when it leads elsewhere. */
export function targetOf(url: string, place: WebhookPlace | undefined): string | null {
  const bare = url.replace(/#.*$/s, "");
  const publicBase = place?.publicUrl.replace(/[?#].*$/s, "");
  if (place !== undefined && publicBase !== undefined && bare.startsWith(publicBase)) {
    return place.targetUrl.replace(/[?#].*$/s, "") + bare.slice(publicBase.length);
  }
  return isLoopbackUrl(bare) ? bare : null;
}

type Answer = Pick<WebhookAttempt, "status" | "failure" | "contentType" | "body">;

const NO_ANSWER = { status: null, contentType: "", body: "" };

async function postOnce(
  post: WebhookPost,
  token: string,
  timeoutMs: number,
  caller: WebhookCaller,
): Promise<Answer> {
  const target = targetOf(post.url, caller.place);
  if (target === null) return { ...NO_ANSWER, failure: "connect" };
  const controller = new AbortController();
  const cancelTimer = caller.clock.after(timeoutMs, () => controller.abort());
  try {
    const signedUrl = post.url.replace(/#.*$/s, "");
    const response = await (caller.fetch ?? fetch)(target, {
      method: "POST",
      redirect: "manual",
      signal: controller.signal,
      headers: {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "i-twilio-idempotency-token": token,
        "user-agent": "TwilioProxy/1.1",
        "x-twilio-signature": signForm(post.authToken, signedUrl, post.pairs),
      },
      body: onceBody(post.pairs),
    });
    const contentType = response.headers.get("content-type") ?? "";
    return { status: response.status, failure: null, contentType, body: await response.text() };
  } catch (error) {
    return { ...NO_ANSWER, failure: isConnectError(error) ? "connect" : "timeout" };
  } finally {
    cancelTimer();
  }
}

/** Posts to a webhook, again and again as the overrides allow. */
export async function callWebhook(
  post: WebhookPost,
  caller: WebhookCaller,
): Promise<WebhookDelivery> {
  const { retries, readMs, totalMs, policy } = overridesOf(post.url);
  const { kind, url, messageSid } = post;
  const idempotencyToken = caller.newToken();
  const attempts: WebhookAttempt[] = [];
  const endMs = caller.clock.now() + totalMs;
  for (let attempt = 1; attempt <= retries + 1; attempt++) {
    const leftMs = endMs - caller.clock.now();
    if (leftMs <= 0) break;
    const answer = await postOnce(post, idempotencyToken, Math.min(readMs, leftMs), caller);
    const made = { kind, url, messageSid, attempt, idempotencyToken, ...answer };
    attempts.push(made);
    caller.onAttempt(made);
    if (!isRetried(made, policy)) break;
  }
  const status = attempts.at(-1)?.status ?? 0;
  return { messageSid, attempts, ok: status >= 200 && status < 300 };
}
