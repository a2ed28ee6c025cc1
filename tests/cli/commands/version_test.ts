import { assertEquals, assertMatch } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { COMMANDS } from "../../../src/cli/commands/table.ts";
import { runCli } from "../../../src/cli/run.ts";
import { createTestContext } from "../test_context.ts";

Deno.test("version tells the release that deno.json names", async () => {
  for (const args of [["version"], ["--version"]]) {
    const context = createTestContext();
    assertEquals(await runCli(args, context, COMMANDS), 0);
    assertMatch(
      context.out,
      new RegExp(
        `^sms-bridge ${config.version} \\((commit [0-9a-f]{12}, )?Deno \\d+\\.\\d+\\.\\d+, `,
      ),
    );
    assertMatch(context.out, /safe .* on Deno 2\.9\.0 or later\n$/);
  }
});

Deno.test("the newest version in the changelog is the one that deno.json names", async () => {
  const changelog = new URL("../../../.github/CHANGELOG.md", import.meta.url);
  const [, newest] = (await Deno.readTextFile(changelog)).match(/^## (\d+\.\d+\.\d+)$/m) ?? [];
  assertEquals(newest, config.version);
});

/** What git says is checked out; null where there is no git or no repository. */
async function commitOfGit(): Promise<string | null> {
  const cwd = new URL("../../../", import.meta.url);
  const git = new Deno.Command("git", { args: ["rev-parse", "HEAD"], cwd, stderr: "null" });
  const output = await git.output().catch(() => null);
  return output?.success ? new TextDecoder().decode(output.stdout).trim() : null;
}

Deno.test("version --json is one object with version, commit, Deno and target", async () => {
  const context = createTestContext();
  assertEquals(await runCli(["version", "--json"], context, COMMANDS), 0);
  assertEquals(JSON.parse(context.out), {
    version: config.version,
    commit: await commitOfGit(),
    deno: Deno.version.deno,
    target: Deno.build.target,
  });
});
