import { assert, assertEquals } from "@std/assert";
import { createWorld, until } from "./program.ts";

const ANN = "+12025550101";
const STRANGER = "+12025550188";
/** What must never be shown: keys, whole numbers, the person's words, what steers a terminal or a page. */
const CANARIES = {
  key: "sk-proj-CANARYKEY0123",
  token: "CANARYTOKEN0123456789abcdef0123",
  number: "+15557654321",
  "number with spaces": "+1 555 765 4321",
  words: "my private words",
  escape: "\x1b[31m",
  "escape of 8 bits": "\x9b31m",
  bidi: "\u202egnp.exe",
  script: "<img src=x onerror=alert(1)>",
};
const HOSTILE = `401 bad key ${CANARIES.key} token ${CANARIES.token} for ${CANARIES.number} ` +
  `(${CANARIES["number with spaces"]}): ${CANARIES.words} ${CANARIES.escape}${
    CANARIES["escape of 8 bits"]
  } ${CANARIES.bidi} ${CANARIES.script}\r\n2026-01-01 INFO all.well`;
/** Script is text in a terminal, a log and JSON; it would be one on the page alone. */
const HARMLESS_AS_TEXT = CANARIES.script;

function found(text: string, page = false): string[] {
  const shown = text.replaceAll(
    /\\u([0-9a-f]{4})/g,
    (_, hex) => String.fromCharCode(parseInt(hex, 16)),
  );
  return Object.entries({ ...CANARIES, ann: ANN, stranger: STRANGER })
    .filter(([, canary]) => page || canary !== HARMLESS_AS_TEXT)
    .filter(([, canary]) => shown.includes(canary))
    .map(([name]) => name);
}

const HELLO = {
  type: "hello-ok",
  protocol: 4,
  server: { version: `2026.9.6 ${HOSTILE}`, bootId: "boot-1", connId: "c" },
  features: { methods: [], events: [] },
  auth: { role: "operator", scopes: ["operator.read", "operator.write"] },
  policy: { maxPayload: 26_214_400, tickIntervalMs: 30_000 },
};
const AGENTS = { defaultId: "main", mainKey: "main", agents: [{ id: "main" }] };
const FAILED_TURN = {
  runId: "r1",
  status: "error",
  result: { payloads: [{ text: HOSTILE, isError: true }], meta: {} },
  error: HOSTILE,
};

/** A Gateway that refuses once, then lets in and fails every turn, each time with all canaries. */
function startHostileGateway() {
  let connects = 0;
  let turns = 0;
  const error = (code: string) => ({
    code,
    message: HOSTILE,
    details: { code: HOSTILE, reason: HOSTILE, hint: HOSTILE },
    retryAfterMs: 1e12,
    retryable: false,
  });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    if (request.headers.get("upgrade") !== "websocket") {
      return new Response(HOSTILE, { status: 500 });
    }
    const { socket, response } = Deno.upgradeWebSocket(request);
    const send = (frame: unknown) => socket.send(JSON.stringify(frame));
    socket.onopen = () =>
      send({ type: "event", event: "connect.challenge", payload: { nonce: "n", ts: 1 } });
    socket.onmessage = ({ data }) => {
      const { id, method } = JSON.parse(String(data));
      const fail = (error: unknown) => send({ type: "res", id, ok: false, error });
      if (method === "connect" && connects++ === 0) {
        fail({ ...error("UNAVAILABLE"), retryAfterMs: 1 });
        socket.close(1013, "busy");
      } else if (method === "connect") send({ type: "res", id, ok: true, payload: HELLO });
      else if (method === "config.get") {
        send({ type: "res", id, ok: true, payload: { config: {} } });
      } else if (method === "agents.list") send({ type: "res", id, ok: true, payload: AGENTS });
      else if (method !== "agent") fail(error("INTERNAL"));
      else if (turns++ === 0) send({ type: "res", id, ok: true, payload: FAILED_TURN });
      else fail(error("INTERNAL: LLM request failed"));
    };
    return response;
  });
  return {
    url: `ws://127.0.0.1:${server.addr.port}`,
    turns: () => turns,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A Twilio that refuses everything, each time with all canaries. */
function startHostileTwilio() {
  const seen: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    seen.push(request.method);
    const body = {
      code: request.method === "POST" ? 21_211 : 20_404,
      message: HOSTILE,
      more_info: HOSTILE,
    };
    return Response.json(body, { status: request.method === "POST" ? 400 : 500 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    seen,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Fields of Twilio's that are shown somewhere, and on which nothing else depends. */
const SHOWN_FIELDS = new Set([
  "friendly_name",
  "sms_url",
  "sms_fallback_url",
  "sms_method",
  "currency",
  "price_unit",
  "error_message",
  "status",
]);

function spoilt(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((one) => spoilt(one));
  if (typeof value !== "object" || value === null) return SHOWN_FIELDS.has(key) ? HOSTILE : value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, spoilt(one, name)]));
}

/** A Twilio that takes everything, and has all canaries in its fields. */
function startSpoilingTwilio(twilioUrl: string) {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (asked) => {
      const { pathname, search } = new URL(asked.url);
      const { method, headers } = asked;
      const body = method === "POST" ? await asked.text() : null;
      const answer = await fetch(`${twilioUrl}${pathname}${search}`, { method, headers, body });
      const told = await answer.json();
      return Response.json(answer.ok ? spoilt(told) : told, { status: answer.status });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

const READS = ["status", "messages", "queue list", "queue dead", "pair list", "pair allowed"];
const STOPPED = READS.flatMap((words) => [words.split(" "), [...words.split(" "), "--json"]]);
const COMMANDS = [
  ...STOPPED,
  ["doctor", "--json"],
  ["doctor"],
  ["pair", "opted-out", "--json"],
  ["capabilities", "--json"],
  ["config", "show", "--json"],
  ["route", "+12025550155", "--json"],
];

Deno.test("nothing that a hostile Gateway, a hostile Twilio or a person says is shown anywhere", async () => {
  await using gateway = startHostileGateway();
  await using twilio = startHostileTwilio();
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  const program = await world.serve({
    SMS_BRIDGE_GATEWAY_URL: gateway.url,
    SMS_BRIDGE_TWILIO_API_URL: twilio.url,
  });
  Object.assign(world.env, {
    SMS_BRIDGE_GATEWAY_URL: gateway.url,
    SMS_BRIDGE_TWILIO_API_URL: twilio.url,
  });
  await world.twilio.inbound({ from: ANN, text: HOSTILE });
  await world.twilio.inbound({ from: STRANGER, text: HOSTILE });
  await program.event("message.given-up");
  await world.twilio.inbound({ from: ANN, text: `again ${HOSTILE}` });
  await until(() => gateway.turns() >= 2 && twilio.seen.includes("POST"));
  await until(() =>
    program.events.filter(({ event }) => event === "text.finished" || event === "message.given-up")
      .length >= 2
  );
  const link = JSON.parse((await world.run("admin", "url", "--json")).stdout);
  const opened = await fetch(link.url, { redirect: "manual" });
  await opened.body?.cancel();
  const cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
  const page = await (await fetch(new URL("/", link.url), { headers: { cookie } })).text();
  assert(page.includes("Latest errors"), page.slice(0, 500));
  assertEquals(found(page, true), [], "the page");
  const metrics = await (await fetch(`http://${program.admin}/metrics`)).text();
  assert(metrics.includes("smsbridge_"));
  assertEquals(found(metrics, true), [], "metrics");
  for (const command of COMMANDS) {
    const { stdout, stderr } = await world.run(...command);
    assertEquals(found(stdout + stderr), [], command.join(" "));
  }
  assertEquals(found((await world.run("pair", "allowed", "--json", "--full")).stdout), ["ann"]);
  await program.end("SIGTERM");
  for (const command of STOPPED) {
    const { stdout, stderr } = await world.run(...command);
    assertEquals(found(stdout + stderr), [], `${command.join(" ")}, stopped`);
  }
  assertEquals(found(program.stderr()), [], "the log");
  for (const line of program.stderr().trim().split("\n")) assert(line.startsWith("{"), line);
  const unharmed = program.events.filter(({ event }) => event === "store.not-tidied");
  assertEquals(unharmed, [], "within its permissions");
});

Deno.test("nothing that stands in Twilio's fields is shown anywhere, nor steers a terminal by a stored text", async () => {
  await using world = await createWorld();
  await using twilio = startSpoilingTwilio(world.twilio.url);
  world.env.SMS_BRIDGE_TWILIO_API_URL = twilio.url;
  await world.run("pair", "allow", ANN);
  const program = await world.serve({ SMS_BRIDGE_STORE_BODIES: "true" });
  await world.twilio.inbound({ from: ANN, text: HOSTILE });
  await program.event("message.sent");
  const settled = ["doctor", "status", "spend --balance", "webhook show", "route +12025550144"];
  for (const words of settled) {
    for (const format of [[], ["--json"]]) {
      const { stdout, stderr } = await world.run(...words.split(" "), ...format);
      // A URL that is none is shown as far as it holds no key and no number.
      const leaks = found(stdout + stderr).filter((name) =>
        !(words === "webhook show" && name === "words")
      );
      assertEquals(leaks, [], `${words} ${format}`);
    }
  }
  // deno-lint-ignore no-control-regex
  const steering = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
  for (const words of ["messages", "messages --json", `messages --with ${ANN}`]) {
    const { stdout } = await world.run(...words.split(" "));
    assert(stdout.includes(CANARIES.words) && !steering.test(stdout), words);
  }
  assertEquals(found(program.stderr()), [], "the log");
});
