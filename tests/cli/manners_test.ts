import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Command, commandName, optionsOf } from "../../src/cli/command.ts";
import { renderCompletions, SHELLS } from "../../src/cli/completions.ts";
import { EXIT_CODES } from "../../src/cli/failure.ts";
import { runCli } from "../../src/cli/run.ts";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { createTestContext, type TestContext } from "./test_context.ts";

/** A context in which nothing is configured, and asking is a mistake. */
function bareContext(stateDir: string): TestContext {
  const ask = () => Promise.reject(new Error("asked without a terminal"));
  return createTestContext({
    variables: { HOME: stateDir, SMS_BRIDGE_STATE_DIR: stateDir },
    ask,
    askSecret: ask,
  });
}

/** The last word of a command with two letters swapped. */
function misspelt({ path }: Command): string[] {
  const last = path.at(-1)!;
  const middle = Math.floor(last.length / 2);
  const swapped = last.slice(0, middle - 1) + last[middle] + last[middle - 1] +
    last.slice(middle + 1);
  return [...path.slice(0, -1), swapped === last ? `${last}x` : swapped];
}

for (const command of COMMANDS) {
  const name = commandName(command);

  Deno.test(`${name} --help shows usage, options and an example, and succeeds`, async () => {
    for (const args of [[...command.path, "--help"], ["help", ...command.path]]) {
      const context = createTestContext();
      assertEquals(await runCli(args, context, COMMANDS), 0);
      assertStringIncludes(context.out, `Usage: sms-bridge ${name}`);
      assertStringIncludes(context.out, `Examples\n  sms-bridge ${command.examples[0]}`);
      assertEquals(context.err, "");
    }
  });

  Deno.test(`${name} is suggested when it is misspelt`, async () => {
    const context = createTestContext();
    const code = await runCli(misspelt(command), context, COMMANDS);
    assertEquals([code, context.out], [2, ""]);
    assertStringIncludes(context.err, `did you mean: sms-bridge ${name}\n`);
  });

  Deno.test(`${name} suggests the option that a misspelt one is near to`, async () => {
    const option = optionsOf(command).find((one) => one.name.length > 4)!;
    const context = createTestContext();
    const code = await runCli(
      [...command.path, `--${option.name.slice(0, -1)}`],
      context,
      COMMANDS,
    );
    assertEquals(code, 2);
    assertStringIncludes(context.err, `did you mean: --${option.name}`);
  });

  Deno.test(`${name} tells a wrong command line under --json as one envelope`, async () => {
    const context = createTestContext();
    const code = await runCli([...command.path, "--json", "--no-such-option"], context, COMMANDS);
    assertEquals([code, context.out], [2, ""]);
    assertEquals(Object.keys(JSON.parse(context.err)), ["code", "message", "hint"]);
  });
}

/** Commands that run until they are stopped, or play for seconds. */
const LONG = new Set(["serve", "demo"]);

for (const command of COMMANDS) {
  const name = commandName(command);
  const takesJson = command.options?.some((option) => option.name === "json") ?? false;
  if (!takesJson || LONG.has(name)) continue;

  Deno.test(`${name} --json prints one object or one envelope, and never asks`, async () => {
    const stateDir = await Deno.makeTempDir({ prefix: "sms-bridge-manners-" });
    try {
      const context = bareContext(stateDir);
      const example = command.examples[0]!.replace(/ [>|<].*/, "");
      const words = example.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
      const args = words.map((word) =>
        // Files of the examples must not end up in the repository.
        /^[\w-]+\.(jsonl|kv)$/.test(word)
          ? `${stateDir}/${word}`
          : word.replace(/^(["'])(.*)\1$/, "$2")
      );
      const code = await runCli([...args, "--json"], context, COMMANDS);
      assert(code in EXIT_CODES, `${code}`);
      if (context.out !== "") {
        assertEquals([typeof JSON.parse(context.out), context.err], ["object", ""]);
      } else {
        const { code: word, message, hint } = JSON.parse(context.err);
        assertMatch(word, /^[a-z]+(-[a-z]+)*$/);
        assert(message.length > 10);
        assert(hint.length > 0, `a hint for ${word}`);
      }
    } finally {
      await Deno.remove(stateDir, { recursive: true });
    }
  });
}

Deno.test("completions of every shell know every command and its options", () => {
  for (const shell of SHELLS) {
    const script = renderCompletions(shell, COMMANDS);
    for (const command of COMMANDS) {
      for (const word of command.path) assertStringIncludes(script, word);
      for (const { name } of command.options ?? []) assertStringIncludes(script, name);
    }
  }
});

Deno.test("every exit code of a failure has its meaning", () => {
  assertEquals(Object.keys(EXIT_CODES).map(Number), [0, 1, 2, 3, 4, 5, 6, 7, 130]);
});
