/**
 * The floors: what the runtime and the disk take for the like of it, without the program. They are
 * measured in the same run as the program, so that ratios of one machine hold on another.
 *
 * @module
 */
import { V8_FLAGS } from "../v8_flags.ts";
import { type Acknowledged, burst } from "./burst.ts";
import { residentMiB, sleep, timed } from "./measure.ts";

const here = new URL(".", import.meta.url).pathname;
const FLAGS = ["--quiet", "--no-config", "--unstable-kv", "-A"];
const executables = new Map<string, Promise<string>>();

/** A floor as an executable, made on the same runtime as the program's. */
async function compile(file: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  const output = `${folder}/floor`;
  const included = ["--include", `${here}floor_serve.ts`, "--output", output, `${here}${file}`];
  const made = await new Deno.Command(Deno.env.get("DENO_COMPILE") ?? Deno.execPath(), {
    args: ["compile", "--no-check", "--no-code-cache", V8_FLAGS, ...FLAGS, ...included],
  }).output();
  if (made.success) return output;
  throw new Error(
    "Cannot compile a floor for an executable: see scripts/compile.ts for the runtime",
  );
}

/** The words that run a floor: as the program is run, from the source or as an executable. */
async function wordsOf(file: string): Promise<string[]> {
  if (Deno.env.get("SMS_BRIDGE_BIN") === undefined) {
    return [Deno.execPath(), "run", V8_FLAGS, ...FLAGS, `${here}${file}`];
  }
  const executable = executables.get(file) ?? compile(file);
  executables.set(file, executable);
  return [await executable];
}

async function floorCommand(file: string, ...args: string[]): Promise<Deno.Command> {
  const [program, ...words] = await wordsOf(file);
  return new Deno.Command(program!, {
    args: [...words, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  });
}

/** Milliseconds of a program that says hello. */
export async function hello(): Promise<number> {
  const command = await floorCommand("floor_hello.ts");
  return await timed(async () => void await command.output());
}

interface FloorServer extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

/** Starts a floor that prints its port; its first argument is a folder for its store. */
export async function startServer(
  file = "floor_serve.ts",
  ...args: string[]
): Promise<FloorServer> {
  const folder = await Deno.makeTempDir();
  const child = (await floorCommand(file, folder, ...args)).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const port = Number((await reader.read()).value);
  return {
    port,
    pid: child.pid,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** Milliseconds until a server with a store in a worker listens. */
export async function serveStart(): Promise<number> {
  await wordsOf("floor_worker.ts");
  return await timed(async () => {
    await using _ = await startServer("floor_worker.ts");
  });
}

/** Its memory at rest, in MiB. */
export async function serveMemory(): Promise<number> {
  await using server = await startServer("floor_worker.ts");
  await sleep(1_000);
  return await residentMiB(server.pid);
}

/** Acknowledgements of the last of some bursts of texts. */
export async function acknowledged(bursts = 1): Promise<Acknowledged> {
  await using server = await startServer();
  await burst(server.port, 0);
  for (let before = 1; before < bursts; before++) await burst(server.port, 300);
  return await burst(server.port, 300);
}

/** Milliseconds of four commits, one after the other, and a POST. */
export async function commitsAndPost(times: number): Promise<number[]> {
  const folder = await Deno.makeTempDir();
  const kv = await Deno.openKv(`${folder}/floor.kv`);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(),
  );
  const took: number[] = [];
  for (let i = 0; i < times; i++) {
    took.push(
      await timed(async () => {
        for (let commit = 0; commit < 4; commit++) await kv.set(["row", i, commit], i);
        await (await fetch(`http://127.0.0.1:${server.addr.port}/`, { method: "POST" })).text();
      }),
    );
  }
  kv.close();
  await server.shutdown();
  await Deno.remove(folder, { recursive: true });
  return took;
}
