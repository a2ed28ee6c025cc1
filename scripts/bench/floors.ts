/**
 * The floors: what the runtime and the disk take for the like of it, without the program. They are
 * measured in the same run as the program, so that ratios of one machine hold on another.
 *
 * @module
 */
import { burst } from "./burst.ts";
import { best, residentMiB, timed } from "./measure.ts";

const here = new URL(".", import.meta.url).pathname;

function floorCommand(file: string, ...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-config", "--unstable-kv", "-A", `${here}${file}`, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  });
}

/** Milliseconds of a program that says hello. */
export async function hello(runs: number): Promise<number> {
  return await best(
    runs,
    () => timed(async () => void await floorCommand("floor_hello.ts").output()),
  );
}

interface FloorServer extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

async function startServer(): Promise<FloorServer> {
  const folder = await Deno.makeTempDir();
  const child = floorCommand("floor_serve.ts", folder).spawn();
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

/** Milliseconds until a server with a store listens. */
export async function serveStart(runs: number): Promise<number> {
  return await best(runs, () =>
    timed(async () => {
      await using _ = await startServer();
    }));
}

/** Its memory at rest, in MiB. */
export async function serveMemory(): Promise<number> {
  await using server = await startServer();
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  return await residentMiB(server.pid);
}

/** Acknowledgements a second of the last of some bursts of texts. */
export async function acknowledged(bursts = 1): Promise<number> {
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
