/**
 * The admin page over HTTP: who may see it, its forms, and its live updates. What stands on it is given.
 *
 * @module
 */
import { ServerSentEventStream } from "@std/http/server-sent-event-stream";
import { STATUS_CODE, type StatusCode } from "@std/http/status";
import { encodeBase64Url } from "@std/encoding/base64url";
import { type Clock, sleep } from "../system/clock.ts";
import { ADMIN_FORM_BYTES_MAX, ADMIN_REFRESH_MS, ADMIN_STREAMS_MAX } from "../system/limits.ts";
import type { Random } from "../system/random.ts";
import { PERSON_ACTIONS, type PersonAction } from "./people_section.ts";
import { type AdminSession, type AdminSessions, sameSecret } from "./session.ts";

/** What a document of the page is made of. */
export interface DocumentParts {
  /** Allows the document's own style and script, and no other. */
  readonly nonce: string;
  /** What was just done; null for nothing. */
  readonly notice: string | null;
  /** The part that changes, as HTML. */
  readonly main: string;
}

/** What the page works with. */
export interface AdminPageOptions {
  readonly sessions: AdminSessions;
  readonly clock: Clock;
  readonly random: Random;
  /** The part that changes, as HTML, with a session's token in its forms. */
  readonly main: (csrf: string) => Promise<string>;
  /** The whole document, as HTML. */
  readonly document: (parts: DocumentParts) => string;
  /** Does what a form asks for; what to tell about it. */
  readonly decide: (
    decision: "approve" | "reject",
    form: { readonly code: string; readonly account: string },
  ) => Promise<string>;
  /** Does something about a person whom a form of this session named; what to tell about it. */
  readonly act: (action: PersonAction, mark: string, csrf: string) => Promise<string>;
}

/** The admin page. */
export interface AdminPage {
  /** Answers a request; null when the path does not belong to the page. */
  answer(request: Request): Promise<Response | null>;
  /** Ends the live updates. */
  close(): void;
}

const COOKIE = "sms_bridge_session";
/** Names of this machine for itself; whoever comes under another was led here by DNS rebinding. */
const OWN_NAMES = ["localhost", "127.0.0.1", "[::1]"];

/** Whether the page can be opened under a name: only from this machine. */
export function isOwnName(hostname: string): boolean {
  return OWN_NAMES.includes(hostname);
}

function secured(nonce: string | null = null): Record<string, string> {
  const own = nonce === null ? "" : ` style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}';`;
  return {
    "content-security-policy":
      `default-src 'none';${own} img-src data:; connect-src 'self'; form-action 'self'; ` +
      "base-uri 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
  };
}

function refused(status: StatusCode, sentence: string): Response {
  return new Response(`${sentence}\n`, { status, headers: secured() });
}

function seeOther(headers: Record<string, string> = {}): Response {
  return new Response(null, {
    status: STATUS_CODE.SeeOther,
    headers: { ...secured(), location: "/", ...headers },
  });
}

function cookieOf(request: Request): string | null {
  const pairs = (request.headers.get("cookie") ?? "").split(/; */);
  const found = pairs.find((pair) => pair.startsWith(`${COOKIE}=`));
  return found?.slice(COOKIE.length + 1) ?? null;
}

/** A form's fields, or null when it is too long or no form. */
async function readForm(request: Request): Promise<URLSearchParams | null> {
  const type = request.headers.get("content-type") ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) {
    await request.body?.cancel();
    return null;
  }
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of request.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > ADMIN_FORM_BYTES_MAX) return null;
  }
  return new URLSearchParams(text);
}

/** Whether a browser says that the page itself sent this. */
function sameOrigin(request: Request): boolean {
  const { origin } = new URL(request.url);
  const site = request.headers.get("sec-fetch-site");
  return request.headers.get("origin") === origin && (site === null || site === "same-origin");
}

async function post(
  request: Request,
  session: AdminSession,
  decide: (form: URLSearchParams) => Promise<string>,
): Promise<Response> {
  const form = await readForm(request);
  const proven = form !== null && sameOrigin(request) &&
    sameSecret(form.get("csrf") ?? "", session.csrf);
  if (!proven) {
    return refused(STATUS_CODE.Forbidden, "This form did not come from the page. Load it again.");
  }
  session.notice = await decide(form);
  return seeOther();
}

async function document(options: AdminPageOptions, session: AdminSession): Promise<Response> {
  const nonce = encodeBase64Url(options.random.bytes(18));
  const main = await options.main(session.csrf);
  const { notice } = session;
  session.notice = null;
  const html = options.document({ nonce, notice, main });
  return new Response(html, {
    headers: { ...secured(nonce), "content-type": "text/html; charset=utf-8" },
  });
}

/** The page's changing part whenever it has changed; a comment otherwise, which finds out who has gone. */
async function* updates(
  { main, clock }: AdminPageOptions,
  { csrf }: AdminSession,
  isIn: () => boolean,
  signal: AbortSignal,
) {
  let last = "";
  while (!signal.aborted && isIn()) {
    const html = await main(csrf);
    yield html === last ? { comment: "alive" } : { event: "main", data: html };
    last = html;
    await sleep(clock, ADMIN_REFRESH_MS, signal);
  }
}

/** Makes the page. */
export function createAdminPage(options: AdminPageOptions): AdminPage {
  const { sessions } = options;
  const closing = new AbortController();
  let streams = 0;

  function live(request: Request, session: AdminSession, secret: string | null): Response {
    if (streams >= ADMIN_STREAMS_MAX) {
      return refused(STATUS_CODE.ServiceUnavailable, "Too many pages are open.");
    }
    const signal = AbortSignal.any([request.signal, closing.signal]);
    const isIn = () => sessions.find(secret) !== null;
    async function* counted() {
      streams++;
      try {
        yield* updates(options, session, isIn, signal);
      } finally {
        streams--;
      }
    }
    const body = ReadableStream.from(counted()).pipeThrough(new ServerSentEventStream());
    return new Response(body, {
      headers: { ...secured(), "content-type": "text/event-stream" },
    });
  }

  async function answer(request: Request, path: string, token: string): Promise<Response | null> {
    const route = `${request.method} ${path}`;
    if (route === "GET /enter") {
      const secret = sessions.enter(token);
      return secret === null
        ? refused(STATUS_CODE.Forbidden, "This link has been used or has expired.")
        : seeOther({ "set-cookie": `${COOKIE}=${secret}; Path=/; HttpOnly; SameSite=Strict` });
    }
    const known = ["GET /", "GET /events", "POST /pairings/approve", "POST /pairings/reject"];
    const action = PERSON_ACTIONS.find((one) => route === `POST /people/${one}`);
    if (!known.includes(route) && action === undefined) return null;
    const secret = cookieOf(request);
    const session = sessions.find(secret);
    if (session === null) {
      await request.body?.cancel();
      return refused(STATUS_CODE.Forbidden, "Open this page with `sms-bridge admin url`.");
    }
    if (path === "/") return await document(options, session);
    if (path === "/events") return live(request, session, secret);
    if (action !== undefined) {
      return await post(
        request,
        session,
        (form) => options.act(action, form.get("person") ?? "", session.csrf),
      );
    }
    const decision = path === "/pairings/approve" ? "approve" : "reject";
    return await post(request, session, (form) => {
      const code = form.get("code") ?? "";
      const account = form.get("account") ?? "";
      return options.decide(decision, { code, account });
    });
  }

  return {
    answer(request) {
      const { pathname, hostname, searchParams } = new URL(request.url);
      const path = isOwnName(hostname) ? pathname : "";
      return answer(request, path, searchParams.get("t") ?? "");
    },
    close: () => closing.abort(),
  };
}
