/**
 * The host that the fake Twilio keeps files on: another origin than its API, which asks for no
 * credentials and notes who brings some.
 *
 * @module
 */
import type { FakeAccount } from "./twilio_account.ts";

/** The host. */
export interface MediaHost {
  readonly origin: string;
  /** Paths that were asked for with an `Authorization`. */
  readonly leaks: readonly string[];
  close(): Promise<void>;
}

/** Starts the host of an account's files on a free port of loopback. */
export function startMediaHost(account: FakeAccount): MediaHost {
  const leaks: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (request.headers.has("authorization")) leaks.push(pathname);
    const sid = pathname.split("/").at(-1);
    const file = account.messages.flatMap(({ media }) => media).find((one) => one.sid === sid);
    return file === undefined
      ? new Response("no such file", { status: 404 })
      : new Response(file.bytes, { headers: { "content-type": file.contentType } });
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    leaks,
    close: () => server.shutdown(),
  };
}
