import { assertEquals } from "@std/assert";
import { noteRun } from "../../../src/store/shared/former_run.ts";

Deno.test("noteRun() tells the run before, and of none where there was none or it cannot be known", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assertEquals(await noteRun(folder, "one"), null);
    assertEquals(await noteRun(folder, "two"), "one");
    assertEquals(await noteRun(folder, "three"), "two");
    if (Deno.build.os !== "windows") {
      assertEquals((await Deno.stat(`${folder}/run`)).mode! & 0o777, 0o600);
    }
    assertEquals(await noteRun(`${folder}/nowhere`, "four"), null);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
