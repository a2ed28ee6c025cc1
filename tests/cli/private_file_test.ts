import { assertEquals, assertRejects } from "@std/assert";
import { writePrivate } from "../../src/cli/private_file.ts";
import { Failure } from "../../src/system/failure.ts";

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("writePrivate() names what a command that was killed has left, and leaves it", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/copy`;
    await Deno.writeTextFile(`${path}.part`, "of another");
    const error = await assertRejects(() => writePrivate(path, () => {}), Failure);
    assertEquals(error.message.includes(`${path}.part is there`), true);
    assertEquals(error.hint.includes(`rm -f ${path}.part `), true);
    assertEquals(await Deno.readTextFile(`${path}.part`), "of another");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writePrivate() replaces no file, and leaves nothing of a writing that fails", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/copy`;
    await assertRejects(
      () => writePrivate(path, () => Promise.reject(new Error("full"))),
      Error,
      "full",
    );
    assertEquals(namesIn(folder), []);
    const late = (part: string) =>
      Deno.writeTextFile(part, "ours").then(() => Deno.writeTextFile(path, "theirs"));
    await assertRejects(() => writePrivate(path, late), Failure, "exists already");
    await assertRejects(() => writePrivate(path, () => {}), Failure, "exists already");
    assertEquals([namesIn(folder), await Deno.readTextFile(path)], [["copy"], "theirs"]);
    await writePrivate(`${path}2`, (part) => Deno.writeTextFile(part, "ours"));
    assertEquals(await Deno.readTextFile(`${path}2`), "ours");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("writePrivate() writes to disks that have no links, and replaces no file there either", async () => {
  const folder = await Deno.makeTempDir();
  const { link } = Deno;
  Deno.link = () => Promise.reject(new Deno.errors.PermissionDenied("Operation not permitted"));
  try {
    const path = `${folder}/copy`;
    const ours = (part: string) => Deno.writeTextFile(part, "ours");
    await writePrivate(path, ours);
    assertEquals([namesIn(folder), await Deno.readTextFile(path)], [["copy"], "ours"]);
    const late = (part: string) => ours(part).then(() => Deno.writeTextFile(`${path}2`, "theirs"));
    await assertRejects(() => writePrivate(`${path}2`, late), Failure, "exists already");
    assertEquals(await Deno.readTextFile(`${path}2`), "theirs");
  } finally {
    Deno.link = link;
    await Deno.remove(folder, { recursive: true });
  }
});
