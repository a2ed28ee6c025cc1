/**
 * How fast the program starts and how much memory it rests in: the source, or the executable that
 * `SMS_BRIDGE_BIN` names.
 *
 * @module
 */
import { BENCH_ACCOUNT, BENCH_TOKEN, BENCH_URL, type BenchRow } from "./webhook.ts";
import { sleep } from "./measure.ts";

const root = new URL("../../", import.meta.url);
const RUNS = 5;

/** The program with these arguments. */
export function command(
  args: readonly string[],
  env: Record<string, string>,
  descriptors?: number,
): Deno.Command {
  const binary = Deno.env.get("SMS_BRIDGE_BIN");
  const words = binary === undefined
    ? [Deno.execPath(), "run", "--quiet", "-A", "main.ts", ...args]
    : [binary, ...args];
  // `exec` keeps the process id.
  const [program, ...rest] = descriptors === undefined
    ? words
    : ["sh", "-c", `ulimit -n ${descriptors}; exec "$@"`, "sh", ...words];
  return new Deno.Command(program!, {
    args: rest,
    cwd: root,
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
}

/** Settings that let it start; its Gateway is not there. */
export function settings(stateDir: string): Record<string, string> {
  return {
    TWILIO_ACCOUNT_SID: BENCH_ACCOUNT.accountSid,
    TWILIO_AUTH_TOKEN: BENCH_TOKEN,
    TWILIO_PHONE_NUMBER: BENCH_ACCOUNT.fromNumber,
    SMS_PUBLIC_WEBHOOK_URL: BENCH_URL,
    SMS_BRIDGE_GATEWAY_URL: "ws://127.0.0.1:9",
    SMS_BRIDGE_GATEWAY_TOKEN: "x",
    SMS_BRIDGE_LISTEN: "127.0.0.1:0",
    SMS_BRIDGE_ADMIN_LISTEN: "127.0.0.1:0",
    SMS_BRIDGE_STATE_DIR: stateDir,
  };
}

async function residentMb(pid: number): Promise<number | null> {
  try {
    const status = await Deno.readTextFile(`/proc/${pid}/status`);
    return Number(status.match(/VmRSS:\s+(\d+) kB/)?.[1]) / 1_024;
  } catch {
    return null;
  }
}

/** Starts `serve`; gives the milliseconds until it listens, and its memory after a second of rest. */
async function start(restMs: number): Promise<{ ms: number; mb: number | null }> {
  const stateDir = await Deno.makeTempDir();
  const beganMs = performance.now();
  const child = command(["serve", "--log-format", "json"], settings(stateDir)).spawn();
  let ms = 0;
  let text = "";
  for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (!text.includes("serve.listening")) continue;
    ms = performance.now() - beganMs;
    break;
  }
  await sleep(restMs);
  const mb = await residentMb(child.pid);
  child.kill("SIGKILL");
  await child.status;
  await Deno.remove(stateDir, { recursive: true });
  return { ms, mb };
}

async function startTime(name: string) {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) times.push((await start(0)).ms);
  return { name, value: Math.min(...times), unit: "ms", detail: `best of ${RUNS}` };
}

async function restingMemory(name: string) {
  const { mb } = await start(1_500);
  return { name, value: mb ?? NaN, unit: "MiB", detail: "resident" };
}

/** Rows about starting. */
export function startBenchRows(): BenchRow[] {
  const rows = [["start to listening", startTime], ["memory at rest", restingMemory]] as const;
  return rows.map(([name, measure]) => ({ name, measure: () => measure(name) }));
}
