import { assertEquals, assertStringIncludes } from "@std/assert";
import { renderStatus } from "../../../src/cli/terminal/status.ts";
import { paint } from "../../../src/cli/terminal/output.ts";
import { latestErrors } from "../../../src/operations/status_errors.ts";
import { createBridgeWorld } from "../bridge_world.ts";

Deno.test("renderStatus() shows on a low terminal what matters first, and cuts off the rest", async () => {
  await using world = await createBridgeWorld();
  const status = JSON.parse((await world.run("status", "--json")).out);
  const error = { atMs: 0, account: null, code: "x", message: "it broke", fix: "Mend it." };
  const told = { ...status, warnings: ["a warning"], errors: [error] };
  const low = renderStatus(told, { paint: paint(false), columns: 80, rows: 12 });
  const lines = low.trimEnd().split("\n");
  assertEquals(lines.length, 12);
  for (const text of ["a warning", "it broke", "Mend it."]) assertStringIncludes(low, text);
  assertStringIncludes(lines.at(-1)!, "more lines");
  const high = renderStatus(told, { paint: paint(false), columns: 80, rows: 100 });
  assertEquals(high, renderStatus(told, { paint: paint(false), columns: 80 }));
});

Deno.test("renderStatus() says of a bridge that was killed how long it has not been heard of, not that it stands by, and whether it lacks a Gateway", async () => {
  await using world = await createBridgeWorld();
  const status = JSON.parse((await world.run("status", "--json")).out);
  const told = (facts: object) => {
    const bridge = { name: "b", version: "1", startedAtMs: 0, self: false, answers: false };
    const bridges = [{ ...bridge, there: true, silentMs: 0, ...facts }];
    const text = renderStatus({ ...status, bridges }, { paint: paint(false), columns: 100 });
    return text.match(/^Bridge +b(?: \(this one\))? (.*), 1$/m)?.[1];
  };
  assertEquals(told({ silentMs: 10_000 }), "takes texts in, and stands by");
  const lost = { canAnswer: false };
  assertEquals(told(lost), "takes texts in, and stands by, without a Gateway");
  assertEquals(told({ ...lost, answers: true }), "answers, without a Gateway");
  assertEquals(told({ silentMs: 13_000 }), "has not been heard of for 13s");
  assertEquals(told({ silentMs: 13_000, answers: true }), "has not been heard of for 13s");
  assertEquals(told({ silentMs: 13_000, answers: true, self: true }), "answers");
  assertEquals(told({ silentMs: 25_000, there: false }), "is away");
});

Deno.test("latestErrors() tells the same error once, with a count", () => {
  const error = { account: "default", code: "30007", message: "filtered", fix: "Ask Twilio." };
  const errors = [1, 3, 2].map((atMs) => ({ ...error, atMs }));
  const other = { ...error, message: "unreachable", atMs: 0 };
  assertEquals(
    latestErrors([...errors, other]).map(({ atMs, message }) => [atMs, message]),
    [[3, "filtered, 3 times"], [0, "unreachable"]],
  );
});
