/**
 * A real `denokv`, where it is there: named by `SMS_BRIDGE_DENOKV`, or on the PATH.
 */

/** A `denokv` that runs. */
export interface RealEngine extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  /** Ends it as a failing machine would, and starts it again on the same file. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Where the program is; null where it is not. */
export function denokvProgram(): string | null {
  const named = Deno.env.get("SMS_BRIDGE_DENOKV") ?? "denokv";
  try {
    return new Deno.Command(named, { args: ["--help"], stdout: "null", stderr: "null" })
        .outputSync().success
      ? named
      : null;
  } catch {
    return null;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Starts it on an empty file. */
export async function startDenokv(program: string): Promise<RealEngine> {
  const folder = await Deno.makeTempDir({ prefix: "sms-bridge-denokv-" });
  const token = "denokv-token-0123456789";
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  let running: Deno.ChildProcess | null = null;
  const engine: RealEngine = {
    url,
    token,
    async start() {
      running = new Deno.Command(program, {
        args: [
          "--sqlite-path",
          `${folder}/store.sqlite`,
          "serve",
          "--addr",
          `127.0.0.1:${port}`,
          "--access-token",
          token,
        ],
        stdout: "null",
        stderr: "null",
      }).spawn();
      for (;;) {
        const there = await fetch(url).then((answer) => answer.body?.cancel(), () => "away");
        if (there !== "away") return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async kill() {
      running?.kill("SIGKILL");
      await running?.status;
      running = null;
    },
    async [Symbol.asyncDispose]() {
      await engine.kill();
      await Deno.remove(folder, { recursive: true });
    },
  };
  await engine.start();
  return engine;
}
