import { assert, assertEquals } from "@std/assert";
import type { Socket } from "../../src/gateway/connection.ts";
import { createLink } from "../../src/gateway/link.ts";
import type { LinkState } from "../../src/gateway/link_state.ts";
import { createSimClock } from "../../src/sim/clock.ts";
import { type Log, silentLog } from "../../src/system/log.ts";
import { seededRandom } from "../../src/system/random.ts";

/** A socket whose other end the test holds. */
class TestSocket implements Socket {
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  readonly sent: Record<string, unknown>[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.end(1000, "");
  }
  end(code: number, reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.onclose?.({ code, reason });
  }
  say(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  challenge(): void {
    this.say({ type: "event", event: "connect.challenge", payload: { nonce: "n", ts: 1 } });
  }
  answer(payload: unknown, at = -1): void {
    this.say({ type: "res", id: this.sent.at(at)!.id, ok: true, payload });
  }
  refuse(error: unknown): void {
    this.say({ type: "res", id: this.sent.at(-1)!.id, ok: false, error });
  }
}

const HELLO = {
  server: { bootId: "boot-1", version: "2026.9.6" },
  policy: { tickIntervalMs: 30_000 },
};

function setUp(log: Log = silentLog, begin?: Promise<void>) {
  const clock = createSimClock(0);
  const sockets: TestSocket[] = [];
  const states: LinkState[] = [];
  const link = createLink({
    url: "ws://127.0.0.1:1",
    token: "T",
    version: "0.0.1",
    clock,
    random: seededRandom(1),
    log,
    ...begin && { begin },
    openSocket: () => {
      const socket = new TestSocket();
      sockets.push(socket);
      return socket;
    },
  });
  link.onState((state) => states.push(state));
  const shake = async (hello: unknown = HELLO) => {
    sockets.at(-1)!.challenge();
    await clock.advance(0);
    sockets.at(-1)!.answer(hello);
    await clock.advance(0);
  };
  return { clock, sockets, states, link, shake };
}

Deno.test("createLink() shakes hands with token, scopes and capability, and is ready", async () => {
  const { clock, sockets, link, shake } = setUp();
  await shake();
  const connect = sockets[0]!.sent[0] as { method: string; params: Record<string, unknown> };
  assertEquals(connect.method, "connect");
  assertEquals(connect.params.auth, { token: "T" });
  assertEquals(connect.params.scopes, ["operator.read", "operator.write"]);
  assertEquals(connect.params.caps, ["session-scoped-events"]);
  assertEquals((await link.ready())?.bootId, "boot-1");
  await link.close();
  await clock.advance(0);
  assertEquals(link.state(), { kind: "closed" });
});

Deno.test("Link comes back after a loss, with pauses that grow and never exceed 30 s", async () => {
  const { clock, sockets, states, link, shake } = setUp();
  await shake();
  sockets[0]!.end(1012, "service restart");
  await clock.advance(0);
  const pauses: number[] = [];
  for (let i = 0; i < 8; i++) {
    const state = states.at(-1)!;
    assert(state.kind === "waiting");
    pauses.push(state.untilMs - clock.now());
    await clock.advance(state.untilMs - clock.now());
    sockets.at(-1)!.end(0, "");
    await clock.advance(0);
  }
  assert(pauses[0]! >= 500 && pauses[0]! <= 1_000, String(pauses));
  assert(pauses.every((pause) => pause <= 30_000) && pauses.at(-1)! >= 15_000, String(pauses));
  assertEquals(sockets.length, 9);
  await link.close();
});

Deno.test("Link is dead after two silent ticks", async () => {
  const { clock, sockets, link, shake } = setUp();
  await shake();
  await clock.advance(59_000);
  sockets[0]!.say({ type: "event", event: "tick", payload: {} });
  await clock.advance(60_000);
  assertEquals(link.state().kind, "ready");
  await clock.advance(1_001);
  assertEquals(link.state().kind, "waiting");
  assert(sockets[0]!.closed);
  await link.close();
});

Deno.test("Link is dead after five silent minutes, whatever the Gateway says of its ticks", async () => {
  const { clock, sockets, link, shake } = setUp();
  await shake({ ...HELLO, policy: { tickIntervalMs: 1e300 } });
  await clock.advance(5 * 60_000);
  assert(sockets[0]!.closed && link.state().kind !== "ready");
  await link.close();
});

Deno.test("Link says which refusals an operator must mend, and tries them slowly", async () => {
  for (
    const [details, why, message = "no"] of [
      [{ code: "AUTH_TOKEN_MISMATCH" }, "token"],
      [{ code: "PROTOCOL_MISMATCH" }, "protocol"],
      [{ expectedProtocol: 3 }, "protocol"],
      [{}, "protocol", "protocol mismatch"],
      [{ code: "PAIRING_REQUIRED" }, "pairing"],
    ] as const
  ) {
    const { clock, sockets, link } = setUp();
    sockets[0]!.challenge();
    await clock.advance(0);
    sockets[0]!.refuse({ code: "INVALID_REQUEST", message, details });
    await clock.advance(0);
    const state = link.state();
    assert(state.kind === "refused", JSON.stringify(state));
    assertEquals(state.why, why);
    await clock.advance(29_000);
    assertEquals(sockets.length, 1);
    await clock.advance(1_000);
    assertEquals(sockets.length, 2);
    await link.close();
  }
});

Deno.test("Link waits as long as a starting Gateway asks", async () => {
  const { clock, sockets, link } = setUp();
  sockets[0]!.challenge();
  await clock.advance(0);
  sockets[0]!.refuse({
    code: "UNAVAILABLE",
    message: "starting",
    retryable: true,
    retryAfterMs: 500,
  });
  await clock.advance(0);
  assertEquals(link.state(), { kind: "waiting", reason: "starting", untilMs: 500 });
  await link.close();
});

Deno.test("Link tells nothing of what a hostile Gateway says, and is back within five minutes", async () => {
  const { clock, sockets, link } = setUp();
  sockets[0]!.challenge();
  await clock.advance(0);
  sockets[0]!.refuse({
    code: "UNAVAILABLE",
    message: "busy \x1b[31m +15557654321 hunter2-secret",
    retryable: true,
    retryAfterMs: 1e12,
  });
  await clock.advance(0);
  const untilMs = 5 * 60_000;
  assertEquals(link.state(), { kind: "waiting", reason: "UNAVAILABLE", untilMs });
  await clock.advance(untilMs);
  assertEquals(sockets.length, 2);
  await link.close();
});

Deno.test("Link.request() tells what was never sent from what may have been", async () => {
  const { clock, sockets, link, shake } = setUp();
  assertEquals(await link.request("agent"), { kind: "not-sent" });
  await shake();
  const lost = link.request("agent");
  const late = link.request("agent", {}, { timeoutMs: 5_000 });
  await clock.advance(5_000);
  assertEquals(await late, { kind: "lost", reason: "timeout" });
  sockets[0]!.end(0, "");
  assertEquals(await lost, { kind: "lost", reason: "closed" });
  await link.close();
});

Deno.test("Link.request() with final waits for the second answer under one id", async () => {
  const { sockets, link, shake } = setUp();
  await shake();
  const answer = link.request("agent", {}, { final: true });
  sockets[0]!.answer({ status: "accepted" });
  sockets[0]!.answer({ status: "ok", summary: "completed" });
  assertEquals(await answer, { kind: "ok", payload: { status: "ok", summary: "completed" } });
  await link.close();
});

Deno.test("Link connects once that has come which it is to wait for", async () => {
  const listening = Promise.withResolvers<void>();
  const { clock, sockets, link } = setUp(silentLog, listening.promise);
  await clock.advance(60_000);
  assertEquals(sockets.length, 0);
  listening.resolve();
  await clock.advance(0);
  assertEquals(sockets.length, 1);
  await link.close();
});

Deno.test("Link that still waits for its beginning is closed at once", async () => {
  const { sockets, link } = setUp(silentLog, new Promise(() => {}));
  await link.close();
  assertEquals([sockets.length, link.state().kind], [0, "closed"]);
});

Deno.test("Link tells the log of a refusal once, however often it is tried again", async () => {
  const told: string[] = [];
  const log = { ...silentLog, error: (event: string) => void told.push(event) };
  const { clock, sockets, link } = setUp(log);
  for (let i = 0; i < 3; i++) {
    sockets.at(-1)!.challenge();
    await clock.advance(0);
    sockets.at(-1)!.refuse({
      code: "INVALID_REQUEST",
      message: "protocol mismatch",
      details: { expectedProtocol: 3 },
    });
    await clock.advance(30_000);
  }
  assertEquals([told, sockets.length], [["gateway.refused"], 4]);
  await link.close();
});

Deno.test("Link tells the log once that the Gateway is away, and again when it was lost", async () => {
  const told: string[] = [];
  const note = (event: string) => void told.push(event);
  const { clock, sockets, link, shake } = setUp({ ...silentLog, warn: note, info: note });
  for (let i = 0; i < 3; i++) {
    sockets.at(-1)!.end(0, "");
    await clock.advance(30_000);
  }
  await shake();
  sockets.at(-1)!.end(1012, "service restart");
  await clock.advance(1_000);
  sockets.at(-1)!.end(0, "");
  await clock.advance(0);
  assertEquals(told, ["gateway.away", "gateway.ready", "gateway.lost"]);
  await link.close();
});
