/**
 * Answering requests of `node:http` with the `Request` and `Response` of the web.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { STATUS_CODE, type StatusCode } from "@std/http/status";
import type { Clock } from "../system/clock.ts";
import { type Answer, sendAnswer } from "./answer.ts";
import { readBody } from "./body.ts";
import type { Exchange } from "./http_listener.ts";

/** What a handler works with. */
export interface WebHandlerOptions {
  readonly clock: Clock;
  readonly bodyBytesMax: number;
  readonly bodyTimeoutMs: number;
  /** What is said of a request that cannot be read; its status in words when left out. */
  readonly refusal?: (status: StatusCode) => Pick<Answer, "type" | "body">;
  /** Must not reject. */
  readonly answer: (request: Request) => Promise<Response>;
}

/** The request's address as its client named it; null when that is none. */
function urlOf({ url = "/", headers }: IncomingMessage): URL | null {
  try {
    return new URL(url.startsWith("/") ? `http://${headers.host ?? "localhost"}${url}` : url);
  } catch {
    return null;
  }
}

/** As they were sent: `headersDistinct` throws on a header named `constructor`. */
function headersOf(raw: readonly string[]): Headers {
  const headers = new Headers();
  for (let i = 0; i + 1 < raw.length; i += 2) headers.append(raw[i]!, raw[i + 1]!);
  return headers;
}

/** Writes a body as its client takes it; one that goes away cancels it. */
async function writeBody(
  body: ReadableStream<Uint8Array>,
  response: ServerResponse,
  gone: AbortSignal,
): Promise<void> {
  const reader = body.getReader();
  gone.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (response.write(Buffer.from(part.value)) || gone.aborted) continue;
    await once(response, "drain", { signal: gone }).catch(() => {});
  }
}

/** The request as the web has it; null when the web has no such request (TRACE, a name in its address). */
function webRequest(
  { method = "GET", rawHeaders }: IncomingMessage,
  url: URL,
  body: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Request | null {
  try {
    return new Request(url, {
      method,
      headers: headersOf(rawHeaders),
      body: method === "GET" || method === "HEAD" ? null : body,
      signal,
    });
  } catch {
    return null;
  }
}

/** Answers with what the handler says. Never rejects. */
export async function answerAsWeb(
  options: WebHandlerOptions,
  { request, response, place, turnstile }: Exchange,
): Promise<void> {
  const { clock, bodyBytesMax: bytesMax, bodyTimeoutMs: timeoutMs } = options;
  const refuse = async (status: StatusCode, lingers = true) => {
    turnstile.answering();
    const said = options.refusal?.(status);
    await sendAnswer(request, response, { status, ...said, keepAlive: false, lingers });
    turnstile.leave();
  };
  const url = urlOf(request);
  if (url === null) return await refuse(STATUS_CODE.BadRequest);
  const read = await readBody(request, { clock, bytesMax, timeoutMs, onBytes: place.hold });
  if (read.kind === "gone") return;
  if (read.kind === "too-large") return await refuse(STATUS_CODE.ContentTooLarge);
  if (read.kind === "too-slow") return await refuse(STATUS_CODE.RequestTimeout, false);
  place.work();
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.on("error", () => gone.abort());
  const asked = webRequest(request, url, read.body, gone.signal);
  if (asked === null) return await refuse(STATUS_CODE.BadRequest);
  const answer = await options.answer(asked);
  if (!gone.signal.aborted) {
    response.writeHead(answer.status, [...answer.headers].flat());
    if (answer.body !== null && asked.method !== "HEAD") {
      await writeBody(answer.body, response, gone.signal).catch(() => {});
    } else await answer.body?.cancel();
    turnstile.answering();
    await new Promise<void>((resolve) => {
      if (gone.signal.aborted) resolve();
      gone.signal.addEventListener("abort", () => resolve(), { once: true });
      response.end(() => resolve());
    });
    turnstile.leave();
  } else await answer.body?.cancel();
  place.rest();
}
