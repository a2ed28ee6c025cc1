/**
 * Speed of the durable acknowledgement: signed texts over real sockets to a real store, each answered
 * 200 after its commit.
 *
 * @module
 */
import { createInboxWriter, type InboxRow, type InboxWriter } from "../src/store/inbox.ts";
import { openStore } from "../src/store/kv.ts";
import { startWebhookServer } from "../src/server/webhook.ts";
import { isPhone } from "../src/policy/phone.ts";
import { systemClock } from "../src/system/clock.ts";
import { silentLog } from "../src/system/log.ts";
import { systemRandom } from "../src/system/random.ts";
import { encodeForm, parseForm } from "../src/twilio/form.ts";
import { signForm, verifySignature } from "../src/twilio/signature.ts";
import { BENCH_TOKEN, BENCH_URL, benchForm, type BenchRow } from "./bench_webhook.ts";

const CLIENTS = 32;
const SECONDS = 3;

/** The value that this share of them does not exceed, as text. */
export function percentile(sorted: readonly number[], share: number): string {
  return (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
}

/** A writer whose rows wait for one another: each has a commit of its own. */
function oneByOne(store: Parameters<typeof createInboxWriter>[0]): InboxWriter {
  return { add: (row) => createInboxWriter(store).add(row) };
}

let nextId = Date.now() * 1_000;

function rowOf(pairs: readonly (readonly [string, string])[]): InboxRow {
  const value = (name: string) => pairs.find(([key]) => key === name)?.[1] ?? "";
  const from = value("From");
  if (!isPhone(from)) throw new Error("the bench texts from no number");
  return {
    id: nextId++,
    account: "default",
    accountSid: value("AccountSid"),
    messageSid: value("MessageSid"),
    from,
    to: value("To"),
    text: value("Body"),
    media: [],
    mediaMissing: 0,
    receivedAtMs: Date.now(),
    recovered: false,
    started: null,
    attempts: 0,
    noticed: false,
  };
}

async function acknowledge(
  name: string,
  writer: (store: Parameters<typeof createInboxWriter>[0]) => InboxWriter,
) {
  const folder = await Deno.makeTempDir();
  const store = await openStore(folder, { clock: systemClock, random: systemRandom });
  const inbox = writer(store);
  const server = await startWebhookServer({
    listen: { hostname: "127.0.0.1", port: 0 },
    clock: systemClock,
    log: silentLog,
    routeFor: () => async ({ body, signature }) => {
      const pairs = parseForm(body);
      const content = { kind: "form", pairs } as const;
      const request = { authTokens: [BENCH_TOKEN], signature, publicUrl: BENCH_URL, content };
      if (verifySignature(request).kind !== "valid") {
        return { kind: "refused", status: 403, reason: "signature" };
      }
      await inbox.add(rowOf(pairs));
      return { kind: "accepted" };
    },
  });
  const load = new Worker(new URL("bench_load.ts", import.meta.url), { type: "module" });
  load.postMessage({
    port: server.address.port,
    clients: CLIENTS,
    seconds: SECONDS,
    token: BENCH_TOKEN,
  });
  const latenciesMs = await new Promise<number[]>((resolve) => {
    load.onmessage = ({ data }) => resolve(data);
  });
  load.terminate();
  await server.shutdown();
  store.close();
  await Deno.remove(folder, { recursive: true });
  latenciesMs.sort((a, b) => a - b);
  const detail = `p50 ${percentile(latenciesMs, 0.5)} ms, p99 ${
    percentile(latenciesMs, 0.99)
  } ms, ${CLIENTS} connections`;
  return { name, value: latenciesMs.length / SECONDS, unit: "/s", detail };
}

/** Rows about the durable acknowledgement. */
export function storeBenchRows(): BenchRow[] {
  const grouped = "acknowledge on disk: group commit";
  const single = "acknowledge on disk: one commit a request";
  return [
    { name: grouped, measure: () => acknowledge(grouped, createInboxWriter) },
    { name: single, measure: () => acknowledge(single, oneByOne) },
  ];
}

/** A signed request body, for the load. */
export function signedBody(
  number: number,
  token: string,
  from?: string,
): { body: string; signature: string } {
  const form = benchForm(number, from);
  return { body: encodeForm(form), signature: signForm(token, BENCH_URL, form) };
}
