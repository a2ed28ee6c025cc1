import { assertEquals, assertStringIncludes } from "@std/assert";

/** Runs the script on a machine with this `npm`, none when left out. */
async function testGateway(args: readonly string[], npm?: string) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/shared/tools`, { recursive: true });
    await Deno.mkdir(`${folder}/bin`);
    await Deno.writeTextFile(`${folder}/shared/tools/start-gateway.sh`, "");
    if (npm !== undefined) await Deno.writeTextFile(`${folder}/bin/npm`, npm, { mode: 0o755 });
    const output = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", "scripts/test_gateway.ts", ...args],
      env: {
        PATH: `${folder}/bin`,
        XDG_CACHE_HOME: `${folder}/cache`,
        SMS_BRIDGE_SHARED: `${folder}/shared`,
      },
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    return { code: output.code, stdout: text(output.stdout), stderr: text(output.stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ignore = Deno.build.os === "windows";

Deno.test({
  name: "test:gateway skips a release that cannot be downloaded, and says why",
  ignore,
  async fn() {
    const failing = await testGateway(["--release", "2026.9.6"], "#!/bin/sh\nexit 7\n");
    assertEquals(failing, {
      code: 0,
      stdout: "2026.9.6: skipped: OpenClaw 2026.9.6 could not be downloaded (npm exit 7)",
      stderr: "",
    });
    const { code, stdout } = await testGateway(["--release", "oldest"]);
    assertEquals(code, 0);
    assertStringIncludes(stdout, "could not be downloaded (npm exit 127)");
  },
});

Deno.test({
  name: "test:gateway refuses a word that names no release",
  ignore,
  async fn() {
    const { code, stdout, stderr } = await testGateway(["--releases", "oldest,newst"]);
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, '"newst" is no release: all, newest, oldest, reduced');
  },
});
