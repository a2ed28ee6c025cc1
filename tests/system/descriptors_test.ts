import { assert, assertEquals } from "@std/assert";
import { connectionsWithin, descriptorLimit } from "../../src/system/descriptors.ts";
import { WEBHOOK_CONNECTIONS_MAX } from "../../src/system/limits.ts";

Deno.test("connectionsWithin() leaves a reserve of the limit, and takes no more than ever", () => {
  assertEquals(connectionsWithin(1_024), 768);
  assertEquals(connectionsWithin(256), 128);
  assertEquals(connectionsWithin(1), 1);
  for (const limit of [null, Infinity, 1_048_576]) {
    assertEquals(connectionsWithin(limit), WEBHOOK_CONNECTIONS_MAX);
  }
});

Deno.test({
  name: "descriptorLimit() tells the limit in force",
  ignore: Deno.build.os === "windows",
  async fn() {
    const limit = await descriptorLimit();
    assert(limit !== null && limit >= 64, String(limit));
  },
});
