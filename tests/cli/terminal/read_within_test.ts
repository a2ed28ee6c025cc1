import { assertEquals, assertRejects } from "@std/assert";
import { readFileWithin, readWithin } from "../../../src/cli/terminal/read_within.ts";

async function* pieces(...texts: readonly string[]) {
  for (const text of texts) yield new TextEncoder().encode(text);
}

Deno.test("readWithin() reads what is no longer than the limit, in bytes", async () => {
  assertEquals(await readWithin(pieces("a", "é", ""), 3), "aé");
  assertEquals(await readWithin(pieces("a", "é"), 2), null);
  assertEquals(await readWithin(pieces(), 0), "");
});

Deno.test({
  name: "readFileWithin() ends at the limit, also of a device that never ends",
  ignore: Deno.build.os === "windows",
  async fn() {
    assertEquals(await readFileWithin("/dev/zero", 1_000_000), null);
    assertEquals(await readFileWithin("/dev/null", 0), "");
    const path = await Deno.makeTempFile();
    await Deno.writeTextFile(path, "日本");
    assertEquals(await readFileWithin(path, 6), "日本");
    assertEquals(await readFileWithin(path, 5), null);
    await Deno.remove(path);
    await assertRejects(() => readFileWithin(path, 5), Deno.errors.NotFound);
    await assertRejects(() => readFileWithin("/", 5), Deno.errors.IsADirectory);
  },
});
