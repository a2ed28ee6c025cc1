import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { failure } from "../../src/system/failure.ts";
import { type AdminServerOptions, startAdminServer } from "../../src/admin/listener.ts";
import { systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import { connectRaw } from "../server/raw_http.ts";
import { CLOSES_STALLED } from "../server/webhook_server.ts";

const LISTEN = { hostname: "127.0.0.1", port: 0 };

/** Runs a test against an admin listener; `get` returns status, type and text of a page. */
async function withAdmin(
  options: Partial<AdminServerOptions>,
  test: (
    get: (path: string, init?: RequestInit) => Promise<[number, string | null, string]>,
    port: number,
  ) => Promise<void>,
) {
  const server = await startAdminServer({
    listen: LISTEN,
    health: () => ({ ok: true, reasons: [] }),
    readiness: () => ({ ok: false, reasons: ["gateway-away"] }),
    metrics: () => "smsbridge_up 1\n",
    log: silentLog,
    clock: systemClock,
    ...options,
  });
  const { port } = server.address!;
  try {
    await test(async (path, init = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      return [response.status, response.headers.get("content-type"), await response.text()];
    }, port);
  } finally {
    await server.shutdown();
  }
}

Deno.test("startAdminServer() tells health, readiness with its reasons, and metrics", async () => {
  await withAdmin({}, async (get) => {
    assertEquals(await get("/healthz"), [200, "application/json", '{"ok":true,"reasons":[]}']);
    const [status, , text] = await get("/readyz");
    assertEquals([status, JSON.parse(text)], [503, { ok: false, reasons: ["gateway-away"] }]);
    assertEquals(await get("/metrics"), [
      200,
      "text/plain; version=0.0.4; charset=utf-8",
      "smsbridge_up 1\n",
    ]);
  });
});

Deno.test("startAdminServer() refuses what comes through Funnel, whatever the path", async () => {
  await withAdmin({}, async (get) => {
    const headers = { "tailscale-funnel-request": "?1" };
    for (const path of ["/healthz", "/readyz", "/metrics", "/elsewhere"]) {
      assertEquals((await get(path, { headers }))[0], 403);
    }
  });
});

Deno.test("startAdminServer() has no other pages and takes no other methods", async () => {
  await withAdmin({}, async (get) => {
    assertEquals((await get("/"))[0], 404);
    assertEquals((await get("/metrics", { method: "POST", body: "x" }))[0], 405);
    assertEquals((await get("/constructor"))[0], 404);
  });
});

Deno.test("startAdminServer() answers 503 without details when a provider throws", async () => {
  const metrics = () => {
    throw new Error("secret detail");
  };
  await withAdmin({ metrics }, async (get) => {
    const [status, , text] = await get("/metrics");
    assertEquals([status, text], [503, "Service Unavailable\n"]);
  });
});

Deno.test("startAdminServer() says what a person is told, when that is why a provider has no answer", async () => {
  const metrics = () => {
    throw failure("failed", "store-unusable", "Cannot use the store: it does not answer", "wait");
  };
  await withAdmin({ metrics }, async (get) => {
    const [status, , text] = await get("/metrics");
    assertEquals([status, text], [503, "Cannot use the store: it does not answer; wait\n"]);
  });
});

Deno.test("startAdminServer() says why it cannot listen", async () => {
  await withAdmin({}, async (_, port) => {
    await assertRejects(
      () => withAdmin({ listen: { ...LISTEN, port } }, async () => {}),
      Error,
      "another program listens there",
    );
  });
});

Deno.test("startAdminServer() listens on a Unix socket of its owner's", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/admin.sock`;
  const server = await startAdminServer({
    listen: { path },
    health: () => ({ ok: true, reasons: [] }),
    readiness: () => ({ ok: true, reasons: [] }),
    metrics: () => "",
    log: silentLog,
    clock: systemClock,
  });
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  const response = await fetch("http://localhost/healthz", { client });
  assertMatch(await response.text(), /true/);
  assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
  await server.shutdown();
  await Deno.remove(directory, { recursive: true });
});

Deno.test({
  name: "startAdminServer() answers beside clients that stall, and ends them",
  ignore: !CLOSES_STALLED,
  async fn() {
    const limits = { connectionsMax: 4, headersTimeoutMs: 300, bodyTimeoutMs: 300 };
    await withAdmin({ limits }, async (get, port) => {
      const stalled = await Promise.all(Array.from({ length: 20 }, () => connectRaw(port)));
      for (const one of stalled) {
        await one.send("POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx")
          .catch(() => {});
      }
      assertEquals((await get("/healthz"))[0], 200);
      for (const one of stalled) {
        assertEquals((await one.receive()).closed, true);
        one.close();
      }
    });
  },
});
