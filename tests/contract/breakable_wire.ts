/**
 * A TCP connection that a test can break, between the bridge and whatever it is connected to.
 *
 * @module
 */

/** The wire. */
export interface Wire {
  readonly port: number;
  /** Breaks what is connected, and refuses more until {@linkcode mend}. */
  cut(): void;
  mend(): void;
  close(): void;
}

/** Hands on what comes until one end is gone. */
function pipe(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  return from.readable.pipeTo(to.writable).catch(() => {});
}

/** Lays a wire to a port of loopback. */
export function layWire(targetPort: number): Wire {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ends = new Set<Deno.Conn>();
  let isCut = false;
  const drop = (end: Deno.Conn) => {
    ends.delete(end);
    try {
      end.close();
    } catch {
      // Closed already.
    }
  };
  (async () => {
    for await (const near of listener) {
      if (isCut) {
        near.close();
        continue;
      }
      try {
        const far = await Deno.connect({ hostname: "127.0.0.1", port: targetPort });
        for (const end of [near, far]) ends.add(end);
        Promise.race([pipe(near, far), pipe(far, near)]).then(() => [near, far].forEach(drop));
      } catch {
        near.close();
      }
    }
  })();
  return {
    port: listener.addr.port,
    cut() {
      isCut = true;
      [...ends].forEach(drop);
    },
    mend: () => void (isCut = false),
    close() {
      listener.close();
      [...ends].forEach(drop);
    },
  };
}
