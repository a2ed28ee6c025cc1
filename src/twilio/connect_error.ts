/**
 * Tells failures before a request left from all others.
 *
 * @module
 */

/**
 * Whether an error of `fetch` came while connecting (refused, no such host, TLS, not permitted), so that not a byte
 * of the request has left. Deno says so only in the message of the error or, since 2.9, of its cause;
 * both hold the URL, so they go no further than this.
 */
export function isConnectError(error: unknown): boolean {
  return error instanceof Error &&
    (error.name === "NotCapable" || error.message.includes("client error (Connect)") ||
      isConnectError(error.cause));
}
