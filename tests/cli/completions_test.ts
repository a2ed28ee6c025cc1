import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { renderCompletions, type Shell, SHELLS } from "../../src/cli/completions.ts";
import { runCli } from "../../src/cli/run.ts";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { SAMPLE_COMMANDS } from "./sample_commands.ts";
import { createBridgeWorld } from "./bridge_world.ts";
import { createTestContext } from "./test_context.ts";

/** Runs a shell with a script on its standard input; null where there is no such shell. */
async function runShell(
  shell: string,
  args: string[],
  script: string,
  options: Deno.CommandOptions = {},
): Promise<string | null> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(shell, {
      ...options,
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
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
    [[""], ["help", "pair", "pairing", "send"]],
    [["pair", ""], ["approve", "list"]],
    [["pair", "--json", "a"], ["approve"]],
    [["pairing", "approve", ""], ["sms"]],
    [["pair", "approve", "--"], ["--help", "--json", "--no-color", "--yes"]],
    [["send", "--encoding", ""], ["gsm", "ucs2"]],
    [["nonsense", "pa"], ["pair", "pairing"]],
    [["he"], ["help"]],
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

/** A program in place of ours that tells what it was asked for. */
const STUB = `#!/bin/sh
shift 2; kind=$1; shift
printf '%s\\t%s\\n' "$kind.$*" "$kind.$*" "+12025550101" "Ada"
`;

/** What each shell offers behind the last of these words, from a folder with a file \`my file\`. */
const DRIVEN: Readonly<Record<string, (line: string, script: string) => [string[], string]>> = {
  bash: (line, script) => [
    ["--norc"],
    `. ${script}
COMP_WORDS=(${line.split(" ").map((word) => `'${word}'`).join(" ")})
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _sms_bridge; printf '%s\\n' "\${COMPREPLY[@]}"
`,
  ],
  fish: (line, script) => [["--no-config"], `source ${script}\ncomplete -C '${line}'\n`],
  zsh: (line, script) => [
    ["-f"],
    `
zmodload zsh/zpty
zpty shell "zsh -f -i"
zpty -w shell "PS1= RPS1=; fpath=($fpath); module_path=($module_path); cd '$PWD'"
zpty -w shell "autoload -Uz compinit; compinit -u -D; . ${script}; bindkey '^I' list-choices"
zpty -w shell 'PS1="REA""DY>"'
zpty -r shell seen '*READY>*'
zpty -n -w shell "${line}"$'\\t\\x15print DO""NE\\n'
zpty -r shell seen '*DONE*'
print -r -- "$seen"
`,
  ],
};

for (const shell of ["bash", "fish", "zsh"]) {
  Deno.test(`completions offer what the program knows, and files, in a real ${shell}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "sms-bridge-shell-" });
    try {
      await Deno.writeTextFile(`${folder}/my file`, "");
      await Deno.mkdir(`${folder}/bin`);
      await Deno.writeTextFile(`${folder}/bin/sms-bridge`, STUB, { mode: 0o755 });
      const script = `${folder}/bin/script`;
      await Deno.writeTextFile(script, renderCompletions(shell as Shell, COMMANDS));
      const env = { PATH: `${folder}/bin:${Deno.env.get("PATH")}`, TERM: "dumb" };
      const offered = async (line: string): Promise<string | null> => {
        const [args, input] = DRIVEN[shell]!(line, script);
        return await runShell(shell, args, input, { env, cwd: folder });
      };
      const cases = [
        ["sms-bridge pair approve ", "codes."],
        ["sms-bridge pair revoke +1", shell === "zsh" ? "Ada" : "+12025550101"],
        ["sms-bridge queue show --account work ", "ids.--account work"],
        ["sms-bridge pair list --account ", "accounts."],
        ["sms-bridge config get ", "settings."],
        ["sms-bridge help ", "topics."],
        ["sms-bridge queue import ", "my file"],
        ["sms-bridge config patch --file my", "my file"],
      ] as const;
      for (const [line, wanted] of cases) {
        const shown = await offered(line);
        if (shown === null) {
          // deno-lint-ignore no-console
          return console.log(`skipped: there is no ${shell} here`);
        }
        assertStringIncludes(shown.replaceAll("\\", ""), wanted, line);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("completions --values tells codes, numbers with names, accounts, settings and topics", async () => {
  await using world = await createBridgeWorld();
  await world.start();
  const values = async (kind: string) => (await world.run("completions", "--values", kind)).out;
  assertEquals(await values("codes"), "");
  await world.twilio.inbound({ from: "+12025550101", text: "hello" });
  await world.run("pair", "allow", "+12025550102");
  await world.run("pair", "name", "+12025550102", "Ada");
  assertMatch(await values("codes"), /^([A-Z2-9]{8})\t\1 \+1•••••0101\n$/);
  assertStringIncludes(await values("numbers"), "+12025550102\t+1•••••0102 Ada\n");
  assertEquals(await values("accounts"), "default\n");
  assertMatch(await values("settings"), /^channels\.sms\.fromNumber\t/m);
  assertMatch(await values("topics"), /^money\t/m);
});
