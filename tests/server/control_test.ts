import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type ControlServer, startControlServer } from "../../src/server/control.ts";
import { controlClient } from "../../src/server/control_client.ts";
import { systemClock } from "../../src/system/clock.ts";
import { Failure, failure } from "../../src/system/failure.ts";
import { silentLog } from "../../src/system/log.ts";

async function withSocket(test: (path: string) => Promise<void>) {
  const directory = await Deno.makeTempDir();
  try {
    await test(`${directory}/control.sock`);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function serve(path: string): Promise<ControlServer> {
  const server = await startControlServer({
    path,
    log: silentLog,
    clock: systemClock,
    takesRows: "/v1/rows",
    routes: {
      "POST /v1/rows": ({ body }) => String(body).length,
      "GET /v1/status": () => ({ ok: true }),
      "GET /v1/messages/{id}": ({ params, query }) => ({ ...params, full: query.get("full") }),
      "POST /v1/messages": ({ body, idempotencyKey }) => ({ body, idempotencyKey }),
      "POST /v1/refused": () =>
        failure("conflict", "code-used", "The code has been used", "ask for another"),
      "POST /v1/broken": () => {
        throw new Error("secret detail");
      },
    },
  });
  assert(!(server instanceof Failure));
  return server;
}

Deno.test("controlClient() gets the handler's value through the socket", async () => {
  await withSocket(async (path) => {
    const server = await serve(path);
    const client = controlClient(path);
    assertEquals(await client.request("GET", "/v1/status"), {
      kind: "answer",
      value: { ok: true },
    });
    assertEquals(await client.request("GET", "/v1/messages/a%2Fb?full=1"), {
      kind: "answer",
      value: { id: "a/b", full: "1" },
    });
    assertEquals(
      await client.request("POST", "/v1/messages", { to: "x" }, { idempotencyKey: "k" }),
      { kind: "answer", value: { body: { to: "x" }, idempotencyKey: "k" } },
    );
    await server.shutdown();
  });
});

Deno.test("controlClient() gets a handler's failure with its kind, code and hint", async () => {
  await withSocket(async (path) => {
    const server = await serve(path);
    const reply = await controlClient(path).request("POST", "/v1/refused");
    assert(reply.kind === "failure");
    assertEquals(reply.error.kind, "conflict");
    assertEquals(reply.error.toJSON(), {
      code: "code-used",
      message: "The code has been used",
      hint: "ask for another",
    });
    await server.shutdown();
  });
});

Deno.test("startControlServer() answers an exception without its details", async () => {
  await withSocket(async (path) => {
    const server = await serve(path);
    const reply = await controlClient(path).request("POST", "/v1/broken");
    assert(reply.kind === "failure");
    assertEquals(reply.error.code, "internal");
    assert(!reply.error.message.includes("secret detail"));
    await server.shutdown();
  });
});

Deno.test("startControlServer() answers unknown routes, bad JSON and long bodies with failures", async () => {
  await withSocket(async (path) => {
    const server = await serve(path);
    const client = controlClient(path);
    const code = async (method: string, route: string, body?: unknown) => {
      const reply = await client.request(method, route, body);
      return reply.kind === "failure" ? reply.error.code : reply.kind;
    };
    assertEquals(await code("GET", "/v1/nothing"), "no-such-route");
    assertEquals(await code("DELETE", "/v1/status"), "no-such-method");
    assertEquals(await code("POST", "/v1/messages", "x".repeat(70_000)), "body-too-large");
    assertEquals(await code("POST", "/v1/rows", "x".repeat(400_000)), "answer");
    assertEquals(await code("POST", "/v1/rows", "x".repeat(600_000)), "body-too-large");
    using http = Deno.createHttpClient({ proxy: { transport: "unix", path } });
    for (const body of ["{", `${"[".repeat(300)}${"]".repeat(300)}`]) {
      const bad = await fetch("http://localhost/v1/messages", {
        method: "POST",
        body,
        client: http,
      });
      assertEquals([bad.status, (await bad.json()).code], [400, "body-not-json"]);
    }
    const undecodable = await fetch("http://localhost/v1/messages/%E0%A4", { client: http });
    assertEquals([undecodable.status, (await undecodable.json()).code], [
      400,
      "path-not-decodable",
    ]);
    await server.shutdown();
  });
});

Deno.test("controlClient() tells that no daemon runs when there is no socket", async () => {
  await withSocket(async (path) => {
    assertEquals(await controlClient(path).request("GET", "/v1/status"), { kind: "absent" });
  });
});

/** Leaves the socket file of a process that is gone. */
function abandonSocket(path: string) {
  const listener = Deno.listen({ transport: "unix", path: `${path}.1` });
  Deno.linkSync(`${path}.1`, path);
  listener.close();
}

Deno.test("startControlServer() takes over the socket of a daemon that died", async () => {
  await withSocket(async (path) => {
    abandonSocket(path);
    assertEquals(await controlClient(path).request("GET", "/v1/status"), { kind: "absent" });
    const server = await serve(path);
    assertEquals((await controlClient(path).request("GET", "/v1/status")).kind, "answer");
    await server.shutdown();
  });
});

Deno.test("startControlServer() refuses a socket that another daemon answers on", async () => {
  await withSocket(async (path) => {
    const server = await serve(path);
    const second = await startControlServer({
      path,
      routes: {},
      log: silentLog,
      clock: systemClock,
    });
    assert(second instanceof Failure);
    assertEquals([second.kind, second.code], ["conflict", "already-running"]);
    assertEquals((await controlClient(path).request("GET", "/v1/status")).kind, "answer");
    await server.shutdown();
  });
});

Deno.test("startControlServer() leaves a file alone that is no socket", async () => {
  await withSocket(async (path) => {
    await Deno.writeTextFile(path, "precious");
    const refused = await startControlServer({
      path,
      routes: {},
      log: silentLog,
      clock: systemClock,
    });
    assert(refused instanceof Failure);
    assertEquals(refused.code, "socket-path-taken");
    assertEquals(await Deno.readTextFile(path), "precious");
  });
});

Deno.test("startControlServer() refuses a path that no socket can have", async () => {
  const path = `/tmp/${"d".repeat(100)}/control.sock`;
  const refused = await startControlServer({
    path,
    routes: {},
    log: silentLog,
    clock: systemClock,
  });
  assert(refused instanceof Failure);
  assertEquals(refused.kind, "configuration");
  assertStringIncludes(refused.message, "at most 100 bytes: current value has 118");
});

Deno.test("startControlServer() makes the socket its owner's alone and removes it at the end", async () => {
  await withSocket(async (path) => {
    const server = await serve(path);
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    await server.shutdown();
    assertEquals(await controlClient(path).request("GET", "/v1/status"), { kind: "absent" });
    assertEquals(await Deno.lstat(path).catch(() => null), null);
  });
});

Deno.test("controlClient() stops waiting when its signal aborts or its time is over", async () => {
  await withSocket(async (path) => {
    const finish = Promise.withResolvers<void>();
    const server = await startControlServer({
      path,
      log: silentLog,
      clock: systemClock,
      routes: { "GET /v1/slow": () => finish.promise },
    });
    assert(!(server instanceof Failure));
    const client = controlClient(path);
    const stop = new AbortController();
    const first = client.request("GET", "/v1/slow", undefined, { signal: stop.signal });
    const second = client.request("GET", "/v1/slow", undefined, { timeoutMs: 20 });
    const late = await second;
    stop.abort();
    const interrupted = await first;
    assert(late.kind === "failure" && interrupted.kind === "failure");
    assertEquals([late.error.kind, interrupted.error.kind], ["unreachable", "interrupted"]);
    finish.resolve();
    await server.shutdown();
  });
});

Deno.test("startControlServer() ends a request whose body breaks off, and answers the next", async () => {
  await withSocket(async (path) => {
    const server = await serve(path);
    const conn = await Deno.connect({ transport: "unix", path });
    const request = "POST /v1/messages HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "ffffffffffffffff\r\n{}";
    await conn.write(new TextEncoder().encode(request));
    await conn.closeWrite();
    const buffer = new Uint8Array(1_000);
    const answer = new TextDecoder().decode(buffer.subarray(0, await conn.read(buffer) ?? 0));
    assert(answer === "" || answer.startsWith("HTTP/1.1 400"), answer);
    conn.close();
    assertEquals((await controlClient(path).request("GET", "/v1/status")).kind, "answer");
    await server.shutdown();
  });
});

/** What comes back for these bytes, to the end. */
async function answerTo(path: string, request: string): Promise<string> {
  const conn = await Deno.connect({ transport: "unix", path });
  await conn.write(new TextEncoder().encode(request));
  const text = await new Response(conn.readable).text();
  return text;
}

Deno.test("startControlServer() ends the connection that waits longest when they get too many", async () => {
  await withSocket(async (path) => {
    const server = await serve(path);
    const silent: Deno.UnixConn[] = [];
    for (let i = 0; i <= 64; i++) silent.push(await Deno.connect({ transport: "unix", path }));
    assertEquals((await controlClient(path).request("GET", "/v1/status")).kind, "answer");
    assertEquals(await silent[0]!.read(new Uint8Array(1)), null);
    silent.forEach((conn) => conn.close());
    await server.shutdown();
  });
});

Deno.test("startControlServer() takes headers that are named as what objects have", async () => {
  await withSocket(async (path) => {
    const server = await serve(path);
    for (const name of ["constructor", "__proto__", "toString", "valueOf", "hasOwnProperty"]) {
      const head = `GET /v1/status HTTP/1.1\r\nHost: a\r\n${name}: b\r\n${name}: c\r\n` +
        "Connection: close\r\n\r\n";
      assertStringIncludes(await answerTo(path, head), "HTTP/1.1 200", name);
    }
    await server.shutdown();
  });
});

Deno.test("startControlServer() answers 400 to what is no request of the web", async () => {
  await withSocket(async (path) => {
    const server = await serve(path);
    for (const line of ["TRACE /v1/status", "OPTIONS *", "GET data:text/plain,x"]) {
      const head = `${line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
      assertStringIncludes(await answerTo(path, head), "HTTP/1.1 400", line);
    }
    assertEquals((await controlClient(path).request("GET", "/v1/status")).kind, "answer");
    await server.shutdown();
  });
});
