import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { encodeHex } from "@std/encoding/hex";
import { writeTarGz } from "../../../scripts/tar.ts";
import { upgradeCommand } from "../../../src/cli/host/upgrade.ts";
import { statusCommand } from "../../../src/cli/commands/status.ts";
import { runCli } from "../../../src/cli/run.ts";
import { systemClock } from "../../../src/system/clock.ts";
import { VERSION } from "../../../src/system/version.ts";
import { createTestContext } from "../test_context.ts";

const UNIX = { ignore: Deno.build.os === "windows" };
const NEWER = "99.1.0";

const script = (version: string) => `#!/bin/sh\necho '{"version":"${version}"}'\n`;

/** A program that is installed, and releases on loopback. */
async function installed() {
  const folder = await Deno.makeTempDir({ prefix: "sms-bridge-upgrade-" });
  const program = `${folder}/sms-bridge`;
  await Deno.writeTextFile(program, script(VERSION), { mode: 0o755 });
  const served = new Map<string, Uint8Array<ArrayBuffer> | string>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const body = served.get(new URL(url).pathname.slice(1));
    return new Response(body ?? "", { status: body === undefined ? 404 : 200 });
  });
  async function release(version: string, text = script(version)) {
    const name = `sms-bridge-${version}-${Deno.build.target}`;
    const file = { path: `${name}/sms-bridge`, bytes: new TextEncoder().encode(text) };
    const archive = await writeTarGz([{ ...file, executable: true }], 0);
    const sum = encodeHex(await crypto.subtle.digest("SHA-256", archive));
    served.set(`${name}.tar.gz`, archive);
    served.set("SHA256SUMS", `${served.get("SHA256SUMS") ?? ""}${sum}  ${name}.tar.gz\n`);
    return name;
  }
  await release(VERSION);
  return {
    folder,
    program,
    served,
    release,
    async run(args: string[], more: Record<string, string> = {}, path = program) {
      const variables = {
        HOME: folder,
        SMS_BRIDGE_RELEASES: `http://127.0.0.1:${server.addr.port}`,
        ...more,
      };
      const context = createTestContext({ variables, clock: systemClock });
      const code = await runCli(args, context, [upgradeCommand(() => path), statusCommand]);
      return { code, out: context.out, err: context.err };
    },
    async files() {
      return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("upgrade takes no program from where anybody on the way could change it, and shows no password", async () => {
  await using place = await installed();
  for (const url of ["http://192.0.2.1/releases", "https://ann:hunter2@192.0.2.1", "file:///tmp"]) {
    const { code, out, err } = await place.run(["upgrade"], { SMS_BRIDGE_RELEASES: url });
    assertEquals([url, code], [url, 3]);
    assertStringIncludes(err, "bridge.releasesUrl must be");
    assertEquals(`${out}${err}`.includes("hunter2"), false);
  }
});

Deno.test(
  "upgrade puts the newest release in the program's place, and --rollback the former one back",
  UNIX,
  async () => {
    await using place = await installed();
    assertStringIncludes((await place.run(["upgrade"])).out, `${VERSION} is the newest`);
    await place.release("99.0.9");
    await place.release(NEWER);
    await place.release("99.1.0-rc.1");
    const check = await place.run(["upgrade", "--check"]);
    assertEquals([check.code, check.err], [1, ""]);
    assertStringIncludes(check.out, `sms-bridge ${NEWER} is there`);
    assertEquals(await Deno.readTextFile(place.program), script(VERSION));

    const done = await place.run(["upgrade"]);
    assertEquals(done.code, 0, done.err);
    assertStringIncludes(done.out, "sms-bridge service restart");
    assertEquals(await Deno.readTextFile(place.program), script(NEWER));
    assertEquals((await Deno.stat(place.program)).mode! & 0o777, 0o755);
    assertEquals(await Deno.readTextFile(`${place.program}.old`), script(VERSION));
    const back = await place.run(["upgrade", "--rollback", "--json"]);
    assertEquals(JSON.parse(back.out).to, VERSION);
    assertEquals(await Deno.readTextFile(place.program), script(VERSION));
    assertEquals(await place.files(), ["sms-bridge", "sms-bridge.old"]);
  },
);

Deno.test(
  "a program is in its place at any instant of an upgrade and of a rollback",
  UNIX,
  async () => {
    await using place = await installed();
    await place.release(NEWER);
    const { rename } = Deno;
    const there: boolean[] = [];
    Deno.rename = async (from, to) => {
      await rename(from, to);
      there.push(await Deno.stat(place.program).then(({ isFile }) => isFile, () => false));
    };
    try {
      assertEquals((await place.run(["upgrade"])).code, 0);
      assertEquals((await place.run(["upgrade", "--rollback"])).code, 0);
    } finally {
      Deno.rename = rename;
    }
    assertEquals([there.length > 0, there.includes(false)], [true, false]);
  },
);

Deno.test(
  "upgrade changes nothing where the sum is wrong, the program does not start or is another",
  UNIX,
  async () => {
    for (const fault of ["sum", "broken", "other"] as const) {
      await using place = await installed();
      const text = { sum: undefined, broken: "#!/bin/sh\nexit 1\n", other: script("1.2.3") }[fault];
      const name = await place.release(NEWER, text);
      if (fault === "sum") {
        place.served.set(
          `${name}.tar.gz`,
          place.served.get(`sms-bridge-${VERSION}-${Deno.build.target}.tar.gz`)!,
        );
      }
      const { code, err } = await place.run(["upgrade"]);
      assertEquals(code, 1, fault);
      assertStringIncludes(err, "nothing was changed");
      assertEquals(await place.files(), ["sms-bridge"]);
      assertEquals(await Deno.readTextFile(place.program), script(VERSION));
    }
  },
);

Deno.test(
  "upgrade says what it cannot do: no address, no release, no former program, no program of its own",
  UNIX,
  async () => {
    await using place = await installed();
    const nowhere = await place.run(["upgrade"], { SMS_BRIDGE_RELEASES: "" });
    assertEquals(nowhere.code, 3);
    assertStringIncludes(nowhere.err, "sms-bridge config set bridge.releasesUrl");
    const former = await place.run(["upgrade", "--rollback"]);
    assertEquals(former.code, 5);
    await place.release(NEWER);
    const source = await place.run(["upgrade"], {}, Deno.execPath());
    assertStringIncludes(source.err, "runs from its source");
    const packaged = await place.run(["upgrade"], {}, "/bin/sh");
    assertStringIncludes(packaged.err, "it came by a package");
    place.served.set("SHA256SUMS", `${"0".repeat(64)}  sms-bridge-9.9.9-other-machine.tar.gz\n`);
    assertEquals((await place.run(["upgrade"])).code, 5);
    place.served.delete("SHA256SUMS");
    assertEquals((await place.run(["upgrade"])).code, 7);
  },
);

Deno.test("status mentions a newer version only where updateCheck asks for it", UNIX, async () => {
  await using place = await installed();
  await place.release(NEWER);
  await Deno.mkdir(`${place.folder}/.openclaw/sms-bridge`, { recursive: true });
  const config = `${place.folder}/.openclaw/sms-bridge/config.json5`;
  const sms = { accountSid: `AC${"0".repeat(32)}` };
  const write = (updateCheck: boolean) =>
    Deno.writeTextFile(config, JSON.stringify({ channels: { sms }, bridge: { updateCheck } }));
  await write(false);
  assert(!(await place.run(["status"])).err.includes(NEWER));
  await write(true);
  assertStringIncludes((await place.run(["status"])).err, `hint: sms-bridge ${NEWER} is there`);
  place.served.clear();
  assertEquals((await place.run(["status"])).err, "");
});
