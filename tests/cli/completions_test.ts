import { assertEquals, assertStringIncludes } from "@std/assert";
import { renderCompletions, type Shell, SHELLS } from "../../src/cli/completions.ts";
import { runCli } from "../../src/cli/run.ts";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { SAMPLE_COMMANDS } from "./sample_commands.ts";
import { createTestContext } from "./test_context.ts";

/** Runs a shell with a script on its standard input; null where there is no such shell. */
async function runShell(shell: string, args: string[], script: string): Promise<string | null> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(shell, { args, stdin: "piped", stdout: "piped", stderr: "piped" })
      .spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(script));
  await writer.close();
  const { stdout, stderr } = await child.output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

const SYNTAX_CHECK: Partial<Record<Shell, string[]>> = {
  bash: ["-n"],
  zsh: ["-n"],
  fish: ["--no-execute"],
};

for (const shell of SHELLS) {
  Deno.test(`renderCompletions() names every word and option for ${shell}`, async () => {
    const script = renderCompletions(shell, SAMPLE_COMMANDS);
    for (const word of ["approve", "pairing", "sms", "send", "encoding", "ucs2", "account"]) {
      assertStringIncludes(script, word);
    }
    const check = SYNTAX_CHECK[shell];
    if (check === undefined) return;
    for (const commands of [SAMPLE_COMMANDS, COMMANDS]) {
      const complaint = await runShell(shell, check, renderCompletions(shell, commands));
      assertEquals(complaint ?? "", "");
    }
  });
}

/** What bash offers when the cursor is behind the last of these words. */
async function completeInBash(...words: string[]): Promise<string[] | null> {
  const quoted = ["sms-bridge", ...words].map((word) => `'${word}'`).join(" ");
  const script = `${renderCompletions("bash", SAMPLE_COMMANDS)}
COMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _sms_bridge; printf '%s\\n' "\${COMPREPLY[@]}"
`;
  const shown = await runShell("bash", ["--norc"], script);
  return shown === null ? null : shown.trim().split("\n").sort();
}

Deno.test("renderCompletions() completes commands, options and values in bash", async () => {
  const cases: [words: string[], offered: string[]][] = [
    [[""], ["pair", "pairing", "send"]],
    [["pair", ""], ["approve", "list"]],
    [["pair", "--json", "a"], ["approve"]],
    [["pairing", "approve", ""], ["sms"]],
    [["pair", "approve", "--"], ["--help", "--json", "--no-color", "--yes"]],
    [["send", "--encoding", ""], ["gsm", "ucs2"]],
    [["nonsense", "pa"], ["pair", "pairing"]],
  ];
  for (const [words, offered] of cases) {
    const shown = await completeInBash(...words);
    if (shown !== null) assertEquals([words, shown], [words, offered]);
  }
});

Deno.test("completions prints the script of a shell", async () => {
  const context = createTestContext();
  assertEquals(await runCli(["completions", "fish"], context, COMMANDS), 0);
  assertEquals(context.out, renderCompletions("fish", COMMANDS));
});

Deno.test("completions refuses a shell that it does not know", async () => {
  const context = createTestContext();
  assertEquals(await runCli(["completions", "tcsh"], context, COMMANDS), 2);
  assertStringIncludes(context.err, 'one of bash, zsh, fish, powershell: current value is "tcsh"');
});
