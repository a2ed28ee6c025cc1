import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { manPage } from "../../scripts/man.ts";
import { companions, TARGETS } from "../../scripts/release.ts";
import { commandName } from "../../src/cli/command.ts";
import { COMMANDS } from "../../src/cli/commands/table.ts";

const PAGE = manPage(COMMANDS, "1.2.3");

/** Whether groff is there to read the page. */
async function groff(args: string[]): Promise<{ code: number; out: string; err: string } | null> {
  try {
    const child = new Deno.Command("groff", {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(PAGE));
    await writer.close();
    const { code, stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
  } catch {
    return null;
  }
}

Deno.test("manPage() names every command with its options, and no line is an accidental request", () => {
  const plain = PAGE.replaceAll("\\-", "-");
  for (const command of COMMANDS) {
    assertStringIncludes(plain, `\n.B ${commandName(command)}`);
    for (const { name } of command.options ?? []) assertStringIncludes(plain, `--${name}`);
  }
  for (const line of PAGE.split("\n")) {
    assert(
      !line.startsWith("'") && (!line.startsWith(".") || /^\.(TH|SH|B|I|TP|RS|RE|sp)\b/.test(line)),
      line,
    );
  }
});

Deno.test("manPage() is read by groff without a warning, where there is one", async () => {
  const read = await groff(["-man", "-Tutf8", "-ww", "-P-c", "-P-b", "-P-u"]);
  if (read === null) return;
  assertEquals([read.code, read.err], [0, ""]);
  assertStringIncludes(read.out, "pair approve CODE");
});

Deno.test("each archive holds what its system reads: service, manual page, completions", () => {
  for (const target of TARGETS) {
    const names = Object.keys(companions(target));
    const wanted = target.includes("windows") ? ["completions/sms-bridge.ps1"] : [
      target.includes("apple") ? "sms-bridge.plist" : "sms-bridge.service",
      "sms-bridge.1",
      "completions/sms-bridge.bash",
      "completions/_sms-bridge",
      "completions/sms-bridge.fish",
    ];
    for (const name of wanted) assert(names.includes(name), `${target}: ${name}`);
  }
});
