import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Parsed } from "../../src/cli/command.ts";
import { parseCommandLine } from "../../src/cli/parse.ts";
import { SAMPLE_COMMANDS } from "./sample_commands.ts";

const parse = (...args: string[]) => parseCommandLine(SAMPLE_COMMANDS, args);

function run(...args: string[]): { name: string; parsed: Parsed } {
  const request = parse(...args);
  assert(request.kind === "run", JSON.stringify(request));
  return { name: request.command.path.join(" "), parsed: request.parsed };
}

function failureOf(...args: string[]) {
  const request = parse(...args);
  assert(request.kind === "failure", JSON.stringify(request));
  assertEquals(request.error.exitCode, 2);
  return request.error;
}

Deno.test("parseCommandLine() finds commands by their words and by other words", () => {
  assertEquals(run("pair", "list").name, "pair list");
  assertEquals(run("pairing", "list", "sms").name, "pair list");
  const { name, parsed } = run("pairing", "approve", "sms", "ABCD2345");
  assertEquals([name, parsed.argument("CODE")], ["pair approve", "ABCD2345"]);
});

Deno.test("parseCommandLine() takes options before, between and after the words", () => {
  for (
    const args of [
      ["--account", "pair", "--json", "pair", "list"],
      ["pair", "--account=pair", "list", "--json"],
      ["pair", "list", "--json", "--account", "pair"],
    ]
  ) {
    const { name, parsed } = run(...args);
    assertEquals([name, parsed.text("account"), parsed.flag("json")], ["pair list", "pair", true]);
  }
});

Deno.test("parseCommandLine() keeps numbers of arguments as they were typed", () => {
  const { parsed } = run("send", "+15551234567", "007", "1e3");
  assertEquals(parsed.argument("NUMBER"), "+15551234567");
  assertEquals(parsed.rest("TEXT"), ["007", "1e3"]);
});

Deno.test("parseCommandLine() takes everything after -- as it stands", () => {
  const { parsed } = run("send", "+15551234567", "--", "--help", "-n", "send");
  assertEquals(parsed.rest("TEXT"), ["--help", "-n", "send"]);
});

Deno.test("parseCommandLine() takes a single dash for an argument", () => {
  assertEquals(run("send", "+15551234567", "-").parsed.rest("TEXT"), ["-"]);
});

Deno.test("parseCommandLine() reads values of options in each spelling", () => {
  const line = ["send", "+1", "hi"];
  for (const spelt of [["-n", "5"], ["--limit", "5"], ["--limit=5"], ["--limit", "9", "-n", "5"]]) {
    assertEquals(run(...line, ...spelt).parsed.number("limit"), 5);
  }
  assertEquals(run(...line, "--limit", "-5").parsed.number("limit"), -5);
  assertEquals(run(...line).parsed.number("limit"), undefined);
  const { parsed } = run(...line, "--media", "a b", "--media=--c", "--media=");
  assertEquals(parsed.texts("media"), ["a b", "--c", ""]);
  assertEquals(run("pair", "approve", "X", "-y").parsed.flag("yes"), true);
  assertEquals(run("pair", "approve", "X").parsed.flag("yes"), false);
});

Deno.test("parseCommandLine() names the nearest command of a misspelt one", () => {
  const cases: [args: string[], meant: string][] = [
    [["pair", "lits"], "pair list"],
    [["piar", "list"], "pair list"],
    [["pair", "aprove", "ABCD2345"], "pair approve"],
    [["sned", "+15551234567", "a long text with many words"], "send"],
    [["pairing", "list", "sm"], "pairing list sms"],
  ];
  for (const [args, meant] of cases) {
    const { code, hint } = failureOf(...args);
    assertEquals([code, hint], ["unknown-command", `did you mean: sms-bridge ${meant}`]);
  }
  assertEquals(failureOf("xylophone").hint, "sms-bridge --help lists all commands");
});

Deno.test("parseCommandLine() repeats no number and no text behind a command that nobody knows", () => {
  const told = (...args: string[]) => failureOf(...args).message;
  assertEquals(told("sned", "+15551234567", "my words"), 'Cannot find the command "sned"');
  assertEquals(told("pair", "add", "+15551234567"), 'Cannot find the command "pair add"');
  assertEquals(told("+15551234567"), 'Cannot find the command "+1•••••4567"');
  assertEquals(
    failureOf("pair", "remove", "+15551234567").hint,
    "did you mean: sms-bridge pair revoke",
  );
});

Deno.test("parseCommandLine() names the nearest option of a misspelt one", () => {
  const { code, message, hint } = failureOf("pair", "list", "--jsn");
  assertEquals([code, hint], ["unknown-option", "did you mean: --json"]);
  assertEquals(message, "Cannot find the option --jsn of pair list");
  assertEquals(failureOf("pair", "list", "--acount=x").hint, "did you mean: --account");
  assertStringIncludes(failureOf("pair", "list", "-q").hint, "--help lists its options");
  assertEquals(failureOf("pair", "list", "--yes").code, "unknown-option");
});

Deno.test("parseCommandLine() names arguments that are missing or too many", () => {
  const missing = failureOf("send");
  assertEquals(missing.message, "Cannot run send without NUMBER and TEXT");
  assertEquals(missing.hint, 'as in: sms-bridge send +15551234567 "hello"');
  assertEquals(failureOf("pair", "approve", "A", "B").code, "extra-argument");
});

Deno.test("parseCommandLine() refuses values that an option cannot have", () => {
  const line = ["send", "+1", "hi"];
  for (const wrong of ["many", "", " ", "Infinity"]) {
    const { message } = failureOf(...line, `--limit=${wrong}`);
    assertEquals(
      message,
      `Cannot use --limit as it must be a number: current value is "${wrong}"`,
    );
  }
  assertStringIncludes(failureOf(...line, "--encoding", "utf8").message, "one of gsm, ucs2");
  assertEquals(failureOf(...line, "--media").code, "missing-value");
  assertEquals(failureOf(...line, "--media", "--limit", "5").code, "missing-value");
});

Deno.test("parseCommandLine() gives help wherever it is asked for, except after --", () => {
  for (const args of [["--help", "send"], ["send", "-h"], ["send", "--nonsense", "--help"]]) {
    const request = parse(...args);
    assert(request.kind === "help");
    assertEquals(request.command.path, ["send"]);
  }
  assertEquals(parse("help", "pairing", "approve", "sms").kind, "help");
  assertEquals(parse("send", "+1", "--", "--help").kind, "run");
});

Deno.test("parseCommandLine() gives an overview of all commands or of a group", () => {
  assertEquals(parse(), { kind: "overview", words: [] });
  assertEquals(parse("--help"), { kind: "overview", words: [] });
  assertEquals(parse("help", "pair"), { kind: "overview", words: ["pair"] });
  assertEquals(parse("pair", "--help"), { kind: "overview", words: ["pair"] });
  assertEquals(failureOf("pair").code, "incomplete-command");
  assertEquals(failureOf("pear", "--help").code, "unknown-command");
});

Deno.test("parseCommandLine() shows no control characters of what was typed", () => {
  assertEquals(
    failureOf("pair", "approve", "x", "\x1b[31mred\n").message,
    'Cannot run pair approve with " [31mred ": it takes 1 argument(s)',
  );
});

Deno.test("parseCommandLine() takes an option that nobody knows for wrong usage, also without a command", () => {
  for (
    const args of [["--bogus"], ["-x"], ["--json"], ["help", "--bogus"], ["--state-dir", "/x"]]
  ) {
    assertEquals([args, failureOf(...args).exitCode], [args, 2]);
  }
  assertStringIncludes(failureOf("--hepl").hint, "--help");
  for (const args of [[], ["--no-color"], ["-h"], ["--help", "--no-color"]]) {
    assertEquals(parse(...args).kind, "overview");
  }
});
