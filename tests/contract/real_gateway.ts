/**
 * Starting a real OpenClaw Gateway with a fake model. It needs the tools beside the repository
 * (`../shared/tools`, or `SMS_BRIDGE_SHARED`) and npm.
 */
const SHARED = Deno.env.get("SMS_BRIDGE_SHARED") ??
  new URL("../../../shared", import.meta.url).pathname;
const WANTED = Deno.env.get("SMS_BRIDGE_REAL_GATEWAY") === "1";

function hasTools(): boolean {
  try {
    return Deno.statSync(`${SHARED}/tools/start-gateway.sh`).isFile;
  } catch {
    return false;
  }
}

/** Whether a real Gateway is wanted and can be started. */
export const available = WANTED && hasTools() && Deno.build.os !== "windows";
if (WANTED && !available) {
  // deno-lint-ignore no-console
  console.log(`skipped: no ${SHARED}/tools/start-gateway.sh to start a real Gateway with`);
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0]!;
}

/** The release under test; the newest that is known to serve when none is named. */
export const RELEASE = Deno.env.get("SMS_BRIDGE_GATEWAY_RELEASE") ?? "2026.9.6";
const NODE_RELEASE = "24.21.0";
/** Where releases are kept, a folder each; several hundred megabytes. */
const CACHE = `${
  Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`
}/sms-bridge/gateway`;

/** A release on the disk. */
export interface InstalledGateway {
  /** The program that runs it. */
  readonly node: string;
  readonly folder: string;
}

/** The release under test, by its npm package; installed when it is not there yet. */
export async function installedGateway(): Promise<InstalledGateway> {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const node = `node-${Deno.build.os}-${arch}`;
  const prefix = `${CACHE}/${RELEASE}`;
  const installed = {
    node: `${prefix}/node_modules/${node}/bin/node`,
    folder: `${prefix}/node_modules/openclaw`,
  };
  try {
    await Deno.stat(`${installed.folder}/package.json`);
    await Deno.stat(installed.node);
    return installed;
  } catch {
    await Deno.mkdir(prefix, { recursive: true });
  }
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const packages = [`${node}@${NODE_RELEASE}`, `openclaw@${RELEASE}`];
  const { code } = await new Deno.Command("npm", {
    args: ["install", "--prefix", prefix, ...quiet, ...packages],
    stdin: "null",
  }).output();
  if (code !== 0) throw new Error(`openclaw@${RELEASE} could not be installed: npm exit ${code}`);
  return installed;
}

/** Starts the fake model. */
export async function startModel(): Promise<{ url: string; stop: () => Promise<unknown> }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-config",
      "--no-lock",
      "--allow-net=127.0.0.1",
      `${SHARED}/tools/fake-model.ts`,
    ],
    stdout: "piped",
  }).spawn();
  const { port } = JSON.parse(await firstLine(child.stdout));
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => (child.kill("SIGKILL"), child.status),
  };
}

/** A Gateway that runs. */
export interface Running {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

/** So often a Gateway is started that is not ready in time: a machine may be busy. */
const STARTS_MAX = 4;

/** Starts a Gateway in a folder of its own; `config` is merged over what it needs to run. */
export async function startGateway(
  runDir: string,
  modelUrl: string,
  port: number,
  config: Readonly<Record<string, unknown>> = {},
): Promise<Running> {
  await installedGateway();
  // Its output goes to a file: the Gateway inherits the pipe and would keep it open.
  const out = `${runDir}/started.json`;
  const start = new Deno.Command("sh", {
    args: [
      "-c",
      'exec "$0" "$1" "$2" "$3" "$4" >"$5"',
      `${SHARED}/tools/start-gateway.sh`,
      CACHE,
      runDir,
      `${modelUrl}/v1`,
      String(port),
      out,
    ],
    env: {
      GATEWAY_CONFIG: JSON.stringify(config),
      OPENCLAW_VERSION: RELEASE,
      NODE_VERSION: NODE_RELEASE,
    },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
  for (let started = 1;; started++) {
    const { code } = await start.output();
    if (code === 0) return JSON.parse(await Deno.readTextFile(out));
    if (started === STARTS_MAX) {
      throw new Error(`the Gateway did not start: exit ${code}, see ${runDir}/gateway.log`);
    }
  }
}

/** A port that is free now. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** Kills a Gateway as SIGKILL does, and waits until it is gone. */
export async function killGateway({ pid }: Running): Promise<void> {
  Deno.kill(pid, "SIGKILL");
  for (;;) {
    try {
      Deno.kill(pid, "SIGCONT");
      await new Promise((resolve) => setTimeout(resolve, 50));
    } catch {
      return;
    }
  }
}
