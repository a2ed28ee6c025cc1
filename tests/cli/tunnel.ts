/**
 * A tunnel such as Tailscale Funnel on loopback: it hands requests on, and can be set up wrongly.
 *
 * @module
 */

/** The tunnel. */
export interface Tunnel {
  /** Its public origin. */
  readonly origin: string;
  /** Hands requests on to this origin from now on. */
  leadTo(origin: string): void;
  /** Changes the path of what is handed on. */
  rewrite(path: (path: string) => string): void;
  /** Answers itself with this from now on. */
  answer(make: () => Response): void;
  close(): Promise<void>;
}

/** Starts a tunnel that leads nowhere: 502, as a proxy says. */
export function startTunnel(): Tunnel {
  let target: string | null = null;
  let rewrite = (path: string) => path;
  let own: (() => Response) | null = null;
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = await request.bytes();
      if (own !== null) return own();
      if (target === null) return new Response("bad gateway", { status: 502 });
      const headers = new Headers(request.headers);
      headers.set("tailscale-funnel-request", "?1");
      try {
        const { method } = request;
        return await fetch(`${target}${rewrite(pathname)}${search}`, {
          method,
          headers,
          redirect: "manual",
          ...(method === "POST" ? { body } : {}),
        });
      } catch {
        return new Response("bad gateway", { status: 502 });
      }
    },
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    leadTo: (origin) => void (target = origin),
    rewrite: (path) => void (rewrite = path),
    answer: (make) => void (own = make),
    close: () => server.shutdown(),
  };
}
