import { assert, assertEquals } from "@std/assert";
import { openHttpListener } from "../../src/server/http_listener.ts";
import { startSelfCheck } from "../../src/server/self_check.ts";
import { createSimClock } from "../../src/sim/clock.ts";
import { systemClock } from "../../src/system/clock.ts";
import { createLog, silentLog } from "../../src/system/log.ts";
import { WEBHOOK_BODY_TIMEOUT_MS } from "../../src/system/limits.ts";
import { connectRaw } from "./raw_http.ts";

const ADDRESS = { hostname: "127.0.0.1", port: 1 };

/** A check of a listener that answers as it is told, and counts how often it was opened anew. */
function checkOf() {
  const clock = createSimClock();
  const lines: string[] = [];
  const write = (line: string) => void lines.push(/listener\.\S+/.exec(line)![0]);
  const log = createLog({ clock, format: "text", level: "debug", colour: false, write });
  const state = { answers: true, accepted: 0, reopened: 0 };
  const listener = {
    address: ADDRESS,
    get accepted() {
      return state.accepted;
    },
    reopen() {
      state.reopened++;
      return Promise.resolve();
    },
  };
  const check = startSelfCheck({
    listener,
    clock,
    log,
    ask: () => Promise.resolve(state.answers),
  });
  return { check, clock, state, lines };
}

Deno.test("startSelfCheck() opens a listener anew that takes nothing, says so once, and when it hears again", async () => {
  const { check, clock, state, lines } = checkOf();
  await clock.advance(10_000);
  assertEquals([check.deafMs(), state.reopened, lines], [0, 0, []]);
  state.answers = false;
  await clock.advance(5_000);
  assert(check.deafMs() > 0);
  assert(state.reopened > 0, "within five seconds");
  state.answers = true;
  await clock.advance(5_000);
  assertEquals(check.deafMs(), 0);
  assertEquals(lines.filter((event) => event === "listener.deaf").length, 1);
  assertEquals(lines.at(-1), "listener.hears");
  await check.stop();
});

Deno.test("startSelfCheck() leaves a listener alone that is slow but takes connections", async () => {
  const { check, clock, state } = checkOf();
  await clock.advance(1);
  state.answers = false;
  let taken = 0;
  Object.defineProperty(state, "accepted", { get: () => taken++ });
  await clock.advance(5_000);
  assert(check.deafMs() > 0);
  assertEquals(state.reopened, 0);
  await check.stop();
});

Deno.test("openHttpListener() takes its address again and keeps the connections that it has", async () => {
  const listener = await openHttpListener({
    listen: { hostname: "127.0.0.1", port: 0 },
    clock: systemClock,
    limits: {
      headersTimeoutMs: WEBHOOK_BODY_TIMEOUT_MS,
      bodyTimeoutMs: WEBHOOK_BODY_TIMEOUT_MS,
      keepAliveMs: 60_000,
      connectionsMax: 10,
      bufferedBytesMax: 1_000,
    },
    take({ response, turnstile }) {
      turnstile.answering();
      return new Promise<void>((resolve) => response.end("heard", () => resolve()))
        .then(turnstile.leave);
    },
  });
  const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const heard = (text: string) => text.endsWith("0\r\n\r\n") || text.endsWith("heard");
  const before = await connectRaw(listener.address.port);
  await before.send(request.slice(0, 10));
  while (listener.connections === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await listener.reopen();
  const after = await connectRaw(listener.address.port);
  await after.send(request);
  assert((await after.receive(heard)).text.includes("heard"));
  await before.send(request.slice(10));
  assert((await before.receive(heard)).text.includes("heard"));
  before.close();
  after.close();
  const check = startSelfCheck({ listener, clock: systemClock, log: silentLog });
  while (listener.accepted < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(check.deafMs(), 0);
  await check.stop();
  await listener.shutdown();
});
