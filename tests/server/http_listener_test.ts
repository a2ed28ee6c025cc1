import { assertEquals } from "@std/assert";
import type { IncomingMessage } from "node:http";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openHttpListener } from "../../src/server/http_listener.ts";
import { systemClock } from "../../src/system/clock.ts";
import { connectRaw } from "./raw_http.ts";

/** Frees all memory that nothing holds. */
function freeAll(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

Deno.test("openHttpListener() frees a request that has been answered, though what it set off still waits", async () => {
  // It stands here, as a function holds what is around it.
  const nothing = () => {};
  const waits = Promise.withResolvers<void>();
  const setOff: Promise<void>[] = [];
  let request: WeakRef<IncomingMessage> | undefined;
  const listener = await openHttpListener({
    listen: { hostname: "127.0.0.1", port: 0 },
    clock: systemClock,
    limits: {
      headersTimeoutMs: 5_000,
      bodyTimeoutMs: 5_000,
      keepAliveMs: 5_000,
      connectionsMax: 10,
      bufferedBytesMax: 1_000,
    },
    async take(exchange) {
      request = new WeakRef(exchange.request);
      setOff.push(waits.promise.then(nothing));
      exchange.turnstile.answering();
      await new Promise<void>((resolve) => exchange.response.end("heard", () => resolve()));
      exchange.turnstile.leave();
    },
  });
  const client = await connectRaw(listener.address.port);
  await client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  await client.receive();
  client.close();
  await listener.shutdown();
  freeAll();
  const held = request?.deref();
  waits.resolve();
  await Promise.all(setOff);
  assertEquals(held, undefined);
});
