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
  name:
    "keepPrivate() closes a folder that has the bridge's configuration or variables beside other things",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/notes`, "");
      for (const name of ["config.json5", "env", "bridge.kv"]) {
        await Deno.writeTextFile(`${folder}/${name}`, "", { mode: 0o600 });
        await Deno.chmod(folder, 0o755);
        assertEquals(await keepPrivate(folder), [folder], name);
        await Deno.remove(`${folder}/${name}`);
      }
    }),
});

Deno.test({
  name: "keepPrivate() refuses a folder that others use too, and leaves its mode",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      const refused = async () => {
        const { mode } = await Deno.stat(folder);
        const error = await assertRejects(() => keepPrivate(folder), Failure, "use it too");
        assertEquals([error.kind, (await Deno.stat(folder)).mode], ["configuration", mode]);
      };
      await Deno.writeTextFile(`${folder}/letters`, "");
      await Deno.chmod(folder, 0o755);
      await refused();
      await Deno.writeTextFile(`${folder}/bridge.kv`, "");
      await Deno.chmod(folder, 0o1777);
      await refused();
    }),
});

Deno.test({
  name: "keepPrivate() follows no link that stands where a file of ours should be",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      const elsewhere = `${folder}/elsewhere`;
      await Deno.writeTextFile(elsewhere, "");
      await Deno.chmod(elsewhere, 0o644);
      for (const name of ["bridge.kv", "bridge.kv-wal", "config.json5"]) {
        await Deno.symlink(elsewhere, `${folder}/${name}`);
        await assertRejects(() => keepPrivate(folder), Failure, `${name} as it is a link`);
        await Deno.remove(`${folder}/${name}`);
      }
      assertEquals((await Deno.stat(elsewhere)).mode! & 0o777, 0o644);
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
