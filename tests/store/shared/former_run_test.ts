import { assertEquals } from "@std/assert";
import { takePlace } from "../../../src/store/shared/former_run.ts";

Deno.test("takePlace() tells the run before, and of none where there was none or it cannot be known", async () => {
  const folder = await Deno.makeTempDir();
  try {
    assertEquals(await takePlace(folder, "one"), null);
    assertEquals(await takePlace(folder, "two"), "one");
    assertEquals(await takePlace(folder, "three"), "two");
    if (Deno.build.os !== "windows") {
      assertEquals((await Deno.stat(`${folder}/run`)).mode! & 0o777, 0o600);
    }
    assertEquals(await takePlace(`${folder}/nowhere`, "four"), null);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
