import { assertEquals } from "@std/assert";
import { Connection, type Socket } from "../../src/gateway/connection.ts";

Deno.test("Connection.watch() leaves no timer behind, also when a frame comes after the end", async () => {
  const socket = { send() {}, close() {}, onmessage: null, onclose: null } as unknown as Socket;
  let timers = 0;
  const clock = {
    now: () => 0,
    after() {
      timers++;
      let running = true;
      return () => {
        if (running) timers--;
        running = false;
      };
    },
  };
  const connection = new Connection(socket, () => {});
  connection.watch(clock, 1_000);
  socket.onmessage!({ data: "{}" });
  assertEquals(timers, 1);
  connection.close("done");
  await connection.closed.promise;
  socket.onmessage!({ data: "{}" });
  assertEquals(timers, 0);
});
