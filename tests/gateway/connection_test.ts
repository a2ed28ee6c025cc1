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

Deno.test("Connection ends where a message nests too deep or has too many values", async () => {
  const deep = "[".repeat(201) + "]".repeat(201);
  const wide = `[${"{},".repeat(600_000)}1]`;
  for (const payload of [deep, wide]) {
    let closed = 0;
    const socket = { send() {}, close: () => closed++, onmessage: null, onclose: null };
    const heard: unknown[] = [];
    const connection = new Connection(socket as Socket, (event) => heard.push(event));
    const { onmessage } = socket as Socket;
    onmessage!({ data: '{"type":"event","event":"tick","payload":{}}' });
    onmessage!({ data: `{"type":"event","event":"chat","payload":{"a":${payload}}}` });
    assertEquals(heard.length, 1);
    const why = await connection.closed.promise;
    assertEquals([closed, why], [1, "a message nested too deep, or had too many values"]);
  }
});
