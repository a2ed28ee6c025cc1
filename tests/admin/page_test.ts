import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { startAdminServer } from "../../src/admin/listener.ts";
import { createAdminPage } from "../../src/admin/page.ts";
import { createAdminSessions } from "../../src/admin/session.ts";
import { createSimClock } from "../../src/sim/clock.ts";
import { systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import {
  ADMIN_FORM_BYTES_MAX,
  ADMIN_REFRESH_MS,
  ADMIN_SESSION_TTL_MS,
} from "../../src/system/limits.ts";
import { systemRandom } from "../../src/system/random.ts";

/** A page on a listener, what it was asked to do, and a browser without one. */
async function openPage() {
  const clock = createSimClock();
  const sessions = createAdminSessions(clock, systemRandom);
  const asked: string[] = [];
  const state = { text: "first", tailnet: { hosts: [] as string[], users: [] as string[] } };
  const page = createAdminPage({
    sessions,
    clock,
    random: systemRandom,
    rooms: ["/", "/people"],
    main: ({ path }, { csrf }) => Promise.resolve(`<p>${path} ${state.text}</p><i>${csrf}</i>`),
    document: ({ nonce, notice, main }) => `${nonce}|${notice}|${main}`,
    actions: { "/pairings/approve": { room: "/people" }, "/pairings/reject": { room: "/people" } },
    tailnet: () => state.tailnet,
    act(path, form) {
      asked.push(`${path} ${form.get("code")} ${form.get("account")}`);
      return Promise.resolve("done");
    },
  });
  const server = await startAdminServer({
    listen: { hostname: "127.0.0.1", port: 0 },
    health: () => ({ ok: true, reasons: [] }),
    readiness: () => ({ ok: true, reasons: [] }),
    metrics: () => "",
    page,
    log: silentLog,
    clock: systemClock,
  });
  const origin = `http://127.0.0.1:${server.address!.port}`;
  const get = (path: string, init: RequestInit = {}) =>
    fetch(`${origin}${path}`, { redirect: "manual", ...init });
  /** Goes in by a link; the header that a browser sends from then on. */
  async function enter(): Promise<{ cookie: string }> {
    const response = await get(`/enter?t=${sessions.link()}`);
    await response.body?.cancel();
    return { cookie: response.headers.get("set-cookie")!.split(";")[0]! };
  }
  async function csrfOf(headers: { cookie: string }): Promise<string> {
    const text = await (await get("/", { headers })).text();
    return text.match(/<i>(.*)<\/i>/)![1]!;
  }
  return {
    clock,
    sessions,
    asked,
    state,
    origin,
    get,
    enter,
    csrfOf,
    async status(path: string, init: RequestInit = {}): Promise<number> {
      const response = await get(path, init);
      await response.body?.cancel();
      return response.status;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("the admin page opens by a link once, and to nobody without one", async () => {
  await using page = await openPage();
  assertEquals(await page.status("/"), 403);
  assertEquals(await page.status("/events"), 403);
  assertEquals(await page.status("/enter?t=guess"), 403);
  const link = `/enter?t=${page.sessions.link()}`;
  const response = await page.get(link);
  await response.body?.cancel();
  assertEquals([response.status, response.headers.get("location")], [303, "/"]);
  assertMatch(
    response.headers.get("set-cookie")!,
    /^sms_bridge_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/,
  );
  assertEquals(await page.status(link), 403);
  const headers = { cookie: response.headers.get("set-cookie")!.split(";")[0]! };
  assertEquals(await page.status("/", { headers }), 200);
  for (const cookie of ["sms_bridge_session=x", "=x", "a=b;", ";;"]) {
    assertEquals(await page.status("/", { headers: { cookie } }), 403, cookie);
  }
});

Deno.test("the admin page's links and sessions end", async () => {
  await using page = await openPage();
  const link = `/enter?t=${page.sessions.link()}`;
  await page.clock.advance(5 * 60_000);
  assertEquals(await page.status(link), 403);
  const headers = await page.enter();
  assertEquals(await page.status("/", { headers }), 200);
  await page.clock.advance(ADMIN_SESSION_TTL_MS);
  assertEquals(await page.status("/", { headers }), 403);
});

Deno.test("the admin page allows its own style and script alone, anew each time", async () => {
  await using page = await openPage();
  const headers = await page.enter();
  const seen = new Set<string>();
  for (let i = 0; i < 2; i++) {
    const response = await page.get("/", { headers });
    const [nonce = ""] = (await response.text()).split("|");
    const policy = response.headers.get("content-security-policy")!;
    assertStringIncludes(policy, "default-src 'none'");
    assertStringIncludes(policy, `script-src 'nonce-${nonce}'`);
    assert(!policy.includes("unsafe"));
    assertEquals(response.headers.get("cache-control"), "no-store");
    seen.add(nonce);
  }
  assertEquals(seen.size, 2);
});

Deno.test("the admin page is not found under a foreign name, as DNS rebinding has it", async () => {
  await using page = await openPage();
  const { cookie } = await page.enter();
  const { port } = new URL(page.origin);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  await connection.write(new TextEncoder().encode(
    `GET / HTTP/1.1\r\nhost: evil.example:${port}\r\ncookie: ${cookie}\r\nconnection: close\r\n\r\n`,
  ));
  assertMatch(await new Response(connection.readable).text(), /^HTTP\/1\.1 404 /);
});

Deno.test("the admin page does what its own forms ask, and tells it once", async () => {
  await using page = await openPage();
  const headers = await page.enter();
  const csrf = await page.csrfOf(headers);
  const body = new URLSearchParams({ csrf, code: "ABCD2345", account: "default" });
  const post = (path: string, more: Record<string, string>, form: BodyInit = body) =>
    page.status(path, { method: "POST", body: form, headers: { ...headers, ...more } });
  const own = { origin: page.origin };
  assertEquals(await post("/pairings/approve", own), 303);
  assertEquals(await post("/pairings/reject", own), 303);
  assertEquals(page.asked, [
    "/pairings/approve ABCD2345 default",
    "/pairings/reject ABCD2345 default",
  ]);
  assertStringIncludes(await (await page.get("/", { headers })).text(), "|done|");
  assertStringIncludes(await (await page.get("/", { headers })).text(), "|null|");
});

Deno.test("the admin page refuses forms that it did not make", async () => {
  await using page = await openPage();
  const headers = await page.enter();
  const csrf = await page.csrfOf(headers);
  const other = await page.csrfOf(await page.enter());
  const fields = { csrf, code: "ABCD2345", account: "default" };
  const post = (more: Record<string, string>, form: BodyInit) =>
    page.status("/pairings/approve", {
      method: "POST",
      body: form,
      headers: { ...headers, ...more },
    });
  const own = { origin: page.origin };
  const form = (more: Record<string, string> = {}) => new URLSearchParams({ ...fields, ...more });
  assertEquals(await post({}, form()), 403, "no origin");
  assertEquals(await post({ origin: "https://evil.example" }, form()), 403);
  assertEquals(await post({ ...own, "sec-fetch-site": "cross-site" }, form()), 403);
  assertEquals(await post(own, form({ csrf: "" })), 403);
  assertEquals(await post(own, form({ csrf: other })), 403, "another session's");
  assertEquals(await post(own, form({ code: "A".repeat(ADMIN_FORM_BYTES_MAX) })), 403);
  assertEquals(await post({ ...own, "content-type": "text/plain" }, form().toString()), 403);
  const noCookie = { method: "POST", body: form(), headers: own };
  assertEquals(await page.status("/pairings/approve", noCookie), 403);
  assertEquals(await page.status("/pairings/approve", { headers }), 404, "not by GET");
  assertEquals(page.asked, []);
});

Deno.test("the admin page sends what has changed, and ends its streams when it closes", async () => {
  const page = await openPage();
  const headers = await page.enter();
  const response = await page.get("/events?room=/people", { headers });
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const until = async (part: string) => {
    while (!text.includes(part)) text += (await reader.read()).value ?? "";
  };
  await until("event:main\ndata:<p>/people first</p>");
  page.state.text = "second";
  while (page.clock.timers === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await page.clock.advance(ADMIN_REFRESH_MS);
  await until("data:<p>/people second</p>");
  await page[Symbol.asyncDispose]();
  while (!(await reader.read()).done);
});

/** Asks the page as `tailscale serve` passes a request on. */
async function asTailnet(
  { origin }: { readonly origin: string },
  head: string,
  more: readonly string[],
): Promise<string> {
  const { port } = new URL(origin);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const lines = [head, "connection: close", ...more, "", ""];
  await connection.write(new TextEncoder().encode(lines.join("\r\n")));
  return await new Response(connection.readable).text();
}

Deno.test("the admin page opens under a tailnet's name that the settings have, for whom Tailscale names", async () => {
  await using page = await openPage();
  const { cookie } = await page.enter();
  const host = "host: pi.tail1234.ts.net";
  const login = "tailscale-user-login: ada@example.com";
  const get = (...more: string[]) =>
    asTailnet(page, "GET /people HTTP/1.1", [host, `cookie: ${cookie}`, ...more]);
  assertMatch(await get(login), /^HTTP\/1\.1 404 /, "no setting allows the name");
  page.state.tailnet.hosts = ["pi.tail1234.ts.net"];
  assertMatch(await get(login), /^HTTP\/1\.1 200 /);
  assertMatch(await get(), /^HTTP\/1\.1 403 /, "Tailscale names nobody");
  page.state.tailnet.users = ["bob@example.com"];
  assertMatch(await get(login), /^HTTP\/1\.1 403 /, "Tailscale names somebody else");
  page.state.tailnet.users = ["ada@example.com"];
  assertMatch(await get(login), /^HTTP\/1\.1 200 /);
  assertMatch(await get(login, "tailscale-funnel-request: ?1"), /^HTTP\/1\.1 403 /);
  const other = await asTailnet(page, "GET /people HTTP/1.1", [
    "host: evil.example",
    `cookie: ${cookie}`,
    login,
  ]);
  assertMatch(other, /^HTTP\/1\.1 404 /, "another name");
});

Deno.test("the admin page gives a tailnet's browser a cookie for TLS alone, and takes its forms", async () => {
  await using page = await openPage();
  page.state.tailnet.hosts = ["pi.tail1234.ts.net"];
  const known = ["host: pi.tail1234.ts.net", "tailscale-user-login: ada@example.com"];
  const entered = await asTailnet(
    page,
    `GET /enter?t=${page.sessions.link()} HTTP/1.1`,
    known,
  );
  const cookie = entered.match(/set-cookie: (sms_bridge_session=[^;]+)(.*)/i)!;
  assertStringIncludes(cookie[2]!, "Secure");
  const csrf = await page.csrfOf({ cookie: cookie[1]! });
  const body = new URLSearchParams({ csrf, code: "ABCD2345", account: "default" }).toString();
  const post = (origin: string) =>
    asTailnet(page, "POST /pairings/approve HTTP/1.1", [
      ...known,
      `cookie: ${cookie[1]}`,
      `origin: ${origin}`,
      "content-type: application/x-www-form-urlencoded",
      `content-length: ${body.length}\r\n\r\n${body}`,
    ]);
  assertMatch(await post("https://evil.example"), /^HTTP\/1\.1 403 /);
  assertMatch(await post("https://pi.tail1234.ts.net"), /^HTTP\/1\.1 303 /);
  assertEquals(page.asked, ["/pairings/approve ABCD2345 default"]);
});
