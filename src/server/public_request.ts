/**
 * A request to an address as the outside sees it: what answers there, or why nothing does.
 *
 * @module
 */

/** What came of a request. */
export type PublicAnswer =
  | {
    readonly kind: "answer";
    readonly status: number;
    readonly headers: Headers;
    readonly tookMs: number;
  }
  | {
    readonly kind: "none";
    /** `dns`: no such host; `tls`: the certificate; `refused`: nobody listens. */
    readonly reason: "dns" | "tls" | "refused" | "timeout" | "broken";
  };

/** What is sent: a form by POST, or nothing by GET. */
export interface PublicPost {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Asks an address; never rejects. */
export type PublicRequest = (
  url: string,
  post: PublicPost | null,
  timeoutMs: number,
) => Promise<PublicAnswer>;

type Reason = (PublicAnswer & { kind: "none" })["reason"];

/** The messages of an error and its causes: since 2.9 Deno tells the reason in the cause. */
function messagesOf(error: unknown): string {
  return error instanceof Error ? `${error.message}\n${messagesOf(error.cause)}` : "";
}

function reasonOf(error: unknown): Reason {
  if (error instanceof DOMException && error.name === "TimeoutError") return "timeout";
  // What stands before it holds the URL, in which any word may occur.
  const text = messagesOf(error).split("(Connect):")[1] ?? "";
  if (/dns error|lookup|name or service/i.test(text)) return "dns";
  if (/refused/i.test(text)) return "refused";
  return /certificate|tls|handshake|corrupt message/i.test(text) ? "tls" : "broken";
}

/** Sends one request; redirects are answers. */
export const publicRequest: PublicRequest = async (url, post, timeoutMs) => {
  const startedMs = performance.now();
  try {
    const response = await fetch(url, {
      method: post === null ? "GET" : "POST",
      headers: post?.headers ?? {},
      body: post?.body ?? null,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.body?.cancel();
    const { status, headers } = response;
    return { kind: "answer", status, headers, tookMs: Math.round(performance.now() - startedMs) };
  } catch (error) {
    return { kind: "none", reason: reasonOf(error) };
  }
};
