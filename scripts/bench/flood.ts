/**
 * What valid texts wait while others attack: a flood of bad signatures, or clients that stall. The
 * program runs in a process of its own; texts come as fast as its rates allow.
 *
 * @module
 */
import { command, settings } from "./start.ts";
import { share, sleep } from "./measure.ts";
import { signedBody } from "./store.ts";
import { BENCH_TOKEN, type BenchRow } from "./webhook.ts";

/** Just under 300 a minute, from ten numbers. */
const TEXT_EVERY_MS = 210;
const SECONDS = 20;
/** The first ones measure the compiler. */
const WARM_UP = 20;
const STALLED = 1_000;

const DRIPPING = 1_100;
const DESCRIPTORS = 1_024;
const PIPELINES = 20;
const PIPELINED = 5_000;

interface Target {
  readonly pid: number;
  readonly port: number;
  /** Lines logged about refusals. */
  readonly refusalLines: () => number;
  readonly end: () => Promise<void>;
}

async function startTarget(descriptors?: number): Promise<Target> {
  const stateDir = await Deno.makeTempDir();
  const env = { ...settings(stateDir), SMS_BRIDGE_DM_POLICY: "open", SMS_ALLOWED_USERS: "*" };
  const child = command(["serve", "--log-format", "json"], env, descriptors).spawn();
  const listening = Promise.withResolvers<number>();
  let text = "";
  const reading = (async () => {
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
      text += part;
      const port = text.match(/"serve.listening".*?"address":"[^"]*:(\d+)"/)?.[1];
      if (port !== undefined) listening.resolve(Number(port));
    }
  })();
  return {
    pid: child.pid,
    port: await listening.promise,
    refusalLines: () => text.split('"webhook.refused"').length - 1,
    async end() {
      child.kill("SIGKILL");
      await child.status;
      await reading;
      await Deno.remove(stateDir, { recursive: true });
    },
  };
}

/** Sends one text over a connection of its own; its milliseconds and its status. */
async function sendText(port: number, number: number): Promise<{ ms: number; status: number }> {
  const from = `+1202555${String(1_000 + number % 10)}`;
  const { body, signature } = signedBody(number, BENCH_TOKEN, from);
  const beganMs = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}/webhooks/sms`, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-twilio-signature": signature,
    },
    body,
  });
  await response.body?.cancel();
  return { ms: performance.now() - beganMs, status: response.status };
}

async function measureTexts(name: string, target: Target, attack: () => string) {
  const latenciesMs: number[] = [];
  let refused = 0;
  for (let number = 1; number <= WARM_UP; number++) await sendText(target.port, number);
  const endMs = performance.now() + SECONDS * 1_000;
  for (let number = WARM_UP + 1; performance.now() < endMs; number++) {
    const { ms, status } = await sendText(target.port, number);
    latenciesMs.push(ms);
    if (status !== 200) refused++;
    await sleep(Math.max(0, TEXT_EVERY_MS - ms));
  }
  const detail = `p50 ${share(latenciesMs, 0.5).toFixed(1)} ms of ${latenciesMs.length} texts, ` +
    `${refused} refused, ${target.refusalLines()} lines logged in ${SECONDS} s; ${attack()}`;
  return { name, value: Number(share(latenciesMs, 0.99).toFixed(1)), unit: "ms", detail };
}

async function besideNothing(name: string) {
  const target = await startTarget();
  const row = await measureTexts(name, target, () => "no attack");
  await target.end();
  return row;
}

async function besideFlood(name: string) {
  const target = await startTarget();
  const flood = new Worker(new URL("forger.ts", import.meta.url), { type: "module" });
  let forged = 0;
  flood.onmessage = ({ data }) => (forged = data);
  flood.postMessage(target.port);
  const row = await measureTexts(name, target, () => `${forged} forged requests`);
  flood.terminate();
  await target.end();
  return row;
}

/** Sends the beginning of a request and waits for the server to have enough of it. */
async function stall(port: number, beginning: string): Promise<void> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(beginning));
  while (await connection.read(new Uint8Array(512)) !== null);
}

async function besideStalled(name: string) {
  const target = await startTarget();
  const head = "POST /webhooks/sms HTTP/1.1\r\nHost: sms.example.com\r\n";
  const half =
    `${head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 900\r\n\r\nBod`;
  let stalled = 0;
  let stopping = false;
  const clients = Array.from({ length: STALLED }, async (_, i) => {
    while (!stopping) {
      // Not all at once, over and over: that would measure how fast connections are taken.
      await sleep(Math.random() * 2_000);
      stalled++;
      await stall(target.port, i % 2 === 0 ? head : half).catch(() => {});
    }
  });
  const row = await measureTexts(
    name,
    target,
    () => `${stalled} stalled requests of ${STALLED} clients`,
  );
  stopping = true;
  await target.end();
  await Promise.allSettled(clients);
  return row;
}

/** The most memory that a process had so far, in MiB; NaN where the system does not tell. */
function peakMiB(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Math.round(Number(status.match(/^VmHWM:\s+(\d+) kB/m)?.[1]) / 1024);
  } catch {
    return NaN;
  }
}

/** Requests of 160 bytes each, without a signature. */
function unsignedRequests(): Uint8Array<ArrayBuffer> {
  const head = "POST /webhooks/sms HTTP/1.1\r\nHost: a\r\nContent-Length: ";
  const body = "x".repeat(160 - head.length - "99\r\n\r\n".length);
  return new TextEncoder().encode(`${head}${body.length}\r\n\r\n${body}`.repeat(PIPELINED));
}

/** Sends them all without reading an answer, and stays until the server has closed, or `leave`. */
async function pipeline(port: number, bytes: Uint8Array, leave: Promise<void>): Promise<void> {
  try {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    for (let at = 0; at < bytes.byteLength;) at += await connection.write(bytes.subarray(at));
    await leave;
  } catch {
    // The server closes such a connection.
  }
}

/** Beside all of them at once, and `againAfterMs` later again. */
async function besidePipelined(name: string, againAfterMs = Infinity) {
  const target = await startTarget();
  const bytes = unsignedRequests();
  const stop = Promise.withResolvers<void>();
  let stopping = false;
  let pipelined = 0;
  const attack = async () => {
    do {
      pipelined++;
      await pipeline(
        target.port,
        bytes,
        againAfterMs === Infinity ? stop.promise : Promise.resolve(),
      );
      if (againAfterMs === Infinity) return;
      await sleep(againAfterMs);
    } while (!stopping);
  };
  const clients: Promise<void>[] = [];
  // Once the first texts have gone, which measure the compiler.
  const timer = setTimeout(() => {
    for (let i = 0; i < PIPELINES; i++) clients.push(attack());
  }, 3_000);
  const row = await measureTexts(
    name,
    target,
    () => `${pipelined} times ${PIPELINED} requests, at most ${peakMiB(target.pid)} MiB`,
  );
  stopping = true;
  clearTimeout(timer);
  stop.resolve();
  await Promise.allSettled(clients);
  await target.end();
  return row;
}

/** How long a signed text waits after clients have left that held every descriptor. */
async function afterDripping(name: string) {
  const target = await startTarget(DESCRIPTORS);
  for (let number = 1; number <= WARM_UP; number++) await sendText(target.port, number);
  const head = "POST /webhooks/sms HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n";
  const clients = await Promise.all(Array.from({ length: DRIPPING }, async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: target.port });
    await connection.write(new TextEncoder().encode(head)).catch(() => {});
    return connection;
  }));
  for (let second = 0; second < 5; second++) {
    for (const one of clients) await one.write(new Uint8Array([120])).catch(() => {});
    await sleep(1_000);
  }
  for (const one of clients) one.close();
  const beganMs = performance.now();
  let status = 0;
  let tries = 0;
  while (status !== 200 && performance.now() - beganMs < 30_000) {
    const { status: got } = await sendText(target.port, WARM_UP + ++tries)
      .catch(() => ({ status: 0 }));
    status = got;
    if (status !== 200) await sleep(50);
  }
  const value = Math.round(performance.now() - beganMs);
  await target.end();
  const detail =
    `answered ${status} at try ${tries}; ${DRIPPING} clients at ${DESCRIPTORS} descriptors`;
  return { name, value, unit: "ms", detail };
}

/** Rows about attacks. */
export function floodBenchRows(): BenchRow[] {
  const rows = [
    ["p99 of texts on their own", besideNothing],
    ["p99 of texts beside a flood of bad signatures", besideFlood],
    ["p99 of texts beside 1,000 stalled clients", besideStalled],
    ["p99 of texts beside 20 times 5,000 pipelined requests, once", besidePipelined],
    [
      "p99 of texts beside 20 times 5,000 pipelined requests, again and again",
      (name: string) => besidePipelined(name, 500),
    ],
    ["a text after 1,100 dripping clients have left", afterDripping],
  ] as const;
  return rows.map(([name, measure]) => ({ name, measure: () => measure(name) }));
}
