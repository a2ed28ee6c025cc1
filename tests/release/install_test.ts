import { assertEquals, assertStringIncludes } from "@std/assert";
import { encodeHex } from "@std/encoding/hex";
import { writeTarGz } from "../../scripts/tar.ts";

const SCRIPT = new URL("../../scripts/install.sh", import.meta.url).pathname;
const ignore = Deno.build.os === "windows";
const NAME = `sms-bridge-9.9.9-${Deno.build.target}`;

/** A place with a release, served on loopback, and an empty home to install into. */
async function openRelease() {
  const program = new TextEncoder().encode("#!/bin/sh\necho it runs\n");
  const files = [{ path: `${NAME}/sms-bridge`, bytes: program, executable: true }];
  const archive = await writeTarGz(files, 0);
  const sum = encodeHex(await crypto.subtle.digest("SHA-256", archive));
  const served: Record<string, Uint8Array<ArrayBuffer> | string> = {
    [`/${NAME}.tar.gz`]: archive,
    "/SHA256SUMS": `${sum}  ${NAME}.tar.gz\n`,
  };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const body = served[new URL(url).pathname];
    return new Response(body ?? "", { status: body === undefined ? 404 : 200 });
  });
  const home = await Deno.makeTempDir({ prefix: "install-" });
  return {
    served,
    home,
    async install(more: Record<string, string> = {}) {
      const output = await new Deno.Command("sh", {
        args: [SCRIPT],
        env: {
          HOME: home,
          SMS_BRIDGE_RELEASES: `http://127.0.0.1:${server.addr.port}`,
          SMS_BRIDGE_VERSION: "9.9.9",
          ...more,
        },
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return {
        code: output.code,
        stdout: decoder.decode(output.stdout),
        stderr: decoder.decode(output.stderr),
      };
    },
    /** What is below the home now. */
    async files() {
      const names: string[] = [];
      for await (const { name } of Deno.readDir(home)) names.push(name);
      return names;
    },
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await Deno.remove(home, { recursive: true });
    },
  };
}

Deno.test({
  name: "install.sh checks the sum, installs for the user, and tells the next command",
  ignore,
  async fn() {
    await using release = await openRelease();
    const { code, stdout, stderr } = await release.install();
    assertEquals(code, 0, stderr);
    const program = `${release.home}/.local/bin/sms-bridge`;
    assertStringIncludes(stdout, `Next: ${program} setup`);
    const { stdout: said } = await new Deno.Command(program).output();
    assertEquals(new TextDecoder().decode(said), "it runs\n");
    assertEquals((await release.install()).code, 0, "a second time, over the first");
  },
});

Deno.test({
  name: "install.sh refuses an archive with another sum, or none, and changes nothing",
  ignore,
  async fn() {
    await using release = await openRelease();
    const sums = release.served["/SHA256SUMS"] as string;
    release.served["/SHA256SUMS"] = sums.replace(/^./, (digit) => digit === "0" ? "1" : "0");
    const wrong = await release.install();
    assertEquals(wrong.code, 1);
    assertStringIncludes(wrong.stderr, "nothing was installed");
    release.served["/SHA256SUMS"] = sums.replace(NAME, "another");
    const unnamed = await release.install();
    assertEquals(unnamed.code, 1);
    assertStringIncludes(unnamed.stderr, `SHA256SUMS does not name ${NAME}`);
    delete release.served[`/${NAME}.tar.gz`];
    assertEquals((await release.install()).code, 1);
    assertEquals(await release.files(), []);
  },
});

Deno.test({
  name: "install.sh fetches by https or from this machine only",
  ignore,
  async fn() {
    await using release = await openRelease();
    for (const url of ["http://releases.example", "ftp://127.0.0.1:1", ""]) {
      const { code, stderr } = await release.install({ SMS_BRIDGE_RELEASES: url });
      assertEquals(code, 1);
      assertStringIncludes(stderr, "set SMS_BRIDGE_RELEASES");
    }
    assertEquals(await release.files(), []);
  },
});
