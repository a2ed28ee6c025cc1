/**
 * Tools that speak for Twilio: its own OpenAPI contract behind Prism, and an independent simulator. They
 * are installed with npm into a folder outside the repository.
 */
const SHARED = Deno.env.get("SMS_BRIDGE_SHARED") ??
  new URL("../../../shared", import.meta.url).pathname;
const WANTED = Deno.env.get("SMS_BRIDGE_TWILIO_CONTRACT") === "1";
const PACKAGES = ["twilio@6", "sms-segments-calculator@1", "@stoplight/prism-cli@5.16.0"];

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Whether the tests are wanted and their tools are there. */
export const available = WANTED && exists(`${SHARED}/tools/twilio-loop.mjs`) &&
  Deno.build.os !== "windows";
if (WANTED && !available) {
  // deno-lint-ignore no-console
  console.log(`skipped: no ${SHARED}/tools/twilio-loop.mjs to test Twilio's contract with`);
}

let installed: Promise<string> | undefined;

/** The folder with the packages, installed when they are missing. */
export function installTools(): Promise<string> {
  return installed ??= (async () => {
    const home = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
    const folder = `${home}/sms-bridge/contract`;
    if (
      exists(`${folder}/node_modules/.bin/prism`) &&
      exists(`${folder}/node_modules/twilio/package.json`)
    ) {
      return folder;
    }
    await Deno.mkdir(folder, { recursive: true });
    const { success, stderr } = await new Deno.Command("npm", {
      args: [
        "install",
        "--prefix",
        folder,
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        ...PACKAGES,
      ],
      stdout: "null",
    }).output();
    if (!success) throw new Error(`npm install failed: ${new TextDecoder().decode(stderr)}`);
    return folder;
  })();
}

/** A port that is free now. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** A process whose output is kept. */
export interface Tool extends AsyncDisposable {
  readonly url: string;
  /** Everything that it wrote. */
  output(): string;
}

async function start(command: Deno.Command, url: string, ready: string): Promise<Tool> {
  const child = command.spawn();
  let text = "";
  const isReady = Promise.withResolvers<void>();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.includes(ready)) isReady.resolve();
    }
  };
  const reading = Promise.all([read(child.stdout), read(child.stderr)]);
  const ended = child.status.then(() => Promise.reject(new Error(`it ended at once: ${text}`)));
  ended.catch(() => {});
  await Promise.race([isReady.promise, ended]);
  return {
    url,
    output: () => text,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await reading;
    },
  };
}

/** Prism between the bridge and a Twilio: it refuses what Twilio's contract does not allow. */
export async function startPrism(upstream: string): Promise<Tool> {
  const folder = await installTools();
  const port = freePort();
  const contract = `${SHARED}/twilio-openapi/twilio-sms-strict.json`;
  const args = ["proxy", "--errors", "-h", "127.0.0.1", "-p", String(port), contract, upstream];
  const command = new Deno.Command(`${folder}/node_modules/.bin/prism`, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  return await start(command, `http://127.0.0.1:${port}`, "Prism is listening");
}

/** The independent simulator; `ask` calls its control paths. */
export async function startLoop(): Promise<
  Tool & { ask(path: string, body?: unknown): Promise<never> }
> {
  const folder = await installTools();
  const port = freePort();
  const command = new Deno.Command("node", {
    args: [`${SHARED}/tools/twilio-loop.mjs`, String(port)],
    env: { ORACLE_PKG: `${folder}/package.json` },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const tool = await start(command, `http://127.0.0.1:${port}`, "twilio-loop on");
  return {
    ...tool,
    [Symbol.asyncDispose]: () => tool[Symbol.asyncDispose](),
    async ask(path, body) {
      const response = await fetch(`http://127.0.0.1:${port}/_sim/${path}`, {
        method: body === undefined ? "GET" : "POST",
        body: body === undefined ? null : JSON.stringify(body),
      });
      return await response.json() as never;
    },
  };
}
