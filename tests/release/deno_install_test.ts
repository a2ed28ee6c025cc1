/**
 * `deno install -g` of a checkout. Deno copies `deno.json` to where the command stands, and looks for
 * `vendor` and the lock beside that copy: so that no network is needed, `vendor` is linked there.
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { dirname } from "node:path";

const ROOT = new URL("../../", import.meta.url).pathname;

async function run(program: string, args: string[], env: Record<string, string>, cwd: string) {
  const done = await new Deno.Command(program, { args, env, cwd }).output();
  const [out, err] = [done.stdout, done.stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code: done.code, out: out!, err: err! };
}

Deno.test({
  name: "`deno install -g` of a checkout gives a command that runs, and a unit that names it",
  ignore: Deno.build.os === "windows" || Deno.version.deno.startsWith("2.4."),
  async fn() {
    const home = await Deno.makeTempDir({ prefix: "sms-bridge-install-" });
    const bin = `${home}/installed/bin`;
    const env = { DENO_INSTALL_ROOT: `${home}/installed`, NO_COLOR: "1" };
    try {
      await Deno.mkdir(`${bin}/.sms-bridge`, { recursive: true });
      await Deno.symlink(`${ROOT}vendor`, `${bin}/.sms-bridge/vendor`);
      const words = [
        "install",
        "-g",
        "-A",
        "-n",
        "sms-bridge",
        "--config",
        "deno.json",
        "--no-lock",
      ];
      const installed = await run(Deno.execPath(), [...words, "main.ts"], env, ROOT);
      assertEquals(installed.code, 0, installed.err);
      const own = { HOME: home, ...env, PATH: `${dirname(Deno.execPath())}:/usr/bin:/bin` };
      const version = await run(`${bin}/sms-bridge`, ["version"], own, home);
      assertStringIncludes(version.out, "sms-bridge ", version.err);
      const { out: unit, err } = await run(`${bin}/sms-bridge`, ["service", "print"], own, home);
      assertStringIncludes(unit, `ExecStart=${bin}/sms-bridge serve `, err);
      // systemd has a path of its own, on which Deno need not be.
      const [, path = ""] = unit.match(/^Environment=PATH=(.*)$/m) ?? [];
      const started = await run(`${bin}/sms-bridge`, ["version"], { HOME: home, PATH: path }, home);
      assertEquals(started.out, version.out, started.err);
    } finally {
      await Deno.remove(home, { recursive: true });
    }
  },
});
