/**
 * Speed of the durable acknowledgement: signed texts over real sockets to a real store, each answered
 * 200 after its commit.
 *
 * @module
 */
import type { InboxRow } from "../../src/store/inbox_row.ts";
import { type InboxWriter, openInboxWriter } from "../../src/store/inbox.ts";
import { openStore, type Store } from "../../src/store/kv.ts";
import { startWebhookServer } from "../../src/server/webhook.ts";
import { isPhone } from "../../src/policy/phone.ts";
import { systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import { systemRandom } from "../../src/system/random.ts";
import { encodeForm, firstValue, type FormPair, parseForm } from "../../src/twilio/form.ts";
import { signForm, verifySignature } from "../../src/twilio/signature.ts";
import { inboxRow } from "../../tests/store/inbox_rows.ts";
import { share } from "./measure.ts";
import { BENCH_TOKEN, BENCH_URL, benchForm, type BenchRow } from "./webhook.ts";

const CLIENTS = 32;
/** Seconds of a round, and rounds of each way. */
const SECONDS = 2;
const ROUNDS = 8;

type OpenWriter = (store: Store) => Promise<InboxWriter>;

/** The same writer, which gives each row a commit of its own. */
const openSingleWriter: OpenWriter = (store) => openInboxWriter(store, undefined, 1);

let nextId = Date.now() * 1_000;

function rowOf(pairs: readonly FormPair[]): InboxRow {
  const value = (name: string) => firstValue(pairs, name) ?? "";
  const from = value("From");
  if (!isPhone(from)) throw new Error("the bench texts from no number");
  return inboxRow({
    id: nextId++,
    accountSid: value("AccountSid"),
    messageSid: value("MessageSid"),
    from,
    to: value("To"),
    text: value("Body"),
    receivedAtMs: Date.now(),
  });
}

/** Acknowledges texts for some seconds; returns how long each took, in milliseconds. */
async function acknowledge(openWriter: OpenWriter): Promise<number[]> {
  const folder = await Deno.makeTempDir();
  const store = await openStore(folder, { clock: systemClock, random: systemRandom });
  const inbox = await openWriter(store);
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
  const load = new Worker(new URL("load.ts", import.meta.url), { type: "module" });
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
  return latenciesMs;
}

interface Rounds {
  readonly grouped: number[];
  readonly single: number[];
}

/** Both ways in turn, so that what else the machine does meets both. */
async function playRounds(): Promise<Rounds> {
  const rounds: Rounds = { grouped: [], single: [] };
  // The first round finds nothing compiled yet: it does not count.
  await acknowledge(openInboxWriter);
  for (let round = 0; round < ROUNDS; round++) {
    rounds.grouped.push(...await acknowledge(openInboxWriter));
    rounds.single.push(...await acknowledge(openSingleWriter));
  }
  return rounds;
}

/** Rows about the durable acknowledgement. */
export function storeBenchRows(): BenchRow[] {
  let played: Promise<Rounds> | undefined;
  const rounds = () => played ??= playRounds();
  const speed = (name: string, of: (rounds: Rounds) => number[]): BenchRow => ({
    name,
    async measure() {
      const tookMs = of(await rounds());
      const [p50, p99] = [0.5, 0.99].map((part) => share(tookMs, part).toFixed(1));
      const detail = `p50 ${p50} ms, p99 ${p99} ms, ${CLIENTS} connections`;
      return { name, value: tookMs.length / SECONDS / ROUNDS, unit: "/s", detail };
    },
  });
  const ratio = "acknowledge on disk: group commit against single";
  return [
    speed("acknowledge on disk: group commit", ({ grouped }) => grouped),
    speed("acknowledge on disk: one commit a request", ({ single }) => single),
    {
      name: ratio,
      async measure() {
        const { grouped, single } = await rounds();
        return { name: ratio, value: grouped.length / single.length, unit: "times" };
      },
    },
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
