import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Socket } from "../../src/gateway/connection.ts";
import { openGatewaySocket } from "../../src/gateway/web_socket.ts";
import { GATEWAY_MESSAGE_BYTES_MAX } from "../../src/system/limits.ts";

/** The end of a socket: its close code. */
function ended(socket: Socket): Promise<number> {
  return new Promise((resolve) => socket.onclose = ({ code }) => resolve(code));
}

/** A server that answers each connection as `serve` does, and how to reach it. */
function rawServer(serve: (conn: Deno.TcpConn) => Promise<unknown>) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const conn of listener) {
      await serve(conn).catch(() => {});
      try {
        conn.close();
      } catch {
        // It is closed already.
      }
    }
  })();
  return {
    url: `ws://127.0.0.1:${listener.addr.port}/path?a=b`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await served;
    },
  };
}

/** Reads the request for a WebSocket and agrees to it; returns the request. */
async function agree(conn: Deno.TcpConn): Promise<string> {
  const buffer = new Uint8Array(4_096);
  const request = new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
  const key = request.match(/Sec-WebSocket-Key: (\S+)/)![1];
  const salted = new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-1", salted));
  const accept = btoa(String.fromCharCode(...hash));
  await write(
    conn,
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: Upgrade\r\n" +
      `SEC-WEBSOCKET-ACCEPT: ${accept}\r\n\r\n`,
  );
  return request;
}

async function write(conn: Deno.TcpConn, what: string | Uint8Array): Promise<void> {
  let rest = typeof what === "string" ? new TextEncoder().encode(what) : what;
  while (rest.length > 0) rest = rest.subarray(await conn.write(rest));
}

Deno.test("openGatewaySocket() carries texts of all lengths both ways, in order", async () => {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => data === "bye" ? socket.close(1012) : socket.send(data);
    socket.onopen = () => socket.send("hello");
    return response;
  });
  const socket = openGatewaySocket(`ws://127.0.0.1:${server.addr.port}`);
  assertThrows(() => socket.send("too early"));
  const texts = [
    "",
    "é中😀",
    "x".repeat(125),
    "x".repeat(126),
    "y".repeat(70_000),
    "z".repeat(5e6),
  ];
  const heard: unknown[] = [];
  socket.onmessage = ({ data }) => {
    heard.push(data);
    if (heard.length === 1) { for (const text of [...texts, "bye"]) socket.send(text); }
  };
  assertEquals(await ended(socket), 1012);
  assertEquals(heard.map(String), ["hello", ...texts]);
  assertThrows(() => socket.send("too late"));
  await server.shutdown();
});

Deno.test("openGatewaySocket() ends a message of never-ending fragments at the cap", async () => {
  let sent = 0;
  await using server = rawServer(async (conn) => {
    await agree(conn);
    const part = new Uint8Array(10 + 65_536).fill(65);
    part.set([1, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    while (sent < 10 * GATEWAY_MESSAGE_BYTES_MAX) {
      await write(conn, part);
      part[0] = 0;
      sent += 65_536;
    }
  });
  const socket = openGatewaySocket(server.url);
  assertEquals(await ended(socket), 1009);
  assert(sent < 2 * GATEWAY_MESSAGE_BYTES_MAX, `${sent} bytes`);
});

Deno.test("openGatewaySocket() answers pings and asks for the URL's path", async () => {
  let pong = new Uint8Array(0);
  let request = "";
  await using server = rawServer(async (conn) => {
    request = await agree(conn);
    await write(conn, new Uint8Array([0x89, 1, 65]));
    const buffer = new Uint8Array(100);
    pong = buffer.slice(0, await conn.read(buffer) ?? 0);
  });
  const socket = openGatewaySocket(server.url);
  assertEquals(await ended(socket), 1006);
  assertEquals([pong[0], pong[1], pong[6]! ^ pong[2]!], [0x8a, 0x81, 65]);
  assert(request.startsWith("GET /path?a=b HTTP/1.1\r\nHost: 127.0.0.1:"), request);
});

Deno.test("openGatewaySocket() ends where the other side agrees to nothing, or to something else", async () => {
  const answers = [
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
    "SSH-2.0-OpenSSH_9.7\r\n",
    `HTTP/1.1 101 x\r\n${"a: b\r\n".repeat(10_000)}`,
    "",
  ];
  for (const answer of answers) {
    await using server = rawServer(async (conn) => {
      await conn.read(new Uint8Array(4_096));
      await write(conn, answer);
    });
    const socket = openGatewaySocket(server.url);
    assertEquals(await ended(socket), 1006, answer.slice(0, 40));
  }
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  assertEquals(await ended(openGatewaySocket(`ws://127.0.0.1:${listener.addr.port}`)), 1006);
});

Deno.test("openGatewaySocket() ends at once when it is closed before, in and after its handshake", async () => {
  for (const when of ["at once", "in the handshake", "open"]) {
    const asked = Promise.withResolvers<void>();
    await using server = rawServer(async (conn) => {
      if (when === "open") await agree(conn);
      else await conn.read(new Uint8Array(4_096));
      if (when === "open") await write(conn, new Uint8Array([0x81, 0]));
      asked.resolve();
      while (await conn.read(new Uint8Array(4_096)) !== null);
    });
    const socket = openGatewaySocket(server.url);
    if (when === "open") socket.onmessage = () => socket.close();
    const end = ended(socket);
    if (when === "at once") socket.close();
    else if (when !== "open") asked.promise.then(() => socket.close());
    await end;
  }
});

Deno.test("openGatewaySocket() throws for what is no WebSocket's URL", () => {
  for (const url of ["http://127.0.0.1", "127.0.0.1:80", ""]) {
    assertThrows(() => openGatewaySocket(url), TypeError);
  }
});
