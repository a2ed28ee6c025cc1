import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { connectRaw, formPost, isWholeAnswer } from "./raw_http.ts";
import { CLOSES_STALLED, withWebhookServer } from "./webhook_server.ts";

const ignore = !CLOSES_STALLED;

Deno.test({
  name: "startWebhookServer() answers the first of many pipelined requests, then closes",
  ignore,
  fn: () =>
    withWebhookServer({}, async ({ port, reached, outcomes }) => {
      const connection = await connectRaw(port);
      await connection.send(formPost("a=b").repeat(2_000));
      const { text, closed } = await connection.receive();
      connection.close();
      assertEquals([closed, text.match(/HTTP\/1\.1 200/g)?.length], [true, 1]);
      assert(/^connection: close/im.test(text), text);
      assertEquals([reached.length, outcomes.length], [1, 1]);
    }),
});

Deno.test("startWebhookServer() takes one request after the other on a connection", async () => {
  await withWebhookServer({}, async ({ port, reached }) => {
    const connection = await connectRaw(port);
    for (let number = 1; number <= 20; number++) {
      // In pieces that end anywhere: the parser is given what came, however it was cut.
      const request = formPost("x".repeat(number * 300));
      await connection.send(request.slice(0, 50 * number));
      await connection.send(request.slice(50 * number));
      const { text } = await connection.receive(isWholeAnswer);
      assert(text.startsWith("HTTP/1.1 200"), text);
    }
    connection.close();
    assertEquals(reached.map(({ body }) => body.byteLength / 300).at(-1), 20);
  });
});

Deno.test("startWebhookServer() reads nothing more after bytes that are no HTTP", async () => {
  const warned: string[] = [];
  const onWarning = ({ name }: Error) => void warned.push(name);
  process.on("warning", onWarning);
  await withWebhookServer({}, async ({ port }) => {
    const connection = await connectRaw(port);
    await connection.send("no HTTP\r\n\r\n".repeat(5_000)).catch(() => {});
    await connection.receive();
    connection.close();
    const honest = await connectRaw(port);
    await honest.send(formPost("a=b"));
    assert((await honest.receive(isWholeAnswer)).text.startsWith("HTTP/1.1 200"));
    honest.close();
  });
  process.off("warning", onWarning);
  assertEquals(warned, []);
});
