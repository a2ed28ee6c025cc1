import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { containerfile, homebrewFormula, writeDeb } from "../../scripts/packages.ts";

const DPKG = await new Deno.Command("dpkg-deb", { args: ["--version"], stdout: "null" }).output()
  .then(({ success }) => success, () => false);

Deno.test({
  name: "writeDeb() makes a package with the program, its service, manual page and completions",
  ignore: !DPKG,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "deb-" });
    try {
      await Deno.writeTextFile(`${folder}/program`, "#!/bin/sh\necho it runs\n");
      const output = new URL(`file://${folder}/made.deb`);
      const problem = await writeDeb({
        program: new URL(`file://${folder}/program`),
        version: "9.9.9",
        architecture: "amd64",
        license: "MIT",
        output,
        mtimeSec: 0,
      });
      assertEquals(problem, null);
      const root = `${folder}/root`;
      const run = (program: string, ...args: string[]) =>
        new Deno.Command(program, { args }).output()
          .then(({ code, stdout }) => [code, new TextDecoder().decode(stdout)] as const);
      assertEquals(await run("dpkg-deb", "-f", output.pathname, "Package", "Version"), [
        0,
        "Package: sms-bridge\nVersion: 9.9.9\n",
      ]);
      assertEquals((await run("dpkg-deb", "-R", output.pathname, root))[0], 0);
      assertEquals(await run(`${root}/usr/bin/sms-bridge`), [0, "it runs\n"]);
      const unit = await Deno.readTextFile(`${root}/usr/lib/systemd/system/sms-bridge.service`);
      assertStringIncludes(unit, "ExecStart=/usr/bin/sms-bridge serve");
      assertStringIncludes(unit, "User=sms-bridge\n");
      for (
        const path of [
          "share/man/man1/sms-bridge.1",
          "share/bash-completion/completions/sms-bridge",
          "share/zsh/vendor-completions/_sms-bridge",
          "share/fish/vendor_completions.d/sms-bridge.fish",
        ]
      ) assert((await Deno.stat(`${root}/usr/${path}`)).size > 500, path);
      for (const script of ["postinst", "prerm", "postrm"]) {
        assertEquals((await run("sh", "-n", `${root}/DEBIAN/${script}`))[0], 0);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** A root with nothing in it but what `dpkg` keeps, users, and a systemd that runs. */
async function emptyRoot(folder: string): Promise<void> {
  for (
    const path of ["var/lib/dpkg/info", "var/lib/dpkg/updates", "etc", "run/systemd/system", "bin"]
  ) {
    await Deno.mkdir(`${folder}/${path}`, { recursive: true });
  }
  const files = {
    "var/lib/dpkg/status": "",
    "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
    "etc/group": "root:x:0:\n",
  };
  for (const [path, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  const stub = `#!/bin/sh\necho "$*" >> "${folder}/calls"\n`;
  await Deno.writeTextFile(`${folder}/bin/systemctl`, stub, { mode: 0o755 });
}

Deno.test({
  name: "the package installs, is upgraded, and goes again, and leaves what the bridge has stored",
  ignore: !DPKG || Deno.uid() !== 0,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "deb-root-" });
    const root = `${folder}/root`;
    const there = (path: string) => Deno.stat(`${root}/${path}`).then(() => true, () => false);
    const calls = async () => {
      const text = await Deno.readTextFile(`${root}/calls`).catch(() => "");
      await Deno.remove(`${root}/calls`).catch(() => {});
      return text.trim().split("\n");
    };
    const dpkg = async (...args: string[]) => {
      const force = ["depends", "script-chrootless", "not-root", "bad-path"];
      const { code, stderr } = await new Deno.Command("dpkg", {
        args: [`--root=${root}`, `--force-${force.join(",")}`, "--log=/dev/null", ...args],
        env: { PATH: `${root}/bin:${Deno.env.get("PATH")}:/usr/sbin:/sbin`, LC_ALL: "C" },
      }).output();
      const said = new TextDecoder().decode(stderr);
      assertEquals(code, 0, said);
      return said;
    };
    try {
      await emptyRoot(root);
      for (const version of ["9.9.8", "9.9.9"]) {
        const program = new URL(`file://${folder}/program-${version}`);
        await Deno.writeTextFile(program, `#!/bin/sh\necho ${version}\n`);
        await writeDeb({
          program,
          version,
          architecture: Deno.build.arch === "aarch64" ? "arm64" : "amd64",
          license: "MIT",
          output: new URL(`file://${folder}/${version}.deb`),
          mtimeSec: 0,
        });
      }
      await dpkg("-i", `${folder}/9.9.8.deb`);
      const users = await Deno.readTextFile(`${root}/etc/passwd`);
      assertMatch(
        users,
        /^sms-bridge:[x!]:\d+:\d+:.*:\/var\/lib\/sms-bridge:\/usr\/sbin\/nologin$/m,
      );
      assertEquals(await calls(), ["daemon-reload"]);
      assert(await there("usr/lib/systemd/system/sms-bridge.service"));

      await dpkg("-i", `${folder}/9.9.9.deb`);
      assertEquals(await Deno.readTextFile(`${root}/etc/passwd`), users);
      assertEquals(await calls(), ["daemon-reload", "try-restart sms-bridge.service"]);
      const { stdout } = await new Deno.Command(`${root}/usr/bin/sms-bridge`).output();
      assertEquals(new TextDecoder().decode(stdout), "9.9.9\n");

      await Deno.mkdir(`${root}/etc/sms-bridge`);
      await Deno.writeTextFile(`${root}/etc/sms-bridge/env`, "TWILIO_AUTH_TOKEN=x\n");
      await Deno.mkdir(`${root}/var/lib/sms-bridge`);
      await dpkg("-r", "sms-bridge");
      assertEquals(await calls(), [
        "--no-reload disable --now sms-bridge.service",
        "daemon-reload",
      ]);
      assertEquals([await there("usr/bin/sms-bridge"), await there("etc/sms-bridge/env")], [
        false,
        true,
      ]);
      assertStringIncludes(await dpkg("-P", "sms-bridge"), "/var/lib/sms-bridge");
      assertEquals([await there("etc/sms-bridge"), await there("var/lib/sms-bridge")], [
        false,
        true,
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("the formula and the Containerfile name only archives that were made, with their sums", () => {
  const linux = "x86_64-unknown-linux-gnu";
  const archives = {
    version: "9.9.9",
    baseUrl: "https://example.org/v9.9.9",
    sums: new Map([[linux, "ab".repeat(32)], ["aarch64-apple-darwin", "cd".repeat(32)]]),
  };
  const formula = homebrewFormula(archives);
  const urls = [...formula.matchAll(/url "([^"]+)"\n +sha256 "(\w+)"/g)];
  assertEquals(urls.map(([, url, sum]) => [url, sum]), [
    [`https://example.org/v9.9.9/sms-bridge-9.9.9-aarch64-apple-darwin.tar.gz`, "cd".repeat(32)],
    [`https://example.org/v9.9.9/sms-bridge-9.9.9-${linux}.tar.gz`, "ab".repeat(32)],
  ]);
  assertEquals(formula.match(/\bdo$/gm)!.length + 2, formula.match(/^ *end$/gm)!.length);
  const file = containerfile(archives)!;
  assertStringIncludes(file, `ADD --checksum=sha256:${"ab".repeat(32)} https://example.org/`);
  assertEquals(containerfile({ ...archives, sums: new Map() }), null);
});
