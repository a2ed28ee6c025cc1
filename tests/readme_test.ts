import { assert, assertEquals } from "@std/assert";
import { COMMANDS } from "../src/cli/commands/table.ts";
import { parseCommandLine } from "../src/cli/parse.ts";

const README = await Deno.readTextFile(new URL("../README.md", import.meta.url));

/** Headings of a level, outside of code. */
function headings(level: number): string[] {
  const prose = README.replace(/^```[^]*?^```/gm, "");
  return [...prose.matchAll(/^(#+) (.+)$/gm)]
    .filter(([, marks]) => marks!.length === level).map(([, , title]) => title!);
}

/** The anchor that the page gives a heading. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^a-z0-9 -]/g, "").replaceAll(" ", "-");
}

Deno.test("README.md lists its chapters in their order, the reference last", () => {
  const chapters = headings(2).filter((title) => title !== "Contents");
  const listed = [...README.matchAll(/^- \[([^\]]+)\]\(#([^)]+)\)$/gm)];
  assertEquals(listed.map(([, title]) => title), chapters);
  assertEquals(listed.map(([, , target]) => target), chapters.map(anchor));
  assertEquals(chapters.slice(-2), ["Configuration", "Commands"]);
  assertEquals(chapters.slice(0, 3), [
    "Try it",
    "Before you begin",
    "Set it up in ten minutes",
  ]);
});

Deno.test("README.md links within itself only to headings that are there", () => {
  const anchors = new Set([1, 2, 3, 4].flatMap(headings).map(anchor));
  const targets = [...README.matchAll(/\]\(#([^)]+)\)/g)].map(([, target]) => target!);
  assertEquals(targets.filter((target) => !anchors.has(target)), []);
});

Deno.test("README.md shows no command line that the program would refuse to read", () => {
  const code = [...README.matchAll(/^```sh\n([^]*?)^```/gm)].map(([, text]) => text!).join("\n");
  const inline = [...README.matchAll(/`sms-bridge ([^`]+)`/g)].map(([, line]) => line!);
  const lines = [...code.matchAll(/^(?:sudo |.*\| )?sms-bridge (.+)$/gm)].map(([, line]) => line!);
  assert(lines.length > 15 && inline.length > 15);
  const groups = new Set(
    COMMANDS.flatMap(({ path, aliases = [] }) => [path, ...aliases])
      .flatMap((path) => path.map((_, at) => path.slice(0, at + 1).join(" "))),
  );
  for (const line of [...lines, ...inline.map((one) => one.replace(/\s+/g, " "))]) {
    const words = line.replace(/ +#.*$/, "").match(/"[^"]*"|\S+/g) ?? [];
    const args = words.map((word) => word.replace(/^"(.*)"$/, "$1"));
    const request = parseCommandLine(COMMANDS, args);
    const known = request.kind !== "failure" || groups.has(args.join(" ")) ||
      /Argument|argument/.test(request.error.message);
    assert(known, `sms-bridge ${line}: ${request.kind === "failure" && request.error.message}`);
  }
});
