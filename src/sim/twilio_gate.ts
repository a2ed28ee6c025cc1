/**
 * A TCP door before an HTTP server of this machine that can be slammed in a client's face.
 *
 * @module
 */

/** The door. */
export interface Gate {
  /** The port that clients connect to. */
  readonly port: number;
  /** Breaks the connection that the server sees as coming from `remotePort`. */
  slam(remotePort: number): void;
  /** Breaks all connections and takes no more. */
  close(): Promise<void>;
}

/** Opens a door on loopback before the server that listens on `serverPort`. */
export function openGate(serverPort: number): Gate {
  const hostname = "127.0.0.1";
  const listener = Deno.listen({ hostname, port: 0 });
  const open = new Map<number, () => void>();
  const running = new Set<Promise<void>>();

  async function carry(client: Deno.TcpConn): Promise<void> {
    const server = await Deno.connect({ hostname, port: serverPort });
    const { port } = server.localAddr;
    open.set(port, () => {
      for (const end of [client, server]) {
        try {
          end.close();
        } catch {
          // closed by its own stream already
        }
      }
    });
    await Promise.allSettled([
      client.readable.pipeTo(server.writable),
      server.readable.pipeTo(client.writable),
    ]);
    open.get(port)?.();
    open.delete(port);
  }

  const accepting = (async () => {
    for await (const client of listener) {
      const carried: Promise<void> = carry(client).finally(() => running.delete(carried));
      running.add(carried);
    }
  })();

  return {
    port: listener.addr.port,
    slam: (remotePort) => open.get(remotePort)?.(),
    async close() {
      listener.close();
      for (const close of [...open.values()]) close();
      await accepting;
      await Promise.all(running);
    },
  };
}
