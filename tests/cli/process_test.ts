import { assert, assertEquals, assertMatch } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

/** The program as a process of its own. */
function program(...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "main.ts", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  });
}

Deno.test("main.ts ends with the command's exit code and keeps the streams apart", async () => {
  const good = await program("version", "--json").output();
  assertEquals([good.code, good.stderr.byteLength], [0, 0]);
  assert(JSON.parse(new TextDecoder().decode(good.stdout)).version);
  const bad = await program("vershun").output();
  assertEquals([bad.code, bad.stdout.byteLength], [2, 0]);
  assertMatch(new TextDecoder().decode(bad.stderr), /did you mean: sms-bridge version/);
});

Deno.test("main.ts is quiet when nobody reads its results", async () => {
  const child = program("completions", "bash").spawn();
  await child.stdout.cancel();
  const errors = await new Response(child.stderr).text();
  assertEquals([(await child.status).code, errors], [0, ""]);
});
