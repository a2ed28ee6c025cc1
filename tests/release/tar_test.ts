import { assertEquals, assertRejects } from "@std/assert";
import { writeTarGz } from "../../scripts/tar.ts";
import { readTarGz } from "../../src/system/tar.ts";

const FILES = [
  { path: "a/empty", bytes: new Uint8Array(0), executable: false },
  { path: "a/block", bytes: new Uint8Array(512).fill(7), executable: true },
  { path: "a/é", bytes: new TextEncoder().encode("text"), executable: false },
];

Deno.test("writeTarGz() packs what readTarGz() and tar read, the same bytes each time", async () => {
  const packed = await writeTarGz(FILES, 1_700_000_000);
  assertEquals(await writeTarGz(FILES, 1_700_000_000), packed);
  const read = await readTarGz(packed);
  assertEquals(read, FILES.map(({ path, bytes }) => ({ path, bytes })));
});

Deno.test({
  name: "writeTarGz() tells tar modes and times",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir();
    await Deno.writeFile(`${folder}/x.tar.gz`, await writeTarGz(FILES, 1_700_000_000));
    const { success } = await new Deno.Command("tar", {
      args: ["-xzf", "x.tar.gz"],
      cwd: folder,
    }).output();
    assertEquals(success, true);
    const { mode, mtime, size } = await Deno.stat(`${folder}/a/block`);
    assertEquals([mode! & 0o111, mtime!.getTime(), size], [0o111, 1_700_000_000_000, 512]);
    assertEquals((await Deno.stat(`${folder}/a/empty`)).mode! & 0o111, 0);
    await Deno.remove(folder, { recursive: true });
  },
});

Deno.test("writeTarGz() refuses a path that does not fit", async () => {
  const path = "a".repeat(101);
  await assertRejects(
    () => writeTarGz([{ path, bytes: new Uint8Array(0), executable: false }], 0),
    RangeError,
    "at most 100 bytes",
  );
});
