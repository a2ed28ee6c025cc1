/**
 * A way to a server that takes longer: every piece that goes there arrives so much later.
 *
 * @module
 */

/** A way that is open. */
export interface Delayed extends AsyncDisposable {
  readonly url: string;
}

async function carry(from: Deno.Conn, to: Deno.Conn, delayMs: number): Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  for await (const piece of from.readable) {
    const due = new Promise((resolve) => setTimeout(resolve, delayMs));
    last = Promise.all([last, due]).then(async () => {
      for (let sent = 0; sent < piece.length;) sent += await to.write(piece.subarray(sent));
    });
    last.catch(() => {});
  }
}

/** Opens a way to an address on this machine. */
export function delayed(url: string, delayMs: number): Delayed {
  const { hostname, port } = new URL(url);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  function shut(one: Deno.Conn): void {
    if (!open.delete(one)) return;
    try {
      one.close();
    } catch {
      // It was closed by reading it to its end.
    }
  }
  (async () => {
    for await (const client of listener) {
      try {
        client.setNoDelay();
        const server = await Deno.connect({ hostname, port: Number(port) });
        server.setNoDelay();
        const both = [client, server];
        both.forEach((one) => open.add(one));
        const end = () => both.forEach(shut);
        carry(client, server, delayMs).then(end, end);
        carry(server, client, 0).then(end, end);
      } catch {
        client.close();
      }
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    [Symbol.asyncDispose]() {
      listener.close();
      for (const one of open) shut(one);
      return Promise.resolve();
    },
  };
}
