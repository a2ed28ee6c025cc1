import { assertEquals, assertStringIncludes } from "@std/assert";
import { CONFIG_ACCOUNTS_MAX, PROBLEMS_TOLD_MAX } from "../../src/system/limits.ts";
import { createFolder, type FolderOptions } from "./folder.ts";

async function problemsOf(options: FolderOptions): Promise<readonly string[]> {
  await using folder = await createFolder(options);
  const { settings, problems } = await folder.load();
  assertEquals(settings, null);
  return problems.map(({ name, problem }) => `${name} ${problem}`);
}

const nested = (depth: number, inside: string) => "{a:".repeat(depth) + inside + "}".repeat(depth);

Deno.test("loadSettings() refuses objects nested too deeply, also where each file alone is not", async () => {
  assertStringIncludes((await problemsOf({ own: nested(1_900, "1") }))[0]!, "nested deeper");
  const files = Object.fromEntries(
    Array.from({ length: 9 }, (_, level) => [
      `.openclaw/sms-bridge/${level}.json5`,
      nested(450, level === 8 ? "1" : `{ $include: "./${level + 1}.json5" }`),
    ]),
  );
  const [problem] = await problemsOf({ own: '{ $include: "./0.json5" }', files });
  assertStringIncludes(problem!, "nests values deeper");
});

Deno.test("loadSettings() tells a few of many unknown keys and unset variables", async () => {
  const own = (line: (index: number) => string) =>
    `{ bridge: { ${Array.from({ length: 1_000 }, (_, index) => line(index)).join(", ")} } }`;
  const keys = await problemsOf({ own: own((index) => `wrong${index}: 1`) });
  const told = keys.filter((problem) => problem.startsWith("bridge.wrong"));
  assertEquals(told.length, PROBLEMS_TOLD_MAX + 1);
  assertStringIncludes(told.at(-1)!, "there may be more");
  const variables = await problemsOf({ own: own((index) => `wrong${index}: "\${V${index}}"`) });
  assertEquals(variables.filter((one) => one.startsWith("${V")).length, PROBLEMS_TOLD_MAX);
});

Deno.test("loadSettings() stops where includes multiply files, or values", async () => {
  const ten = (name: string) => `{ $include: [${`"./${name}.json5",`.repeat(10)}] }`;
  const files = Object.fromEntries(
    Array.from({ length: 9 }, (_, level) => [
      `.openclaw/sms-bridge/${level}.json5`,
      level === 8 ? "{}" : ten(String(level + 1)),
    ]),
  );
  assertStringIncludes((await problemsOf({ own: ten("0"), files }))[0]!, "included files");
  const long = `{ channels: { sms: { allowFrom: [${'"*",'.repeat(9_000)}] } } }`;
  const [problem] = await problemsOf({
    own: ten("long"),
    files: { ".openclaw/sms-bridge/long.json5": long },
  });
  assertStringIncludes(problem!, "values");
});

Deno.test("loadSettings() refuses an account whose name is no short line", async () => {
  for (const id of ["a\x1b[31mb", "a\nb", "a\u202eb", "a".repeat(65)]) {
    const own = JSON.stringify({ channels: { sms: { accounts: { [id]: {} } } } });
    const [first] = await problemsOf({ own });
    assertStringIncludes(first!, "must be named in one line");
  }
});

Deno.test("loadSettings() bounds accounts, and what variables put in", async () => {
  const accounts = Array.from({ length: CONFIG_ACCOUNTS_MAX + 1 }, (_, index) => `a${index}: {}`);
  const [many] = await problemsOf({ own: `{ channels: { sms: { accounts: {${accounts}} } } }` });
  assertStringIncludes(many!, `more than ${CONFIG_ACCOUNTS_MAX} accounts`);
  const long = "x".repeat(100_000);
  const [problem] = await problemsOf({
    own: `{ channels: { sms: { allowFrom: ["${"${LONG}".repeat(100)}"] } } }`,
    env: { LONG: long },
  });
  assertStringIncludes(problem!, "what variables put in");
});
