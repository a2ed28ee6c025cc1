/**
 * An engine that speaks KV Connect, in memory: it keeps bytes by bytes, as `denokv` does, with its limits.
 */
import { decodeHex, encodeHex } from "@std/encoding/hex";
import {
  allBytes,
  oneBytes,
  oneNumber,
  readMessage,
  writeMessage,
} from "../../../src/store/connect/protobuf.ts";

/** What becomes of a request. */
export type EngineFate = "fine" | "lost-before" | "lost-after" | "broken" | "hang";

/** An engine that runs. */
export interface FakeEngine extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
  /** The requests that came, by the end of their path. */
  readonly asked: string[];
  /** What becomes of the next request of a kind. */
  fate: (method: string) => EngineFate;
  /** Whether it watches rows. */
  watches: boolean;
}

interface Kept {
  readonly value: Uint8Array;
  readonly encoding: number;
  readonly version: string;
  readonly untilMs: number;
}

const TOKEN = "engine-token-0123456789";
const LIMITS = {
  checks: 10,
  keyBytes: 2_048,
  mutations: 1_000,
  valueBytes: 65_536,
  bytes: 819_200,
  rows: 1_000,
};

class Rows {
  #rows = new Map<string, Kept>();
  readonly watchers = new Set<(keys: readonly string[]) => void>();
  #version = 0;

  read(body: Uint8Array<ArrayBuffer>): Uint8Array | string {
    const ranges = allBytes(readMessage(body), 1).map(readMessage);
    const wanted = ranges.reduce((sum, range) => sum + oneNumber(range, 3), 0);
    if (wanted > LIMITS.rows || ranges.length > 10) return "too many rows";
    const nowMs = Date.now();
    const outputs = ranges.map((range) => {
      const [start, end] = [encodeHex(oneBytes(range, 1)), encodeHex(oneBytes(range, 2))];
      const keys = [...this.#rows.keys()].filter((key) =>
        key >= start && key < end && this.#rows.get(key)!.untilMs > nowMs
      ).sort();
      if (oneNumber(range, 4) !== 0) keys.reverse();
      return writeMessage(
        keys.slice(0, oneNumber(range, 3)).map((key) => {
          const { value, encoding, version } = this.#rows.get(key)!;
          return [
            1,
            writeMessage([[1, decodeHex(key)], [2, value], [3, encoding], [4, decodeHex(version)]]),
          ] as const;
        }),
      );
    });
    return writeMessage([...outputs.map((one) => [1, one] as const), [4, true], [8, 1]]);
  }

  write(body: Uint8Array<ArrayBuffer>): Uint8Array | string {
    const fields = readMessage(body);
    const checks = allBytes(fields, 1).map(readMessage);
    const mutations = allBytes(fields, 2).map(readMessage);
    const values = mutations.map((one) => oneBytes(readMessage(oneBytes(one, 2)), 1));
    if (checks.length > LIMITS.checks) return "too many checks";
    const keys = [...checks, ...mutations].map((one) => oneBytes(one, 1));
    if (keys.some(({ length }) => length > LIMITS.keyBytes)) return "key too long";
    if (mutations.length > LIMITS.mutations) return "too many mutations";
    if (values.some(({ length }) => length > LIMITS.valueBytes)) return "value too long";
    if (values.reduce((sum, { length }) => sum + length, 0) > LIMITS.bytes) return "too large";
    for (const check of checks) {
      const found = this.#rows.get(encodeHex(oneBytes(check, 1)));
      const there = found !== undefined && found.untilMs > Date.now() ? found.version : "";
      if (there !== encodeHex(oneBytes(check, 2))) return writeMessage([[1, 2]]);
    }
    const version = (++this.#version).toString(16).padStart(20, "0");
    for (const [i, mutation] of mutations.entries()) {
      const key = encodeHex(oneBytes(mutation, 1));
      if (oneNumber(mutation, 3) === 2) this.#rows.delete(key);
      else {
        this.#rows.set(key, {
          value: values[i]!,
          encoding: oneNumber(readMessage(oneBytes(mutation, 2)), 2),
          version,
          untilMs: oneNumber(mutation, 4) || Infinity,
        });
      }
    }
    const changed = mutations.map((mutation) => encodeHex(oneBytes(mutation, 1)));
    for (const told of this.watchers) told(changed);
    return writeMessage([[1, 1], [2, decodeHex(version)]]);
  }

  /** Tells at once, and whenever one of the keys that are named has changed. */
  watch(body: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
    const keys = allBytes(readMessage(body), 1)
      .map((key) => encodeHex(oneBytes(readMessage(key), 1)));
    const { watchers } = this;
    let told: (keys: readonly string[]) => void;
    return new ReadableStream({
      start(stream) {
        told = (changed) => {
          if (!changed.some((key) => keys.includes(key))) return;
          const message = writeMessage([[1, 1]]);
          const length = new Uint8Array(4);
          new DataView(length.buffer).setUint32(0, message.length, true);
          // In pieces, and with a word that it is there, as a network brings it.
          stream.enqueue(Uint8Array.from([0, 0, 0, 0, ...length.slice(0, 2)]));
          stream.enqueue(Uint8Array.from([...length.slice(2), ...message]));
        };
        told(keys);
        watchers.add(told);
      },
      cancel: () => void watchers.delete(told),
    });
  }
}

/** Starts an engine on a free port of this machine. */
export function startFakeEngine(): FakeEngine {
  const rows = new Rows();
  const asked: string[] = [];
  const stopped = new AbortController();
  let fate: FakeEngine["fate"] = () => "fine";
  async function answer(request: Request): Promise<Response> {
    const method = new URL(request.url).pathname.split("/").at(-1)!;
    const body = new Uint8Array(await request.arrayBuffer());
    asked.push(method);
    if (request.headers.get("authorization") !== `Bearer ${TOKEN}`) {
      return new Response("Invalid access token", { status: 401 });
    }
    const what = fate(method);
    if (what === "broken") return new Response("no", { status: 500 });
    if (what === "hang") {
      await new Promise((resolve) => stopped.signal.addEventListener("abort", resolve));
    }
    if (what === "lost-before") return cut();
    if (method === "watch") {
      if (!engine.watches) return new Response("Resource not found.", { status: 404 });
      return new Response(rows.watch(body));
    }
    const done = method === ""
      ? metadata()
      : method === "atomic_write"
      ? bytes(rows.write(body))
      : bytes(rows.read(body));
    return what === "lost-after" ? cut() : done;
  }
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, answer);
  const engine: FakeEngine = {
    url: `http://127.0.0.1:${server.addr.port}`,
    token: TOKEN,
    asked,
    watches: true,
    get fate() {
      return fate;
    },
    set fate(next) {
      fate = next;
    },
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await server.shutdown();
    },
  };
  return engine;
}

/** What a proxy says for an engine that it has lost. */
function cut(): Response {
  return new Response("Bad Gateway", { status: 502 });
}

function bytes(answer: Uint8Array | string): Response {
  return typeof answer === "string"
    ? new Response(answer, { status: 400 })
    : new Response(Uint8Array.from(answer));
}

function metadata(): Response {
  return Response.json({
    version: 3,
    databaseId: "00000000-0000-0000-0000-000000000000",
    endpoints: [{ url: "/v2", consistency: "strong" }],
    token: TOKEN,
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  });
}
