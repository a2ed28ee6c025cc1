/**
 * The admin page over HTTP: who may see it, its forms, and its live updates. What stands on it is given.
 *
 * @module
 */
import { getCookies, setCookie } from "@std/http/cookie";
import { STATUS_CODE, type StatusCode } from "@std/http/status";
import { encodeBase64Url } from "@std/encoding/base64url";
import type { Clock } from "../system/clock.ts";
import { ADMIN_FORM_BYTES_MAX } from "../system/limits.ts";
import type { Random } from "../system/random.ts";
import { createStreams, type Place } from "./streams.ts";
import { type AdminSession, type AdminSessions, sameSecret } from "./session.ts";

/** What a document of the page is made of. */
export interface DocumentParts {
  /** Allows the document's own style and script, and no other. */
  readonly nonce: string;
  /** What was just done; null for nothing. */
  readonly notice: string | null;
  /** The room's path, and with it what was asked of it. */
  readonly place: Place;
  /** The part that changes, as HTML. */
  readonly main: string;
}

/** What the page works with. */
export interface AdminPageOptions {
  readonly sessions: AdminSessions;
  readonly clock: Clock;
  readonly random: Random;
  /** Names beside those of this machine under which the page may be opened, and who by. */
  readonly tailnet?: () => Tailnet;
  /** The paths of the rooms. */
  readonly rooms: readonly string[];
  /** What stands in a room, as HTML, for a session. */
  readonly main: (place: Place, session: AdminSession) => Promise<string>;
  /** Reads ahead what takes long. */
  readonly warm?: () => void;
  /** The whole document, as HTML. */
  readonly document: (parts: DocumentParts) => string;
  /** The paths that forms post to, each with the room that it leads back to. */
  readonly actions: Readonly<Record<string, { readonly room: string }>>;
  /** Does what a form asks for; what to tell about it. */
  readonly act: (path: string, form: URLSearchParams, session: AdminSession) => Promise<string>;
}

/** The admin page. */
export interface AdminPage {
  /** Answers a request; null when the path does not belong to the page. */
  answer(request: Request): Promise<Response | null>;
  /** Reads ahead what takes long: somebody is about to come. */
  warm(): void;
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

/** Who may open the page through `tailscale serve`, and under which names. */
export interface Tailnet {
  readonly hosts: readonly string[];
  /** Logins; empty for whoever Tailscale names. */
  readonly users: readonly string[];
}

/** Whether Tailscale names somebody who may: its proxy sets this header, and takes away a client's own. */
function isAdmitted({ users }: Tailnet, headers: Headers): boolean {
  const login = headers.get("tailscale-user-login");
  return login !== null && (users.length === 0 || users.includes(login));
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

function seeOther(location: string): Response {
  return new Response(null, {
    status: STATUS_CODE.SeeOther,
    headers: { ...secured(), location },
  });
}

/** What an entered browser holds; null when it holds nothing, or sends what is no cookie. */
function secretOf({ headers }: Request): string | null {
  try {
    return getCookies(headers)[COOKIE] ?? null;
  } catch {
    return null;
  }
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
function sameOrigin(request: Request, isTailnet: boolean): boolean {
  const { origin, host } = new URL(request.url);
  const site = request.headers.get("sec-fetch-site");
  const own = isTailnet ? `https://${host}` : origin;
  return request.headers.get("origin") === own && (site === null || site === "same-origin");
}

/** Makes the page. */
export function createAdminPage(options: AdminPageOptions): AdminPage {
  const { sessions, rooms, actions } = options;
  const closing = new AbortController();
  const streams = createStreams(options, closing.signal);

  async function post(
    request: Request,
    path: string,
    session: AdminSession,
    isTailnet: boolean,
  ): Promise<Response> {
    const form = await readForm(request);
    const proven = form !== null && sameOrigin(request, isTailnet) &&
      sameSecret(form.get("csrf") ?? "", session.csrf);
    if (!proven) {
      return refused(STATUS_CODE.Forbidden, "This form did not come from the page. Load it again.");
    }
    session.notice = await options.act(path, form, session);
    return seeOther(actions[path]!.room);
  }

  async function document(place: Place, session: AdminSession): Promise<Response> {
    const nonce = encodeBase64Url(options.random.bytes(18));
    const main = await options.main(place, session);
    const { notice } = session;
    session.notice = null;
    const html = options.document({ nonce, notice, place, main });
    return new Response(html, {
      headers: { ...secured(nonce), "content-type": "text/html; charset=utf-8" },
    });
  }

  async function answer(
    request: Request,
    path: string,
    query: URLSearchParams,
    isTailnet: boolean,
  ): Promise<Response | null> {
    if (request.method === "GET" && path === "/enter") {
      const secret = sessions.enter(query.get("t") ?? "");
      if (secret === null) {
        return refused(STATUS_CODE.Forbidden, "This link has been used or has expired.");
      }
      const entered = seeOther("/");
      setCookie(entered.headers, {
        name: COOKIE,
        value: secret,
        path: "/",
        httpOnly: true,
        sameSite: "Strict",
        secure: isTailnet,
      });
      return entered;
    }
    const shows = request.method === "GET" && (path === "/events" || rooms.includes(path));
    const acts = request.method === "POST" && Object.hasOwn(actions, path);
    if (!shows && !acts) return null;
    const secret = secretOf(request);
    const session = sessions.find(secret);
    if (session === null) {
      await request.body?.cancel();
      return refused(STATUS_CODE.Forbidden, "Open this page with `sms-bridge admin url`.");
    }
    if (acts) return await post(request, path, session, isTailnet);
    if (path !== "/events") return await document({ path, query }, session);
    const room = query.get("room") ?? "/";
    if (!rooms.includes(room)) return null;
    const isIn = () => sessions.find(secret) !== null;
    const body = streams.open({ path: room, query }, session, isIn, request.signal);
    if (body === null) {
      return refused(STATUS_CODE.ServiceUnavailable, "Too many pages are open.");
    }
    return new Response(body, {
      headers: { ...secured(), "content-type": "text/event-stream" },
    });
  }

  return {
    async answer(request) {
      const { pathname, hostname, searchParams } = new URL(request.url);
      if (isOwnName(hostname)) return await answer(request, pathname, searchParams, false);
      const tailnet = options.tailnet?.();
      if (tailnet === undefined || !tailnet.hosts.includes(hostname)) {
        return await answer(request, "", searchParams, false);
      }
      if (isAdmitted(tailnet, request.headers)) {
        return await answer(request, pathname, searchParams, true);
      }
      await request.body?.cancel();
      return refused(STATUS_CODE.Forbidden, "Tailscale does not name you as somebody who may.");
    },
    warm: () => options.warm?.(),
    close: () => closing.abort(),
  };
}
