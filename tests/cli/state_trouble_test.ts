import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { stateTrouble } from "../../src/cli/state_trouble.ts";
import { openStore, StoreError } from "../../src/store/kv.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";
import { createBridgeWorld } from "./bridge_world.ts";

/** Advice that a person could lose texts by. */
const LOSES = /\b(move|remove|delete|rm|away)\b/i;

Deno.test("stateTrouble() tells the true cause, and advises nothing that loses what is stored", async () => {
  const folder = await Deno.makeTempDir({ prefix: "sms-bridge-trouble-" });
  const of = (code: string) => stateTrouble(folder, Object.assign(new Error("os"), { code }));
  const causes = {
    EROFS: "read-only",
    ENOSPC: "is full",
    EACCES: "may not write",
    ENOTDIR: "not a directory",
  };
  for (const [code, cause] of Object.entries(causes)) {
    const { why, fix, command } = await of(code);
    assertStringIncludes(why, cause);
    assert(!LOSES.test(`${fix} ${command}`), fix);
  }
  const damaged = await stateTrouble(folder, new Error("file is not a database"));
  assertStringIncludes(damaged.why, "is damaged");
  assertStringIncludes(damaged.fix, "keep a copy");
  assert(!LOSES.test(damaged.fix));
  await Deno.remove(folder, { recursive: true });
});

async function succeeds(...words: string[]): Promise<boolean> {
  const command = new Deno.Command(words[0]!, { args: words.slice(1), stderr: "null" });
  return (await command.output().catch(() => ({ success: false }))).success;
}

/** Mounts a small disk of its own; null where that is not allowed. */
async function smallDisk(folder: string) {
  if (!await succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)) return null;
  return { [Symbol.asyncDispose]: async () => void await succeeds("umount", folder) };
}

Deno.test({
  name: "doctor and commands say that the disk is read-only",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  async fn() {
    await using world = await createBridgeWorld();
    const folder = `${world.stateDir}/state`;
    await Deno.mkdir(folder);
    await using disk = await smallDisk(folder);
    if (disk === null || !await succeeds("mount", "-o", "remount,ro", folder)) return;
    world.env.SMS_BRIDGE_STATE_DIR = folder;
    const { checks } = JSON.parse((await world.run("doctor", "--json")).out);
    const store = checks.find(({ id }: { id: string }) => id === "state.store");
    assertEquals(store.state, "problem");
    assertStringIncludes(store.detail, "is read-only");
    assertStringIncludes(store.command, "remount,rw");
    const allow = await world.run("pair", "allow", "+12025550101");
    assertEquals(allow.code, 1);
    assertStringIncludes(allow.err, "is read-only");
    const set = ["config", "set", "bridge.storeBodies", "true", "--config", `${folder}/own.json5`];
    const written = await world.run(...set);
    assertEquals(written.code, 1);
    assertStringIncludes(written.err, "Cannot write: the disk is read-only");
  },
});

Deno.test({
  name: "doctor, commands and backup say that the disk is full, whichever of the two disks that is",
  ignore: Deno.build.os !== "linux" || Deno.uid() !== 0,
  async fn() {
    await using world = await createBridgeWorld();
    const [folder, copies] = [`${world.stateDir}/state`, `${world.stateDir}/copies`];
    for (const one of [folder, copies]) await Deno.mkdir(one);
    await using disk = await smallDisk(folder);
    await using other = await smallDisk(copies);
    if (disk === null || other === null) return;
    world.env.SMS_BRIDGE_STATE_DIR = folder;
    await world.run("pair", "allow", "+12025550101");
    const fill = (where: string) =>
      Deno.writeFile(`${where}/filler`, new Uint8Array(2_000_000)).catch(() => {});
    await fill(folder);
    const { checks } = JSON.parse((await world.run("doctor", "--json")).out);
    const store = checks.find(({ id }: { id: string }) => id === "state.store");
    assertStringIncludes(store.detail, `the disk of ${folder} is full`);
    for (const args of [["pair", "allow", "+12025550102"], ["backup", `${copies}/copy`]]) {
      const { code, err } = await world.run(...args);
      assertEquals(code, 1);
      assertStringIncludes(err, `the disk of ${folder} is full`);
    }
    await Deno.remove(`${folder}/filler`);
    await fill(copies);
    const backup = await world.run("backup", `${copies}/copy`);
    assertStringIncludes(backup.err, `Cannot write the copy: the disk of ${copies} is full`);
    await Deno.remove(`${copies}/filler`);
    assertEquals((await world.run("backup", `${copies}/copy`)).code, 0);
  },
});

Deno.test("a state directory that is a file is told as that by doctor and commands", async () => {
  await using world = await createBridgeWorld();
  world.env.SMS_BRIDGE_STATE_DIR = `${world.stateDir}/a-file`;
  await Deno.writeTextFile(world.env.SMS_BRIDGE_STATE_DIR, "");
  for (const command of [["pair", "list"], ["status"], ["doctor"]]) {
    const { out, err } = await world.run(...command);
    assertStringIncludes(`${out}${err}`, "a-file is not a directory");
    assert(!`${out}${err}`.includes("run the command as the user"), `${out}${err}`);
  }
});

Deno.test("stateTrouble() says of a store on a full disk that it is full", async () => {
  const { why, command } = await stateTrouble("/nowhere", new Error("database or disk is full"));
  assertEquals([why, command], ["the disk of /nowhere is full", "df -h /nowhere"]);
});

Deno.test({
  name:
    "a state directory that cannot be made is told by doctor, serve and commands, with the command that makes it",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using world = await createBridgeWorld();
    // Nobody makes folders there, root neither.
    const folder = world.env.SMS_BRIDGE_STATE_DIR = "/sys/sms-bridge-test/state";
    const makes = `sudo install -d -m 700 -o "$USER" ${folder}`;
    const { checks } = JSON.parse((await world.run("doctor", "--json")).out);
    const store = checks.find(({ id }: { id: string }) => id === "state.store");
    assertEquals([store.state, store.command], ["problem", makes]);
    const trouble = await stateTrouble(folder, new Error("Operation not permitted"));
    assertEquals(trouble.command, makes);
    const error = await assertRejects(
      () => openStore(folder, { clock: systemClock, random: systemRandom }),
      StoreError,
    );
    assertStringIncludes(error.message, "Cannot use the store: ");
  },
});

Deno.test("backup tells of a store that is damaged as other commands do, and leaves no copy", async () => {
  await using world = await createBridgeWorld();
  await Deno.writeTextFile(`${world.stateDir}/bridge.kv`, "no database at all ".repeat(100));
  const { code, err } = await world.run("backup", `${world.stateDir}/copy`);
  assertEquals(code, 1);
  assertStringIncludes(err, "bridge.kv is damaged");
  const names = (await Array.fromAsync(Deno.readDir(world.stateDir))).map(({ name }) => name);
  assertEquals(names.filter((name) => name.startsWith("copy")), []);
});
