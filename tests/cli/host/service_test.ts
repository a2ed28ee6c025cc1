import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemdUnit } from "../../../src/daemon/service_unit.ts";
import { type BridgeWorld, createBridgeWorld, type Ran } from "../bridge_world.ts";

const TERMINAL = { stdin: true, stdout: true, stderr: true };

/** A world whose `PATH` holds programs of the system that note how they were called. */
async function machine(failing = "none") {
  const world = await createBridgeWorld();
  const root = await Deno.makeTempDir({ prefix: "sms-bridge-host-" });
  const bin = `${root}/bin`;
  await Deno.mkdir(bin);
  for (const name of ["systemctl", "loginctl", "journalctl", "useradd", "userdel"]) {
    const text = `#!/bin/sh\necho "${name} $*" >> "${root}/calls"\n` +
      `case "$*" in *${failing}*) echo "Failed to connect to bus" >&2; exit 1;; esac\n` +
      (name === "useradd"
        ? `for last; do :; done\necho "$last:x:${Deno.uid()}:${Deno.gid()}::/:/bin/sh" >> "${root}/etc/passwd"\n`
        : "");
    await Deno.writeTextFile(`${bin}/${name}`, text, { mode: 0o755 });
  }
  await Deno.mkdir(`${root}/etc`);
  await Deno.mkdir(`${root}/home/openclaw/.openclaw/sms-bridge`, { recursive: true });
  await Deno.writeTextFile(
    `${root}/etc/passwd`,
    `root:x:0:0::/root:/bin/sh\nopenclaw:x:${Deno.uid()}:${Deno.gid()}::${root}/home/openclaw:/bin/sh\n`,
  );
  const { env } = world;
  env.XDG_CONFIG_HOME = `${root}/config`;
  env.SMS_BRIDGE_ETC = `${root}/etc`;
  env.USER = "ann";
  env.PATH = `${bin}:${Deno.env.get("PATH")}`;
  const run = (args: string[], options = {}): Promise<Ran> => world.runIn(options, ...args);
  return {
    world,
    root,
    env,
    run,
    unit: `${root}/config/systemd/user/sms-bridge.service`,
    systemUnit: `${root}/etc/systemd/system/sms-bridge.service`,
    async calls() {
      const text = await Deno.readTextFile(`${root}/calls`).catch(() => "");
      return text.split("\n").filter((line) => line !== "");
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await Deno.remove(root, { recursive: true });
    },
  };
}

const there = (path: string) => Deno.stat(path).then(() => true, () => false);
const LINUX = { ignore: Deno.build.os !== "linux" };

function forget({ env }: BridgeWorld): void {
  for (const name of Object.keys(env)) {
    if (/^(TWILIO|SMS_(?!BRIDGE_(ETC|STATE)))/.test(name)) delete env[name];
  }
}

Deno.test(
  "service install refuses before it writes: nothing configured, a user that does not exist",
  LINUX,
  async () => {
    await using host = await machine();
    const user = await host.run(["service", "install", "--system", "--user", "nobody-here"]);
    assertEquals(user.code, 5);
    assertStringIncludes(user.err, "there is no such user");
    forget(host.world);
    const bare = await host.run(["service", "install"]);
    assertEquals(bare.code, 3);
    assertStringIncludes(bare.err, "sms-bridge setup");
    assertEquals([await host.calls(), await there(host.unit), await there(host.systemUnit)], [
      [],
      false,
      false,
    ]);
  },
);

Deno.test(
  "service install keeps the service after logout, and gives it what only the shell has",
  LINUX,
  async () => {
    await using host = await machine();
    const { code, out, err } = await host.run(["service", "install"]);
    assertEquals(code, 0, err);
    assertEquals(await host.calls(), [
      "systemctl --user daemon-reload",
      "systemctl --user enable --now sms-bridge.service",
      "loginctl enable-linger ann",
    ]);
    const path = `${host.world.stateDir}/env`;
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    assertStringIncludes(
      await Deno.readTextFile(path),
      `TWILIO_AUTH_TOKEN="${host.env.TWILIO_AUTH_TOKEN}"`,
    );
    assert(!`${out}${err}`.includes(host.env.TWILIO_AUTH_TOKEN!));
    assertStringIncludes(await Deno.readTextFile(host.unit), `EnvironmentFile=-${path}`);
  },
);

Deno.test(
  "service install over a service says that a restart takes up what changed",
  LINUX,
  async () => {
    await using host = await machine();
    const restart = "`sms-bridge service restart` takes up what changed";
    assertEquals((await host.run(["service", "install"])).out.includes(restart), false);
    assertStringIncludes((await host.run(["service", "install"])).out, restart);
  },
);

Deno.test(
  "service install asks on a terminal before it writes secrets and lingers",
  LINUX,
  async () => {
    await using host = await machine();
    const { code, err } = await host.run(["service", "install"], {
      terminal: TERMINAL,
      answers: ["n", "n"],
    });
    assertEquals(code, 0, err);
    assertEquals((await host.calls()).some((call) => call.startsWith("loginctl")), false);
    assertStringIncludes(err, "loginctl enable-linger ann");
    assertEquals(await there(`${host.world.stateDir}/env`), false);
  },
);

Deno.test("service install leaves nothing behind when systemd refuses", LINUX, async () => {
  await using host = await machine("daemon-reload");
  const { code, err } = await host.run(["service", "install"]);
  assertEquals(code, 1);
  assertStringIncludes(err, "Failed to connect to bus");
  assertStringIncludes(err, "--system");
  assertEquals([await there(host.unit), await there(`${host.world.stateDir}/env`)], [false, false]);
});

Deno.test(
  "service install --system takes away the user that it made, when systemd refuses",
  LINUX,
  async () => {
    if (Deno.uid() !== 0) return;
    await using host = await machine("daemon-reload");
    assertEquals((await host.run(["service", "install", "--system"])).code, 1);
    assertEquals((await host.calls()).at(-1), "userdel sms-bridge");
    assertEquals(await there(host.systemUnit), false);
  },
);

Deno.test(
  "service install --system goes on with what its user has set up, and commands find it",
  LINUX,
  async () => {
    if (Deno.uid() !== 0) return;
    await using host = await machine();
    const folder = `${host.root}/home/openclaw/.openclaw/sms-bridge`;
    await Deno.writeTextFile(`${folder}/config.json5`, "{}", { mode: 0o600 });
    const { code, err } = await host.run(["service", "install", "--system", "--user", "openclaw"]);
    assertEquals(code, 0, err);
    const unit = await Deno.readTextFile(host.systemUnit);
    assertStringIncludes(unit, "User=openclaw");
    assertStringIncludes(unit, `Environment=SMS_BRIDGE_STATE_DIR=${folder}`);
    assertStringIncludes(unit, `ReadWritePaths=${folder}`);
    delete host.env.SMS_BRIDGE_STATE_DIR;
    host.env.HOME = `${host.root}/home/other`;
    const allowed = await host.run(["pair", "allow", "+12025550101"]);
    assertEquals(allowed.code, 0, allowed.err);
    assertEquals(await there(`${folder}/bridge.kv`), true, "beside the service's own files");
  },
);

Deno.test(
  "service install --system copies the configuration for a user of its own",
  LINUX,
  async () => {
    if (Deno.uid() !== 0) return;
    await using host = await machine();
    await Deno.writeTextFile(`${host.world.stateDir}/config.json5`, "{ /* mine */ }", {
      mode: 0o600,
    });
    const { code, err } = await host.run(["service", "install", "--system", "--user", "openclaw"]);
    assertEquals(code, 0, err);
    const copy = `${host.root}/etc/sms-bridge/config.json5`;
    assertEquals(await Deno.readTextFile(copy), "{ /* mine */ }");
    assertEquals((await Deno.stat(copy)).mode! & 0o777, 0o600);
    assertStringIncludes(await Deno.readTextFile(host.systemUnit), `SMS_BRIDGE_CONFIG=${copy}`);
  },
);

Deno.test(
  "service start, stop, restart and logs speak to the unit that is installed",
  LINUX,
  async () => {
    await using host = await machine();
    const absent = await host.run(["service", "start"]);
    assertEquals(absent.code, 5);
    assertStringIncludes(absent.err, "sms-bridge service install");
    await host.run(["service", "install"]);
    for (const word of ["start", "stop", "restart", "logs"]) {
      assertEquals((await host.run(["service", word])).code, 0);
    }
    assertEquals((await host.calls()).slice(-4), [
      "systemctl --user start sms-bridge.service",
      "systemctl --user stop sms-bridge.service",
      "systemctl --user restart sms-bridge.service",
      "journalctl --user --no-pager -n 100 -u sms-bridge.service",
    ]);
    await Deno.writeTextFile(host.unit, "[Service]\nExecStart=/bin/true\n");
    assertStringIncludes(
      (await host.run(["service", "status"])).err,
      "differs from what would be written today",
    );
    const doctor = JSON.parse((await host.run(["doctor", "--json"])).out);
    const check = doctor.checks.find(({ id }: { id: string }) => id === "service");
    assertStringIncludes(check.detail, "differs");
  },
);

Deno.test(
  "service install has the service use the folder and the file that its options name",
  LINUX,
  async () => {
    await using host = await machine();
    delete host.env.SMS_BRIDGE_STATE_DIR;
    host.env.HOME = `${host.root}/home/other`;
    const folder = `${host.root}/100% mine`;
    const file = `${host.root}/mine.json5`;
    await Deno.mkdir(folder);
    await Deno.writeTextFile(file, "{}", { mode: 0o600 });
    const options = ["--state-dir", `${folder}/../100% mine`, "--config", file];
    const { code, err } = await host.run(["service", "install", ...options]);
    assertEquals(code, 0, err);
    const variables = await Deno.readTextFile(`${folder}/env`);
    assertStringIncludes(variables, `SMS_BRIDGE_STATE_DIR="${folder}"`);
    assertStringIncludes(variables, `SMS_BRIDGE_CONFIG="${file}"`);
    const unit = await Deno.readTextFile(host.unit);
    assertStringIncludes(unit, `EnvironmentFile=-${folder.replace("%", "%%")}/env\n`);
    assertEquals((await host.run(["pair", "allow", "+12025550101"])).code, 0);
    assertEquals(await there(`${folder}/bridge.kv`), true, "commands find it");
  },
);

Deno.test(
  "service install --system leaves the service its copy, whatever this shell's variable names",
  LINUX,
  async () => {
    if (Deno.uid() !== 0) return;
    await using host = await machine();
    host.env.SMS_BRIDGE_CONFIG = `${host.world.stateDir}/config.json5`;
    await Deno.writeTextFile(host.env.SMS_BRIDGE_CONFIG, "{}", { mode: 0o600 });
    const { code, err } = await host.run(["service", "install", "--system"]);
    assertEquals(code, 0, err);
    const variables = await Deno.readTextFile(`${host.root}/etc/sms-bridge/env`);
    assertEquals(variables.includes("SMS_BRIDGE_CONFIG"), false, "it would win over the unit's");
  },
);

Deno.test("a program in a folder whose name has blanks and percent signs is one word of the unit", () => {
  const unit = systemdUnit({
    program: '/opt/100% "mine"/sms-bridge',
    scope: "system",
    user: "ann",
    stateDir: "/home/ann lee/state",
    environmentFile: "/etc/sms-bridge/env",
  });
  assertStringIncludes(unit, 'ExecStart="/opt/100%% \\"mine\\"/sms-bridge" serve');
  assertStringIncludes(unit, 'Environment="SMS_BRIDGE_STATE_DIR=/home/ann lee/state"');
  assertStringIncludes(unit, 'ReadWritePaths="/home/ann lee/state"');
});

Deno.test("service commands print one JSON object, whatever systemd says", LINUX, async () => {
  await using host = await machine();
  assertEquals(JSON.parse((await host.run(["service", "install", "--json"])).out).did, "install");
  const { path, ...facts } = JSON.parse((await host.run(["service", "status", "--json"])).out);
  assertEquals([path, facts], [host.unit, { installed: true, differs: false, active: true }]);
  assertEquals(
    JSON.parse((await host.run(["service", "uninstall", "--json"])).out).path,
    host.unit,
  );
});

Deno.test("service commands without a service say so in our own words", LINUX, async () => {
  await using host = await machine();
  for (const verb of ["uninstall", "status", "start", "stop", "restart"]) {
    const { code, err } = await host.run(["service", verb]);
    assertEquals(code, 5, verb);
    assertStringIncludes(err, `There is no service: ${host.unit} is not there`);
    assertStringIncludes(err, "`sms-bridge service install` installs it");
  }
  assertEquals(await host.calls(), []);
});

Deno.test(
  "Ctrl-C at a question of service install ends with 130 and says what stands",
  LINUX,
  async () => {
    for (
      const [at, says, stands] of [
        [1, "what was written for the service is undone", false],
        [2, "the service is installed and runs, until you log out", true],
      ] as const
    ) {
      await using host = await machine();
      const stop = new AbortController();
      let asked = 0;
      const ask = () => {
        if (++asked === at) stop.abort("SIGINT");
        return Promise.resolve(asked === at ? null : "y");
      };
      const options = { terminal: TERMINAL, ask, signal: stop.signal };
      const { code, err } = await host.run(["service", "install"], options);
      assertEquals([at, code, await there(host.unit)], [at, 130, stands], err);
      assertStringIncludes(err, says);
    }
  },
);
