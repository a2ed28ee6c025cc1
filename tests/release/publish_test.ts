import { assert, assertEquals } from "@std/assert";

Deno.test("`deno publish --dry-run` takes the package, which holds the program and nothing else", async () => {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty", "--no-check"],
    cwd: new URL("../..", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(success, text);
  const root = new URL("../../", import.meta.url).href;
  const files = [...text.matchAll(/^ +(file:\S+) \(/gm)].map(([, url]) => url!.slice(root.length));
  assertEquals(files.filter((file) => !file.startsWith("src/")).sort(), [
    "LICENSE",
    "README.md",
    "deno.json",
    "main.ts",
  ]);
  assert(files.includes("src/cli/chapters.json"));
});
