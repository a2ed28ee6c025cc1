import { assertEquals } from "@std/assert";
import { checkOf } from "../../../src/checks/check.ts";
import { renderChecks } from "../../../src/cli/terminal/checks.ts";
import { paint, printJson, renderTable } from "../../../src/cli/terminal/output.ts";
import { formatAge, formatDuration, plural } from "../../../src/text/amounts.ts";
import { createTestContext } from "../test_context.ts";

Deno.test("renderTable() aligns columns by what the terminal shows", () => {
  const { red } = paint(true);
  const table = renderTable(
    [{ title: "NAME" }, { title: "COUNT", align: "right" }, { title: "STATE" }],
    [["日本", "1", red("down")], ["👋🏽", "1000", "up"], ["é", "", ""]],
  );
  assertEquals(
    table,
    [
      "NAME  COUNT  STATE",
      `日本      1  ${red("down")}`,
      "👋🏽     1000  up",
      "é",
      "",
    ].join("\n"),
  );
});

Deno.test("renderTable() cuts wide cells, indents and shows titles without rows", () => {
  assertEquals(
    renderTable([{ title: "A", widthMax: 4 }, { title: "B" }], [["abcdef", "x"]], { indent: 2 }),
    "  A     B\n  abc…  x\n",
  );
  assertEquals(renderTable([{ title: "A" }, { title: "B" }], []), "A  B\n");
});

Deno.test("paint() leaves texts alone when there are to be no colours", () => {
  assertEquals([paint(false).red("x"), paint(true).red("x")], ["x", "\x1b[31mx\x1b[0m"]);
});

Deno.test("formatDuration() shows the two greatest units", () => {
  const cases: [ms: number, text: string][] = [
    [-5, "0ms"],
    [350, "350ms"],
    [999.6, "1s"],
    [59_999, "59s"],
    [61_000, "1m 1s"],
    [3_600_000, "1h"],
    [3_605_000, "1h"],
    [90_061_000, "1d 1h"],
    [30 * 86_400_000, "30d"],
  ];
  for (const [ms, text] of cases) assertEquals(formatDuration(ms), text);
});

Deno.test("formatAge() tells how long ago something was", () => {
  assertEquals(formatAge(1_000, 61_000), "1m ago");
  assertEquals(formatAge(1_000, 1_500), "just now");
  assertEquals(formatAge(5_000, 1_000), "just now");
  assertEquals(formatAge(null, 0), "never");
});

Deno.test("plural() makes a noun fit its number", () => {
  assertEquals([0, 1, 2].map((n) => plural(n, "text")), ["0 texts", "1 text", "2 texts"]);
  assertEquals(plural(2, "entry", "entries"), "2 entries");
});

Deno.test("printJson() prints one line for programs and an indented object for people", () => {
  const program = createTestContext();
  printJson(program, { a: 1 });
  assertEquals(program.out, '{"a":1}\n');
  const person = createTestContext({ terminal: { stdin: true, stdout: true, stderr: true } });
  printJson(person, { a: 1 });
  assertEquals(person.out, '{\n  "a": 1\n}\n');
});

Deno.test("renderChecks() lets no word of a check steer a terminal", () => {
  const words = "a\x1b[31m\x9b31m\u202egnp";
  const check = { ...checkOf("a", words, words).problem(words, words, words) };
  const shown = renderChecks([check], { paint: paint(false), columns: 80 });
  // deno-lint-ignore no-control-regex
  assertEquals(shown.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/), null);
});

Deno.test("printJson() prints what reads back as it was, and steers no terminal", () => {
  const value = {
    words: "a\x1b[31m\x7f\x9b31m\u202egnp\u2067\u2028\u200f\0 é 日 🙂",
    "\u202ekey": 1,
  };
  const context = createTestContext();
  printJson(context, value);
  assertEquals(JSON.parse(context.out), value);
  // deno-lint-ignore no-control-regex
  const steering = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200f\u2028-\u202e\u2066-\u2069]/;
  assertEquals(context.out.match(steering), null);
});
