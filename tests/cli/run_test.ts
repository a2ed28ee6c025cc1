import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Command } from "../../src/cli/command.ts";
import { runCli } from "../../src/cli/run.ts";
import { failure } from "../../src/system/failure.ts";
import { SAMPLE_COMMANDS } from "./sample_commands.ts";
import { createTestContext } from "./test_context.ts";

/** A command `act` that does `act`. */
function acting(act: () => never | Promise<never> | 6): readonly Command[] {
  const base = SAMPLE_COMMANDS[0]!;
  return [{ ...base, path: ["act"], aliases: [], run: () => act() }];
}

Deno.test("runCli() returns the command's exit code", async () => {
  const context = createTestContext();
  assertEquals(await runCli(["act"], context, acting(() => 6)), 6);
  assertEquals([context.out, context.err], ["", ""]);
});

Deno.test("runCli() tells a failure on stderr with its hint and exit code", async () => {
  const context = createTestContext();
  const act = () => {
    throw failure("not-found", "no-such-code", "Cannot find the code", "sms-bridge pair list");
  };
  assertEquals(await runCli(["act"], context, acting(act)), 5);
  assertEquals([context.out, context.err], [
    "",
    "error: Cannot find the code\nhint: sms-bridge pair list\n",
  ]);
});

Deno.test("runCli() tells a failure without what steers a terminal", async () => {
  const context = createTestContext();
  const act = () => {
    throw failure("not-found", "none", "Cannot find \x1b[31mx\u202e:\nline", "try \x9b0m");
  };
  await runCli(["act"], context, acting(act));
  assertEquals(context.err, "error: Cannot find  [31mx :\nline\nhint: try  0m\n");
});

Deno.test("runCli() tells every failure under --json as one envelope", async () => {
  const act = () => {
    throw failure("conflict", "code-used", "Cannot use the code twice", "ask for another");
  };
  const cases: [args: string[], exitCode: number, code: string][] = [
    [["act", "--json"], 6, "code-used"],
    [["act", "--json", "--nonsense"], 2, "unknown-option"],
    [["--json", "nonsense"], 2, "unknown-command"],
  ];
  for (const [args, exitCode, code] of cases) {
    const context = createTestContext();
    assertEquals(await runCli(args, context, acting(act)), exitCode);
    assertEquals(context.out, "");
    const envelope = JSON.parse(context.err);
    assertEquals(Object.keys(envelope), ["code", "message", "hint"]);
    assertEquals(envelope.code, code);
  }
});

Deno.test("runCli() tells an exception in one line, and where it came from when asked to", async () => {
  const act = () => Promise.reject(new TypeError("x is undefined"));
  const context = createTestContext();
  assertEquals(await runCli(["act"], context, acting(act)), 1);
  assertEquals(context.err.split("\n")[0], "error: The program failed: x is undefined");
  assertEquals(context.err.split("\n").length, 3);
  const debug = createTestContext({ variables: { SMS_BRIDGE_DEBUG: "1" } });
  await runCli(["act"], debug, acting(act));
  assertStringIncludes(debug.err, "run_test.ts");
});

Deno.test("runCli() ends with 130 when a signal interrupts", async () => {
  const context = createTestContext({ signal: AbortSignal.abort("SIGINT") });
  const act = () => Promise.reject(new DOMException("aborted", "AbortError"));
  assertEquals(await runCli(["act"], context, acting(act)), 130);
});

Deno.test("runCli() is quiet about what ends because nobody reads its results any more", async () => {
  const context = createTestContext({ signal: AbortSignal.abort("EPIPE") });
  const act = () => Promise.reject(failure("interrupted", "interrupted", "Interrupted"));
  assertEquals([await runCli(["act"], context, acting(act)), context.err], [0, ""]);
});

Deno.test("runCli() colours errors only on a terminal", async () => {
  const terminal = { stdin: true, stdout: true, stderr: true };
  const context = createTestContext({ terminal, colour: true });
  await runCli(["nonsense"], context, SAMPLE_COMMANDS);
  assertEquals(context.err.startsWith("\x1b[31merror:\x1b[0m "), true);
  const piped = createTestContext({ terminal: { ...terminal, stderr: false }, colour: true });
  await runCli(["nonsense"], piped, SAMPLE_COMMANDS);
  assertMatch(piped.err, /^error: /);
});

Deno.test("runCli() shows help on stdout and succeeds", async () => {
  for (const args of [[], ["--help"], ["help"], ["send", "--help"], ["help", "pair"]]) {
    const context = createTestContext();
    assertEquals(await runCli(args, context, SAMPLE_COMMANDS), 0);
    assertMatch(context.out, /Usage: sms-bridge/);
    assertEquals(context.err, "");
  }
});
