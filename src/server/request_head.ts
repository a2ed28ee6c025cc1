/**
 * What the head of a request says.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";

/** The path and the query (with its `?`) of a request target, neither of them decoded. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const local = target.replace(/^https?:\/\/[^/?#]*/i, "");
  const at = local.indexOf("?");
  return at < 0 ? { path: local, query: "" } : { path: local.slice(0, at), query: local.slice(at) };
}

/** The value of a header, or null when it is not there. One that was sent twice is joined by a comma. */
export function singleHeader(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return value === undefined ? null : Array.isArray(value) ? value.join(", ") : value;
}

const ADDRESS = /^[0-9a-f:.]{2,45}$/i;
const LOOPBACK = /^(::1|127\.|::ffff:127\.)/;

/**
 * Who sent a request. A proxy on this machine (Tailscale Funnel sets `X-Forwarded-For` itself, others
 * append to it) is believed as to the last hop, which is the one it saw; anyone else is their own
 * address. Good for budgets, not for trust.
 */
export function clientAddress(request: IncomingMessage): string {
  const peer = request.socket?.remoteAddress ?? "";
  if (!LOOPBACK.test(peer)) return peer;
  const hop = (singleHeader(request, "x-forwarded-for") ?? "").split(",").at(-1)!.trim();
  return ADDRESS.test(hop) ? hop.toLowerCase() : peer;
}
