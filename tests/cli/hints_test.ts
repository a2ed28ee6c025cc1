import { assertEquals } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";

const SOURCE = new URL("../../src/", import.meta.url);
/** A command that is named in a text: between backticks, as a whole literal, or behind a prompt. */
const NAMED = [
  /\\?`(?:sudo )?sms-bridge ((?:[^`\\]|\$\{[^}]*\})+?)\\?`/g,
  /"(?:sudo )?sms-bridge ([^"\n]+)"/g,
];

async function* filesBelow(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const url = new URL(`${name}${isDirectory ? "/" : ""}`, folder);
    if (isDirectory) yield* filesBelow(url);
    else if (name.endsWith(".ts")) yield url;
  }
}

/** The words of a command, with something in place of what is put in when the program runs. */
function wordsOf(named: string): string[] {
  return named
    .replace(/\$\{[^}]*\}/g, "x")
    .replace(/<[A-Z]+>/g, "x")
    .match(/'[^']*'|\S+/g)!
    .filter((word) => word !== "…" && word !== "|");
}

Deno.test("every command that is named in the source exists, with its options", async () => {
  const wrong: string[] = [];
  let count = 0;
  for await (const file of filesBelow(SOURCE)) {
    const text = (await Deno.readTextFile(file)).replace(/^\s*(\*|\/\/|\/\*).*$/gm, "");
    for (const pattern of NAMED) {
      for (const [whole, named] of text.matchAll(pattern)) {
        const words = wordsOf(named!);
        // Not a command: what a digest is made over, a title, or any command at all.
        if (["x", "instance", "probe", "--help"].includes(words[0]!)) continue;
        const stop = words.findIndex((word) => /^[>&]/.test(word));
        const request = parseCommandLine(COMMANDS, stop < 0 ? words : words.slice(0, stop));
        count++;
        if (request.kind !== "failure") continue;
        const { code } = request.error;
        if (["missing-argument", "missing-value", "wrong-value"].includes(code)) continue;
        wrong.push(`${file.pathname.slice(SOURCE.pathname.length)}: ${whole} (${code})`);
      }
    }
  }
  assertEquals(wrong, []);
  assertEquals(count > 50, true, `${count} were found`);
});
