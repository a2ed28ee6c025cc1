/**
 * What valid texts wait while others attack: a flood of bad signatures, or clients that stall. The
 * program runs in a process of its own; texts come as fast as its rates allow.
 *
 * @module
 */
import { command, settings } from "./bench_start.ts";
import { percentile, signedBody } from "./bench_store.ts";
import { BENCH_TOKEN, type BenchRow } from "./bench_webhook.ts";

/** Just under 300 a minute, from ten numbers. */
const TEXT_EVERY_MS = 210;
const SECONDS = 20;
/** The first ones measure the compiler. */
const WARM_UP = 20;
const STALLED = 1_000;

interface Target {
  readonly port: number;
  /** Lines logged about refusals. */
  readonly refusalLines: () => number;
  readonly end: () => Promise<void>;
}

async function startTarget(): Promise<Target> {
  const stateDir = await Deno.makeTempDir();
  const env = { ...settings(stateDir), SMS_BRIDGE_DM_POLICY: "open", SMS_ALLOWED_USERS: "*" };
  const child = command(["serve", "--log-format", "json"], env).spawn();
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
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, TEXT_EVERY_MS - ms)));
  }
  latenciesMs.sort((a, b) => a - b);
  const detail = `p50 ${percentile(latenciesMs, 0.5)} ms of ${latenciesMs.length} texts, ` +
    `${refused} refused, ${target.refusalLines()} lines logged in ${SECONDS} s; ${attack()}`;
  return { name, value: Number(percentile(latenciesMs, 0.99)), unit: "ms", detail };
}

async function besideNothing(name: string) {
  const target = await startTarget();
  const row = await measureTexts(name, target, () => "no attack");
  await target.end();
  return row;
}

async function besideFlood(name: string) {
  const target = await startTarget();
  const flood = new Worker(new URL("bench_forger.ts", import.meta.url), { type: "module" });
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
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 2_000));
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

/** Rows about attacks. */
export function floodBenchRows(): BenchRow[] {
  const rows = [
    ["p99 of texts on their own", besideNothing],
    ["p99 of texts beside a flood of bad signatures", besideFlood],
    ["p99 of texts beside 1,000 stalled clients", besideStalled],
  ] as const;
  return rows.map(([name, measure]) => ({ name, measure: () => measure(name) }));
}
