/**
 * The contract against a real OpenClaw Gateway with a fake model. It needs the tools beside the
 * repository (`../shared/tools`, or `SMS_BRIDGE_SHARED`) and npm; without them it is skipped and says so.
 */
import { gatewayContract, type Subject } from "./gateway_contract.ts";

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

const available = WANTED && hasTools() && Deno.build.os !== "windows";
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

async function startModel(): Promise<{ url: string; stop: () => Promise<unknown> }> {
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

interface Running {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

async function startGateway(runDir: string, modelUrl: string, port: number): Promise<Running> {
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
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  if (code !== 0) {
    throw new Error(`the Gateway did not start: exit ${code}, see ${runDir}/gateway.log`);
  }
  return JSON.parse(await Deno.readTextFile(out));
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** Texts that the model was asked, once each: the Gateway may ask again about the same one. */
async function askedOf(modelUrl: string): Promise<string[]> {
  const seen: { messages: { role: string; content: unknown }[] }[] =
    await (await fetch(`${modelUrl}/_requests`)).json();
  return [
    ...new Set(
      seen.flatMap(({ messages }) =>
        messages.filter(({ role }) => role === "user").map(({ content }) => JSON.stringify(content))
          .filter((text) =>
            !text.includes("OPENCLAW_INTERNAL_CONTEXT") && !text.includes("[System]")
          )
          .map((text) => text.replace(/\\n+Runtime: .*$/s, "").replace(/[\]"}]+$/, ""))
      ),
    ),
  ];
}

async function startReal(): Promise<Subject> {
  const runDir = await Deno.makeTempDir({ prefix: "sms-bridge-gateway-" });
  const model = await startModel();
  const port = freePort();
  let gateway = await startGateway(runDir, model.url, port);
  const kill = async () => {
    Deno.kill(gateway.pid, "SIGKILL");
    for (;;) {
      try {
        Deno.kill(gateway.pid, "SIGCONT");
        await new Promise((resolve) => setTimeout(resolve, 50));
      } catch {
        return;
      }
    }
  };
  return {
    url: gateway.url,
    token: gateway.token,
    turns: () => askedOf(model.url),
    async restart() {
      await kill();
      gateway = await startGateway(runDir, model.url, port);
    },
    async close() {
      await kill();
      await model.stop();
      await Deno.remove(runDir, { recursive: true });
    },
  };
}

gatewayContract("the real Gateway", startReal, { ignore: !available });
