import { assertEquals, assertNotEquals } from "@std/assert";
import { openSpool } from "../../src/store/spool.ts";
import { systemRandom } from "../../src/system/random.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("Spool keeps copies under names that say nothing, for their owner alone", async () => {
  const folder = await Deno.makeTempDir();
  const spool = openSpool(folder, systemRandom);
  const name = (await spool.keep(bytes("hello")))!;
  assertNotEquals(name, await spool.keep(bytes("hello")));
  assertEquals(await spool.read(name), bytes("hello"));
  if (Deno.build.os !== "windows") {
    const { mode } = await Deno.stat(`${folder}/media/${name}`);
    assertEquals(mode! & 0o777, 0o600);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("Spool reads nothing but its copies, and forgets them when they are old", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/secret`, "secret");
  const spool = openSpool(folder, systemRandom);
  await spool.sweep(Date.now());
  const [old, young] = [(await spool.keep(bytes("old")))!, (await spool.keep(bytes("young")))!];
  await Deno.utime(`${folder}/media/${old}`, 1_000, 1_000);
  for (const name of ["../secret", "", ".", old.toUpperCase(), `${old}/`, "0".repeat(32)]) {
    assertEquals(await spool.read(name), null, name);
  }
  await spool.sweep(2_000_000);
  assertEquals(await spool.read(old), null);
  assertEquals(await spool.read(young), bytes("young"));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("Spool takes nothing more when what waits is too much", async () => {
  const folder = await Deno.makeTempDir();
  const spool = openSpool(folder, systemRandom);
  const large = new Uint8Array(150 * 1024 * 1024);
  assertNotEquals(await spool.keep(large), null);
  assertEquals(await spool.keep(large), null);
  await Deno.remove(folder, { recursive: true });
});
