/**
 * The service under a real `systemd --user` (Debian's package `systemd`), in a mount namespace of its own,
 * as it will not start where the machine was not booted with systemd. Where that cannot be, the test is
 * skipped and says so.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createWorld, programWords } from "./program.ts";

const SYSTEMD = ["/lib/systemd/systemd", "/usr/lib/systemd/systemd"];
const RUNTIME = "/run/user/0";
const PREPARE =
  `mount -t tmpfs none /run && mkdir -p /run/systemd/system ${RUNTIME} && chmod 700 ${RUNTIME}`;

function firstThere(paths: readonly string[]): string | undefined {
  return paths.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}

function succeeds(program: string, ...args: string[]): boolean {
  try {
    const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;
    return new Deno.Command(program, { args, ...quiet }).outputSync().success;
  } catch {
    return false;
  }
}

const systemd = Deno.build.os === "linux" ? firstThere(SYSTEMD) : undefined;
const UNSHARE = ["--mount", "--cgroup", "--propagation", "private"];
const available = systemd !== undefined && Deno.uid() === 0 && succeeds("nsenter", "--version") &&
  succeeds("unshare", ...UNSHARE, "sh", "-c", PREPARE);
if (!available) {
  // deno-lint-ignore no-console
  console.log("skipped: no systemd that root can start in a namespace, to run the service under");
}

/** Starts a manager of the user's services, and gives what runs commands beside it. */
async function startManager(env: Record<string, string>) {
  const child = new Deno.Command("unshare", {
    args: [...UNSHARE, "sh", "-c", `${PREPARE} && exec ${systemd} --user`],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  async function run(...words: string[]) {
    const output = await new Deno.Command("nsenter", {
      args: ["--mount", `--target=${child.pid}`, `--wdns=${Deno.cwd()}`, ...words],
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
    return { code: output.code, out: decode(output.stdout), err: decode(output.stderr) };
  }
  /** Runs a command until what it says fits. */
  async function until(fits: (out: string) => boolean, ...words: string[]): Promise<string> {
    const deadlineMs = Date.now() + 60_000;
    for (;;) {
      const { out, err } = await run(...words);
      if (fits(out)) return out;
      if (Date.now() > deadlineMs) throw new Error(`${words.join(" ")}: ${out} ${err}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  await until((out) => out === "running", "systemctl", "--user", "is-system-running");
  return {
    run,
    until,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
    },
  };
}

Deno.test({
  name: "the service runs under a real systemd: installed, killed, restarted, stopped, removed",
  ignore: !available,
  async fn() {
    await using world = await createWorld();
    const { SMS_BRIDGE_STATE_DIR: _, ...own } = world.env;
    const home = `${world.stateDir}/home`;
    const [program, ...before] = programWords();
    const wrapper = `${world.stateDir}/sms-bridge`;
    const words = [program, ...before].map((word) => `'${word}'`).join(" ");
    await Deno.writeTextFile(wrapper, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
    // The unit names the compiled program, which need not be there.
    const dropIn = `${home}/.config/systemd/user/sms-bridge.service.d`;
    await Deno.mkdir(dropIn, { recursive: true });
    const started = `ExecStart=${wrapper} serve --log-format journal`;
    await Deno.writeTextFile(`${dropIn}/test.conf`, `[Service]\nExecStart=\n${started}\n`);
    const env = {
      ...own,
      HOME: home,
      XDG_RUNTIME_DIR: RUNTIME,
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
    };
    await using manager = await startManager(env);
    const bridge = (...args: string[]) => manager.run(wrapper, ...args);
    const pid = ["systemctl", "--user", "show", "-P", "MainPID", "sms-bridge.service"];
    const state = ["systemctl", "--user", "is-active", "sms-bridge.service"];
    const answers = async () => {
      const { code, out, err } = await bridge("status", "--json");
      assertEquals(code, 0, err);
      assertMatch(JSON.parse(out).listen, /^127\.0\.0\.1:\d+$/);
    };

    const install = await bridge("service", "install", "--yes");
    assertEquals(install.code, 0, install.err);
    assertStringIncludes(install.err, "TWILIO_AUTH_TOKEN");
    await manager.until((out) => out === "active", ...state);
    await answers();
    const first = (await manager.run(...pid)).out;
    assertEquals((await bridge("service", "status")).code, 0);

    Deno.kill(Number(first), "SIGKILL");
    const second = await manager.until((out) => out !== "0" && out !== first, ...pid);
    await manager.until((out) => out === "active", ...state);
    await answers();

    assertEquals((await bridge("service", "restart")).code, 0);
    const third = (await manager.run(...pid)).out;
    assert(third !== second && third !== "0", third);
    await answers();

    assertEquals((await bridge("service", "stop")).code, 0);
    assertEquals((await manager.run(...state)).out, "inactive");
    assertEquals((await bridge("service", "start")).code, 0);
    await answers();
    assertEquals((await bridge("service", "uninstall")).code, 0);
    assertEquals((await manager.run(...state)).out, "inactive");
    assertEquals((await bridge("service", "uninstall")).code, 5);
  },
});
