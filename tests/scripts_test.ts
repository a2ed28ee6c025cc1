import { PROGRAM_ROWS } from "../scripts/bench/program.ts";
import { SHARED_ROWS } from "../scripts/bench/shared_store.ts";
import { assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../", import.meta.url).pathname;

async function script(name: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", `scripts/${name}.ts`, ...args],
    cwd: ROOT,
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: decode(stdout), stderr: decode(stderr) };
}

Deno.test("a script that runs for long says what it takes, and does not begin with what it does not know", async () => {
  await Promise.all(["bench", "crash", "fuzz", "mutants", "sim", "soak"].map(async (name) => {
    const [help, unknown] = await Promise.all([script(name, "--help"), script(name, "--hepl")]);
    assertEquals([help.code, help.stderr], [0, ""]);
    assertStringIncludes(help.stdout, `deno task ${name} `);
    assertEquals([unknown.code, unknown.stdout], [2, ""]);
    assertStringIncludes(unknown.stderr, `Cannot ${name}: there is no --hepl`);
  }));
});

Deno.test("README's tables of the bench have its rows, in its order", async () => {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  for (const [mark, rows] of [["bench", PROGRAM_ROWS], ["bench shared", SHARED_ROWS]] as const) {
    const [, table] = readme.match(new RegExp(`<!-- ${mark} -->(.*?)<!-- /${mark} -->`, "s"))!;
    const named = table!.trim().split("\n").slice(2).map((row) => row.split(" | ")[0]!.slice(2));
    assertEquals(named, rows.map(({ name }) => name));
  }
});
