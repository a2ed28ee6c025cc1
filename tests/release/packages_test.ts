import { assert, assertEquals, assertStringIncludes } from "@std/assert";
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
      for (const script of ["postinst", "prerm"]) {
        assertEquals((await run("sh", "-n", `${root}/DEBIAN/${script}`))[0], 0);
      }
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
