/**
 * Starting a real OpenClaw Gateway with a fake model. It needs the tools beside the repository
 * (`../shared/tools`, or `SMS_BRIDGE_SHARED`) and npm.
 */
import {
  CACHE,
  type InstalledGateway,
  installGateway,
  NODE_RELEASE,
  SHARED,
  whyNoGateway,
} from "../../scripts/gateway_release.ts";

const WANTED = Deno.env.get("SMS_BRIDGE_REAL_GATEWAY") === "1";
const WHY_NOT = whyNoGateway();

/** Whether a real Gateway is wanted and can be started. */
export const available = WANTED && WHY_NOT === null;
if (WANTED && WHY_NOT !== null) {
  // deno-lint-ignore no-console
  console.log(`skipped: ${WHY_NOT}`);
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

/** The release under test, by its npm package; installed when it is not there yet. */
export async function installedGateway(): Promise<InstalledGateway> {
  const installed = await installGateway(RELEASE);
  if (typeof installed !== "number") return installed;
  throw new Error(`openclaw@${RELEASE} could not be installed: npm exit ${installed}`);
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
