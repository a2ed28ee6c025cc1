import { assert, assertEquals, assertLess, assertNotMatch, assertRejects } from "@std/assert";
import { startWebhookServer } from "../../src/server/webhook.ts";
import { systemClock } from "../../src/system/clock.ts";
import { createLog, silentLog } from "../../src/system/log.ts";
import { connectRaw, formPost, isWholeAnswer } from "./raw_http.ts";
import { CLOSES_STALLED, withWebhookServer } from "./webhook_server.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };
const TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>';

/** Posts a form and returns the status and the headers that tell why. */
async function post(url: string, init: RequestInit = {}) {
  const response = await fetch(url, { method: "POST", headers: FORM, body: "a=b", ...init });
  return { response, status: response.status, text: await response.text() };
}

Deno.test("startWebhookServer() hands the route what was sent, undecoded", async () => {
  await withWebhookServer({}, async ({ url, reached }) => {
    await post(`${url}?a=%20b&c=+`, {
      body: "Body=%F0%9F%91%8B&From=%2B15551234567",
      headers: {
        ...FORM,
        "x-twilio-signature": "sig=",
        "i-twilio-idempotency-token": "token",
        "x-forwarded-for": "10.0.0.1, 203.0.113.9",
      },
    });
    const [{ body, ...rest } = { body: new Uint8Array() }] = reached;
    assertEquals(new TextDecoder().decode(body), "Body=%F0%9F%91%8B&From=%2B15551234567");
    assertEquals(rest, {
      path: "/webhooks/sms",
      query: "?a=%20b&c=+",
      contentType: "application/x-www-form-urlencoded",
      signature: "sig=",
      clientAddress: "203.0.113.9",
    });
  });
});

Deno.test("startWebhookServer() tells the route that headers are missing", async () => {
  await withWebhookServer({}, async ({ url, reached }) => {
    await post(url);
    assertEquals(reached[0]?.signature, null);
    assertEquals([reached[0]?.query, reached[0]?.clientAddress], ["", "127.0.0.1"]);
  });
});

Deno.test("startWebhookServer() answers every accepted request alike, with empty TwiML", async () => {
  await withWebhookServer({}, async ({ url }) => {
    const seen = new Set<string>();
    for (const body of ["From=%2B15551234567", "From=%2B15557654321&Body=hello", ""]) {
      const { response, text } = await post(url, { body });
      const headers = [...response.headers].filter(([name]) => name !== "date");
      seen.add(JSON.stringify([response.status, headers, text]));
    }
    assertEquals(seen.size, 1);
    const [status, headers, text] = JSON.parse([...seen][0]!);
    assertEquals([status, text], [200, TWIML]);
    assertEquals(Object.fromEntries(headers)["content-type"], "text/xml; charset=utf-8");
  });
});

Deno.test("startWebhookServer() answers JSON posts as well", async () => {
  await withWebhookServer({}, async ({ url, reached }) => {
    const { status } = await post(url, {
      body: "{}",
      headers: { "content-type": "Application/JSON; charset=utf-8" },
    });
    assertEquals([status, reached.length], [200, 1]);
  });
});

Deno.test("startWebhookServer() refuses in the order path, method, type, size", async () => {
  await withWebhookServer({}, async ({ url, reached }) => {
    const long = "x".repeat(32 * 1024 + 1);
    const other = { "content-type": "text/plain" };
    const elsewhere = await post(`${url}/`, { method: "PUT", headers: other, body: long });
    const method = await post(url, { method: "PUT", headers: other, body: long });
    const type = await post(url, { headers: other, body: long });
    const size = await post(url, { body: long });
    assertEquals([elsewhere, method, type, size].map(({ status }) => status), [404, 405, 415, 413]);
    assertEquals(method.response.headers.get("allow"), "POST");
    assertEquals(reached.length, 0);
  });
});

Deno.test("startWebhookServer() takes a body of exactly the size allowed", async () => {
  await withWebhookServer({}, async ({ url, reached }) => {
    const { status } = await post(url, { body: "x".repeat(32 * 1024) });
    assertEquals([status, reached[0]?.body.byteLength], [200, 32 * 1024]);
  });
});

Deno.test("startWebhookServer() counts a chunked body and stops keeping it at the limit", async () => {
  await withWebhookServer({ limits: { bodyBytesMax: 1_000 } }, async ({ url, reached, server }) => {
    const pieces = Array.from({ length: 200 }, () => new Uint8Array(5_000));
    const { status } = await post(url, { body: ReadableStream.from(pieces) });
    assertEquals([status, reached.length], [413, 0]);
    const statuses = [];
    for (const bytes of [1_000, 1_001]) {
      const { status } = await post(url, { body: ReadableStream.from([new Uint8Array(bytes)]) });
      statuses.push(status);
    }
    assertEquals([statuses, reached.length, server.connections <= 3], [[200, 413], 1, true]);
  });
});

Deno.test("startWebhookServer() answers with the route's refusal and its Retry-After", async () => {
  const answer = { kind: "refused", status: 429, reason: "rate", retryAfterSeconds: 1.2 } as const;
  await withWebhookServer({ answer: () => answer }, async ({ url, outcomes }) => {
    const { response, text } = await post(url);
    assertEquals([response.status, text], [429, "Too Many Requests\n"]);
    assertEquals(response.headers.get("retry-after"), "2");
    assertEquals(outcomes.map(({ status, reason }) => [status, reason]), [[429, "rate"]]);
  });
});

Deno.test("startWebhookServer() turns a route's exception into 503 and a log line", async () => {
  const lines: string[] = [];
  const log = createLog({
    clock: systemClock,
    format: "text",
    level: "debug",
    colour: false,
    write: (line) => lines.push(line),
  });
  const answer = () => {
    throw new TypeError("x is undefined");
  };
  await withWebhookServer({ answer, log }, async ({ url }) => {
    const { status, text } = await post(url);
    assertEquals([status, text], [503, "Service Unavailable\n"]);
    assertEquals(lines.map((line) => line.includes("webhook.failed")), [true]);
    assertNotMatch(text, /undefined|TypeError/);
  });
});

Deno.test({
  name: "startWebhookServer() ends a body that stalls with 408 and never shows it to the route",
  ignore: !CLOSES_STALLED,
  async fn() {
    const limits = { bodyTimeoutMs: 100 };
    await withWebhookServer({ limits }, async ({ port, reached }) => {
      const connection = await connectRaw(port);
      await connection.send(formPost("x".repeat(10)).slice(0, -5));
      const { text, closed } = await connection.receive();
      connection.close();
      assertEquals([text.slice(0, 12), closed, reached.length], ["HTTP/1.1 408", true, 0]);
    });
  },
});

Deno.test("startWebhookServer() ends a body that trickles, too", async () => {
  const limits = { bodyTimeoutMs: 150 };
  await withWebhookServer({ limits }, async ({ port }) => {
    const connection = await connectRaw(port);
    await connection.send(formPost("x".repeat(1_000)).slice(0, -999));
    const trickle = setInterval(() => connection.send("x").catch(() => {}), 20);
    const { text } = await connection.receive();
    clearInterval(trickle);
    connection.close();
    assertEquals(text.slice(0, 12), "HTTP/1.1 408");
  });
});

Deno.test({
  name: "startWebhookServer() ends a head that stalls",
  ignore: !CLOSES_STALLED,
  async fn() {
    await withWebhookServer({ limits: { headersTimeoutMs: 100 } }, async ({ port, server }) => {
      const connection = await connectRaw(port);
      await connection.send("POST /webhooks/sms HTTP/1.1\r\nHost: a\r\nX-A: ");
      const { closed } = await connection.receive();
      connection.close();
      assertEquals([closed, server.connections], [true, 0]);
    });
  },
});

Deno.test({
  name: "startWebhookServer() asks for the body only when the head is in order",
  ignore: !CLOSES_STALLED,
  async fn() {
    await withWebhookServer({}, async ({ port, reached }) => {
      const expect = "Expect: 100-continue\r\nConnection: close\r\n";
      const long = await connectRaw(port);
      await long.send(formPost("x".repeat(40_000), expect).slice(0, -40_000));
      const refused = await long.receive(isWholeAnswer);
      long.close();
      assertEquals(refused.text.slice(0, 12), "HTTP/1.1 413");

      const short = await connectRaw(port);
      await short.send(formPost("a=b", expect).slice(0, -3));
      const go = await short.receive((text) => text.endsWith("\r\n\r\n"));
      await short.send("a=b");
      const taken = await short.receive(isWholeAnswer);
      short.close();
      assertEquals([go.text, taken.text.slice(0, 12)], [
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200",
      ]);
      assertEquals(reached.length, 1);
    });
  },
});

Deno.test("startWebhookServer() keeps so many connections after accepting, and tells others that it closes them", async () => {
  await withWebhookServer({ limits: { connectionsKeptMax: 2 } }, async ({ port, server }) => {
    const connections = [];
    const ends = [];
    for (const _ of [1, 2, 3, 4]) {
      const connection = await connectRaw(port);
      connections.push(connection);
      await connection.send(formPost("a=b"));
      const { text } = await connection.receive(isWholeAnswer);
      ends.push([text.slice(0, 12), /^connection: close\r$/im.test(text)]);
    }
    assertEquals(ends, [
      ["HTTP/1.1 200", false],
      ["HTTP/1.1 200", false],
      ["HTTP/1.1 200", true],
      ["HTTP/1.1 200", true],
    ]);
    while (server.connections > 2) await new Promise((resolve) => setTimeout(resolve, 5));
    connections.forEach((connection) => connection.close());
  });
});

Deno.test("startWebhookServer() keeps a connection after accepting and closes it after refusing", async () => {
  await withWebhookServer({}, async ({ port, reached }) => {
    const connection = await connectRaw(port);
    for (const _ of [1, 2]) {
      await connection.send(formPost("a=b"));
      assertEquals((await connection.receive(isWholeAnswer)).closed, false);
    }
    await connection.send("GET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n");
    const { text, closed } = await connection.receive();
    connection.close();
    assertEquals([text.slice(0, 12), closed, reached.length], ["HTTP/1.1 404", true, 2]);
  });
});

Deno.test({
  name: "startWebhookServer() lets valid requests through a crowd of stalled ones",
  ignore: !CLOSES_STALLED,
  async fn() {
    const limits = { connectionsMax: 20, bufferedBytesMax: 4_000 };
    await withWebhookServer({ limits }, async ({ url, port, server, reached }) => {
      const stalled = await Promise.all(Array.from({ length: 60 }, () => connectRaw(port)));
      const half = formPost("x".repeat(1_000)).slice(0, -500);
      await Promise.all(stalled.map((one) => one.send(half).catch(() => {})));
      const startedMs = performance.now();
      for (let i = 0; i < 50; i++) assertEquals((await post(url)).status, 200);
      const tookMs = performance.now() - startedMs;
      assertEquals(reached.length, 50);
      assert(server.connections <= 20);
      assertLess(tookMs, 2_000);
      stalled.forEach((one) => one.close());
    });
  },
});

Deno.test({
  name: "startWebhookServer() answers what it has read whole before it shuts down",
  ignore: !CLOSES_STALLED,
  async fn() {
    const finish = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    const answer = async () => {
      started.resolve();
      await finish.promise;
      return { kind: "accepted" } as const;
    };
    await withWebhookServer({ answer }, async ({ port, server, url }) => {
      const idle = await connectRaw(port);
      const busy = await connectRaw(port);
      await busy.send(formPost("a=b"));
      await started.promise;
      const down = server.shutdown();
      assertEquals((await idle.receive()).closed, true);
      await assertRejects(() => post(url));
      finish.resolve();
      const { text, closed } = await busy.receive();
      await down;
      assertEquals([text.slice(0, 12), closed], ["HTTP/1.1 200", true]);
      [idle, busy].forEach((one) => one.close());
    });
  },
});

Deno.test("startWebhookServer() serves content by GET and HEAD on paths that are no webhooks", async () => {
  const body = new TextEncoder().encode("GIF89a");
  const contentFor = (path: string) => {
    if (path === "/media/gone") {
      return () => Promise.resolve({ kind: "refused", status: 404, reason: "token" } as const);
    }
    if (path !== "/media/token") return undefined;
    return () => Promise.resolve({ kind: "content", type: "image/gif", body } as const);
  };
  await withWebhookServer({ contentFor }, async ({ url }) => {
    const get = await fetch(new URL("/media/token", url));
    assertEquals([get.headers.get("content-type"), await get.text()], ["image/gif", "GIF89a"]);
    const head = await fetch(new URL("/media/token", url), { method: "HEAD" });
    assertEquals([head.headers.get("content-length"), await head.text()], ["6", ""]);
    const statuses = await Promise.all(
      [["/media/gone", "GET"], ["/media/token", "POST"], ["/media/other", "GET"]].map(
        async ([path, method]) => {
          const response = await fetch(new URL(path!, url), { method: method! });
          await response.body?.cancel();
          return response.status;
        },
      ),
    );
    assertEquals(statuses, [404, 405, 404]);
  });
});

Deno.test("startWebhookServer() says why it cannot listen", async () => {
  await withWebhookServer({}, async ({ port }) => {
    await assertRejects(
      () =>
        startWebhookServer({
          listen: { hostname: "127.0.0.1", port },
          clock: systemClock,
          log: silentLog,
          routeFor: () => undefined,
        }),
      Error,
      `Cannot listen on 127.0.0.1:${port}: another program listens there`,
    );
  });
});
