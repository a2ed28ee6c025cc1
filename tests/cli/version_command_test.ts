import { assertEquals, assertMatch } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { runCli } from "../../src/cli/run.ts";
import { createTestContext } from "./test_context.ts";

Deno.test("version tells the release that deno.json names", async () => {
  for (const args of [["version"], ["--version"]]) {
    const context = createTestContext();
    assertEquals(await runCli(args, context), 0);
    assertMatch(
      context.out,
      new RegExp(`^sms-bridge ${config.version} \\(Deno \\d+\\.\\d+\\.\\d+, `),
    );
  }
});

Deno.test("version --json is one object with version, Deno and target", async () => {
  const context = createTestContext();
  assertEquals(await runCli(["version", "--json"], context), 0);
  assertEquals(JSON.parse(context.out), {
    version: config.version,
    deno: Deno.version.deno,
    target: Deno.build.target,
  });
});
