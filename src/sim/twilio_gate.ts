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
  /** The same, as soon as the next part of the server's answer has gone out. */
  slamAfterPart(remotePort: number): void;
  /** Breaks all connections and takes no more. */
  close(): Promise<void>;
}

/** One connection through the door. */
interface Carriage {
  slamAfterPart: boolean;
  readonly close: () => void;
}

function closeBoth(...ends: Deno.TcpConn[]): void {
  for (const end of ends) {
    try {
      end.close();
    } catch {
      // closed by its own stream already
    }
  }
}

async function carryBack(
  server: Deno.TcpConn,
  client: Deno.TcpConn,
  carriage: Carriage,
): Promise<void> {
  const writer = client.writable.getWriter();
  for await (const part of server.readable) {
    await writer.write(part);
    if (carriage.slamAfterPart) carriage.close();
  }
  await writer.close();
}

/** Opens a door on loopback before the server that listens on `serverPort`. */
export function openGate(serverPort: number): Gate {
  const hostname = "127.0.0.1";
  const listener = Deno.listen({ hostname, port: 0 });
  const open = new Map<number, Carriage>();
  const running = new Set<Promise<void>>();

  async function carry(client: Deno.TcpConn): Promise<void> {
    const server = await Deno.connect({ hostname, port: serverPort });
    const { port } = server.localAddr;
    const carriage: Carriage = { slamAfterPart: false, close: () => closeBoth(client, server) };
    open.set(port, carriage);
    await Promise.allSettled([
      client.readable.pipeTo(server.writable),
      carryBack(server, client, carriage),
    ]);
    carriage.close();
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
    slam: (remotePort) => open.get(remotePort)?.close(),
    slamAfterPart(remotePort) {
      const carriage = open.get(remotePort);
      if (carriage !== undefined) carriage.slamAfterPart = true;
    },
    async close() {
      listener.close();
      for (const { close } of [...open.values()]) close();
      await accepting;
      await Promise.all(running);
    },
  };
}
