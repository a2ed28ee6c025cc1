import { assertEquals } from "@std/assert";
import { Connection, type Socket } from "../../src/gateway/connection.ts";
import { createSimClock } from "../../src/sim/clock.ts";

Deno.test("a connection that was closed watches no more, also when frames still come", async () => {
  const clock = createSimClock();
  const socket = { send() {}, close() {} } as unknown as Socket;
  const heard: unknown[] = [];
  const connection = new Connection(socket, (event) => heard.push(event));
  const tick = () => {
    const data = JSON.stringify({ type: "event", event: "tick", payload: {} });
    socket.onmessage!({ data } as MessageEvent);
  };
  connection.watch(clock, 1_000);
  tick();
  assertEquals([heard.length, clock.timers], [1, 1]);
  connection.close("enough");
  await connection.closed.promise;
  tick();
  assertEquals([heard.length, clock.timers], [1, 0]);
});
