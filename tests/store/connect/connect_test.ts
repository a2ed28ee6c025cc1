import { assertEquals, assertRejects } from "@std/assert";
import { connectTo } from "../../../src/store/connect/connect.ts";
import { EngineError } from "../../../src/store/connect/engine.ts";
import { systemClock } from "../../../src/system/clock.ts";

/** An engine at an https URL that tells this of itself, and what it was asked. */
function engineThatTells(told: unknown, status = 200) {
  const asked: string[] = [];
  const engine = connectTo({
    url: "https://kv.example.com",
    token: "secret",
    clock: systemClock,
    fetch: (input) => {
      asked.push(String(input));
      return Promise.resolve(Response.json(told, { status }));
    },
  });
  return { engine, asked };
}

Deno.test("connectTo() follows no engine to an address without encryption", async () => {
  const { engine, asked } = engineThatTells({
    version: 3,
    databaseId: "id",
    endpoints: [{ url: "http://kv.example.com/v2", consistency: "strong" }],
    token: "another",
    expiresAt: "2099-01-01T00:00:00Z",
  });
  const error = await assertRejects(() => engine.get([["a"]]), EngineError, "without encryption");
  assertEquals([error.unknown, asked], [false, ["https://kv.example.com"]]);
});

Deno.test("connectTo() says of what is no engine, or takes no token, that it is of no use to ask again", async () => {
  for (
    const [told, status, why] of [
      [{ version: 1, endpoints: [] }, 200, "no KV Connect engine"],
      ["<html>", 200, "no KV Connect engine"],
      [{}, 401, "does not take the access token"],
    ] as const
  ) {
    const { engine } = engineThatTells(told, status);
    const error = await assertRejects(() => engine.get([["a"]]), EngineError, why);
    assertEquals(error.unknown, false);
  }
});
