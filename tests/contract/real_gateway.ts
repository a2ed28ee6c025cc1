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

/** Starts a Gateway in a folder of its own; `config` is merged over what it needs to run. */
export async function startGateway(
  runDir: string,
  modelUrl: string,
  port: number,
  config: Readonly<Record<string, unknown>> = {},
): Promise<Running> {
  const cache = `${
    Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`
  }/sms-bridge/gateway`;
  await Deno.mkdir(cache, { recursive: true });
  // Its output goes to a file: the Gateway inherits the pipe and would keep it open.
  const out = `${runDir}/started.json`;
  const { code } = await new Deno.Command("sh", {
    args: [
      "-c",
      'exec "$0" "$1" "$2" "$3" "$4" >"$5"',
      `${SHARED}/tools/start-gateway.sh`,
      cache,
      runDir,
      `${modelUrl}/v1`,
      String(port),
      out,
    ],
    env: { GATEWAY_CONFIG: JSON.stringify(config) },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  if (code !== 0) {
    throw new Error(`the Gateway did not start: exit ${code}, see ${runDir}/gateway.log`);
  }
  return JSON.parse(await Deno.readTextFile(out));
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
