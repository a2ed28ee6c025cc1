import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createWorld } from "./program.ts";

/** A receiver like systemd's: every datagram that came, in order. */
function receiver(path: string) {
  const socket = Deno.listenDatagram({ path, transport: "unixpacket" });
  const told: string[] = [];
  let heard = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const [bytes] of socket) {
      told.push(new TextDecoder().decode(bytes));
      heard.resolve();
      heard = Promise.withResolvers();
    }
  })();
  return {
    told,
    async until(fits: (text: string) => boolean) {
      while (!told.some(fits)) await heard.promise;
    },
    async [Symbol.asyncDispose]() {
      socket.close();
      await reading;
    },
  };
}

Deno.test({
  name: "serve tells systemd when it listens, that it is alive, and that it stops",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using world = await createWorld();
    const path = `${world.stateDir}/notify.sock`;
    await using systemd = receiver(path);
    const program = await world.serve({ NOTIFY_SOCKET: path, WATCHDOG_USEC: "200000" });
    await systemd.until((text) => text.startsWith("READY=1"));
    assertMatch(systemd.told[0]!, /^READY=1\nSTATUS=listening on 127\.0\.0\.1:\d+$/);
    const alive = () => systemd.told.filter((text) => text === "WATCHDOG=1").length;
    await systemd.until(() => alive() >= 3);
    assertEquals((await program.end("SIGTERM")).code, 0);
    assertEquals(systemd.told.at(-1), "STOPPING=1");
  },
});

/** What systemd's own check finds wrong with a unit; null where there is no such check. */
async function verdict(unit: string, ...scope: string[]): Promise<string | null> {
  const folder = await Deno.makeTempDir();
  const file = `${folder}/sms-bridge.service`;
  await Deno.writeTextFile(file, unit.replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
  try {
    const { success, stderr } = await new Deno.Command("systemd-analyze", {
      args: [...scope, "verify", file],
      env: { XDG_RUNTIME_DIR: folder },
    }).output();
    return success ? "" : `failed: ${new TextDecoder().decode(stderr)}`;
  } catch {
    return null;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "service prints units that systemd finds nothing wrong with",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using world = await createWorld();
    const user = (await world.run("service", "print")).stdout;
    const system = (await world.run("service", "print", "--system")).stdout;
    for (const found of [await verdict(user, "--user"), await verdict(system)]) {
      assert(found === "" || found === null, found ?? "");
    }
  },
});

/** A `PATH` with programs that note how they were called. */
async function noting(
  world: { stateDir: string; env: Record<string, string> },
  ...names: string[]
) {
  const bin = `${world.stateDir}/bin`;
  await Deno.mkdir(bin);
  for (const name of names) {
    await Deno.writeTextFile(`${bin}/${name}`, `#!/bin/sh\necho "$0 $*" >> "${bin}/calls"\n`);
    await Deno.chmod(`${bin}/${name}`, 0o755);
  }
  world.env.PATH = `${bin}:${Deno.env.get("PATH")}`;
  return async () => {
    const calls = await Deno.readTextFile(`${bin}/calls`).catch(() => "");
    return calls.trim().split("\n").map((line) => line.replace(`${bin}/`, ""));
  };
}

Deno.test({
  name: "service writes its unit, starts it, asks after it and removes it again",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using world = await createWorld();
    world.env.XDG_CONFIG_HOME = `${world.stateDir}/config`;
    const calls = await noting(world, "systemctl");
    const printed = (await world.run("service", "print")).stdout;
    for (
      const line of [
        "Type=notify",
        "WatchdogSec=60",
        "Restart=on-failure",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "WantedBy=default.target",
      ]
    ) assertStringIncludes(printed, line);
    assert(!/^MemoryDenyWriteExecute/m.test(printed), "V8 compiles at run time");
    const system = (await world.run("service", "print", "--system")).stdout;
    assertStringIncludes(system, "StateDirectory=sms-bridge");
    assertStringIncludes(system, "User=sms-bridge");
    assertStringIncludes(system, "ProtectSystem=strict");
    assert(!/^(Protect|Private|Capability)/m.test(printed), "a user's manager may not do that");
    const path = `${world.env.XDG_CONFIG_HOME}/systemd/user/sms-bridge.service`;
    assertEquals((await world.run("service", "install")).code, 0);
    assertEquals(await Deno.readTextFile(path), printed);
    assertEquals((await world.run("service", "status")).code, 0);
    assertEquals((await world.run("service", "uninstall")).code, 0);
    assertEquals(await Deno.stat(path).then(() => true, () => false), false);
    assertEquals(await calls(), [
      "systemctl --user daemon-reload",
      "systemctl --user enable --now sms-bridge.service",
      "systemctl --user --no-pager status sms-bridge.service",
      "systemctl --user disable --now sms-bridge.service",
    ]);
  },
});

Deno.test({
  name: "funnel prints its command, and calls tailscale only when asked to",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using world = await createWorld();
    world.env.SMS_BRIDGE_LISTEN = "127.0.0.1:8787";
    const calls = await noting(world, "tailscale");
    const command =
      "tailscale funnel --bg --set-path /webhooks/sms http://127.0.0.1:8787/webhooks/sms";
    assertEquals((await world.run("funnel", "print")).stdout, `${command}\n`);
    assertEquals(await calls(), [""]);
    assertEquals((await world.run("funnel", "enable")).code, 0);
    assertEquals((await world.run("funnel", "status")).code, 0);
    assertEquals(await calls(), [command, "tailscale funnel status"]);
  },
});
