import { assertEquals, assertRejects } from "@std/assert";
import { keepPrivate } from "../../src/store/private_folder.ts";
import { Failure } from "../../src/system/failure.ts";

const ignore = Deno.build.os === "windows";

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "keepPrivate() closes a folder and a store that others could read, and says which",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/bridge.kv`, "");
      await Deno.chmod(folder, 0o777);
      await Deno.chmod(`${folder}/bridge.kv`, 0o644);
      assertEquals(await keepPrivate(folder), [folder, `${folder}/bridge.kv`]);
      assertEquals((await Deno.stat(folder)).mode! & 0o777, 0o700);
      assertEquals((await Deno.stat(`${folder}/bridge.kv`)).mode! & 0o777, 0o600);
      assertEquals(await keepPrivate(folder), []);
      assertEquals(await keepPrivate(`${folder}/none`), []);
    }),
});

Deno.test({
  name: "keepPrivate() refuses a folder that is somebody else's",
  // Only root can give a folder away.
  ignore: ignore || Deno.uid() !== 0,
  fn: () =>
    withFolder(async (folder) => {
      await Deno.chown(folder, 65_534, 65_534);
      const error = await assertRejects(() => keepPrivate(folder), Failure, "another user");
      assertEquals(error.kind, "configuration");
    }),
});
