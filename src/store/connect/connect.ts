/**
 * KV Connect: Deno KV's protocol to an engine elsewhere, such as `denokv`
 * (https://github.com/denoland/denokv/blob/main/proto/kv-connect.md).
 *
 * Deno's own client asks again without an end and says of a change that was carried out before its answer
 * was lost that its checks did not hold; and it takes its token from the environment alone. This one asks
 * once, within a time, and tells what it does not know.
 *
 * @module
 */
import { type Change, type Entry, type Key, passedLimit, TooMuchError } from "../kv.ts";
import type { Clock } from "../../system/clock.ts";
import { STORE_REQUEST_TIMEOUT_MS, WATCH_SILENT_MS_MAX } from "../../system/limits.ts";
import { parseOutsideJson } from "../../system/outside_json.ts";
import {
  rangeBehindBytes,
  rangeOfKey,
  rangeOfList,
  readAtomic,
  readSnapshot,
  readWatch,
  writeAtomic,
  writeSnapshotRead,
  writeWatch,
} from "./datapath.ts";
import { type Engine, EngineError } from "./engine.ts";
import { messagesOf } from "./messages.ts";

/** Where an engine is. */
export interface ConnectOptions {
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
  readonly fetch?: typeof fetch;
}

/** What the engine told at the beginning. */
interface Metadata {
  readonly version: number;
  readonly databaseId: string;
  readonly token: string;
  /** Where reads are strong and writes are taken. */
  readonly endpoint: string;
  readonly untilMs: number;
}

const VERSIONS = [2, 3];
/** How an engine answers what it does not take. */
const REFUSED = 400;
/** Ranges that one request to read may name. */
const RANGES_MAX = 10;
/** Rows that one request may bring; the protocol allows 1,000 in all of its ranges. */
const PAGE_ROWS = 500;
const METADATA_MS_MAX = 24 * 3_600_000;
const METADATA_EARLY_MS = 60_000;

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What an engine told of itself; null when it speaks another protocol. */
function readMetadata(told: unknown, url: string, nowMs: number): Metadata | null {
  if (typeof told !== "object" || told === null) return null;
  const { version, uuid, databaseId, token, expiresAt, endpoints } = told as Record<
    string,
    unknown
  >;
  if (!VERSIONS.includes(Number(version)) || !Array.isArray(endpoints)) return null;
  const strong = endpoints.find((one) => one?.consistency === "strong");
  const at = text(strong?.url);
  if (at === "" || !URL.canParse(at, url)) return null;
  const leftMs = Date.parse(text(expiresAt)) - nowMs - METADATA_EARLY_MS;
  return {
    version: Number(version),
    databaseId: text(databaseId) || text(uuid),
    token: text(token),
    endpoint: new URL(at, url).href.replace(/\/+$/, ""),
    untilMs: nowMs + (leftMs > 0 ? Math.min(leftMs, METADATA_MS_MAX) : METADATA_EARLY_MS),
  };
}

const TAKE_TOKEN =
  "`sms-bridge config set bridge.storeToken TOKEN`, with the one that the engine was started with";
const LOOK_THERE =
  "look at the log of the engine and its disk; `sms-bridge config get bridge.store` shows its address";
const NAME_ANOTHER = "`sms-bridge config set bridge.store URL`, with the address of the engine";

class Connection implements Engine {
  #options: ConnectOptions;
  #metadata: Promise<Metadata> | null = null;
  #closed = new AbortController();

  constructor(options: ConnectOptions) {
    this.#options = options;
  }

  async get(keys: Parameters<Engine["get"]>[0]): Promise<(Entry<unknown> | null)[]> {
    const groups = Array.from(
      { length: Math.ceil(keys.length / RANGES_MAX) },
      (_, i) => keys.slice(i * RANGES_MAX, (i + 1) * RANGES_MAX),
    );
    const found = await Promise.all(groups.map(async (group) => {
      const ranges = await this.#read(group.map(rangeOfKey));
      return ranges.map((rows) => rows.entries[0] ?? null);
    }));
    return found.flat();
  }

  async page(...[range, next]: Parameters<Engine["page"]>): ReturnType<Engine["page"]> {
    const limit = Math.min(range.limit ?? PAGE_ROWS, PAGE_ROWS);
    const whole = rangeOfList(range, limit);
    const [read] = await this.#read([next === null ? whole : rangeBehindBytes(whole, next)]);
    const { entries, count, lastKey } = read!;
    return { rows: entries, next: count < limit ? null : lastKey };
  }

  async write(change: Parameters<Engine["write"]>[0]): Promise<string | null> {
    const body = writeAtomic(change, this.#options.clock.now());
    const done = this.#parse(await this.#call("atomic_write", body, change), readAtomic);
    if (done === "disabled") throw this.#refusal("it does not take changes here");
    return done === "checked" ? null : done.versionstamp;
  }

  async watch(keys: readonly Key[], changed: () => void, until: AbortSignal): Promise<void> {
    const { clock, fetch: ask = fetch } = this.#options;
    const { url, headers } = await this.#request("watch");
    const silent = new AbortController();
    const wait = () => clock.after(WATCH_SILENT_MS_MAX, () => silent.abort());
    let cancel = wait();
    const signal = AbortSignal.any([until, silent.signal, this.#closed.signal]);
    const body = writeWatch(keys);
    try {
      const answer = await ask(url, { method: "POST", body, headers, signal, redirect: "manual" });
      if (answer.status !== 200) await answer.body?.cancel();
      this.#judge(answer.status);
      for await (const message of messagesOf(answer.body ?? new ReadableStream())) {
        cancel();
        cancel = wait();
        if (message.length === 0) continue;
        if (!this.#parse(message, readWatch)) throw this.#refusal("it does not watch here");
        changed();
      }
      throw new EngineError("it watches no longer", { unknown: true });
    } catch (cause) {
      if (until.aborted) return;
      if (cause instanceof EngineError) throw cause;
      throw new EngineError("it watches no longer", { unknown: true, cause });
    } finally {
      cancel();
    }
  }

  close(): void {
    this.#closed.abort();
  }

  async #read(ranges: Parameters<typeof writeSnapshotRead>[0]) {
    const body = writeSnapshotRead(ranges);
    const read = this.#parse(await this.#call("snapshot_read", body), readSnapshot);
    if (read !== null && read.length === ranges.length) return read;
    throw this.#refusal("it does not give strong reads here");
  }

  #parse<T>(bytes: Uint8Array<ArrayBuffer>, parse: (bytes: Uint8Array<ArrayBuffer>) => T): T {
    try {
      return parse(bytes);
    } catch (cause) {
      throw new EngineError("its answer cannot be read", { unknown: true, cause });
    }
  }

  /** The engine has changed its mind about who serves: what it told is asked anew. */
  #refusal(why: string): EngineError {
    this.#metadata = null;
    return new EngineError(why, { unknown: true });
  }

  async #call(
    method: string,
    body: Uint8Array<ArrayBuffer>,
    change: Change | null = null,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { url, headers } = await this.#request(method);
    const answer = await this.#post(url, body, headers);
    const passed = answer.status === REFUSED && change !== null ? passedLimit(change) : null;
    if (passed !== null) throw new TooMuchError(`Cannot use the store: ${passed}`);
    this.#judge(answer.status);
    return answer.body;
  }

  async #request(method: string): Promise<{ url: string; headers: Record<string, string> }> {
    const { version, databaseId, token, endpoint } = await this.#told();
    const headers = {
      authorization: `Bearer ${token}`,
      "content-type": "application/x-protobuf",
      "x-denokv-version": String(version),
      "x-denokv-database-id": databaseId,
    };
    return { url: `${endpoint}/${method}`, headers };
  }

  #judge(status: number): void {
    if (status === 200) return;
    const refused = status === 401 || status === 403;
    if (refused) this.#metadata = null;
    const why = refused ? "it does not take the access token" : `it answered with ${status}`;
    const hint = refused ? TAKE_TOKEN : LOOK_THERE;
    throw new EngineError(why, { unknown: status >= 500 || status === 429, hint });
  }

  async #told(): Promise<Metadata> {
    const known = await this.#metadata?.catch(() => null) ?? null;
    if (known !== null && this.#options.clock.now() < known.untilMs) return known;
    const asked = this.#ask();
    this.#metadata = asked;
    return await asked;
  }

  async #ask(): Promise<Metadata> {
    const { url, token, clock } = this.#options;
    const asked = new TextEncoder().encode(JSON.stringify({ supportedVersions: VERSIONS }));
    const answer = await this.#post(url, asked, {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
    });
    this.#judge(answer.status);
    let told: unknown = null;
    try {
      told = parseOutsideJson(new TextDecoder().decode(answer.body));
    } catch {
      // Told below.
    }
    const metadata = readMetadata(told, url, clock.now());
    if (metadata === null) {
      throw new EngineError("what answers there is no KV Connect engine", {
        unknown: false,
        hint: NAME_ANOTHER,
      });
    }
    if (new URL(metadata.endpoint).protocol !== "https:" && new URL(url).protocol === "https:") {
      throw new EngineError("it leads to an address without encryption", {
        unknown: false,
        hint: NAME_ANOTHER,
      });
    }
    return metadata;
  }

  async #post(
    url: string,
    body: Uint8Array<ArrayBuffer>,
    headers: Record<string, string>,
  ): Promise<{ status: number; body: Uint8Array<ArrayBuffer> }> {
    const { clock, fetch: ask = fetch } = this.#options;
    const late = new AbortController();
    const cancel = clock.after(STORE_REQUEST_TIMEOUT_MS, () => late.abort());
    try {
      const signal = AbortSignal.any([late.signal, this.#closed.signal]);
      const answer = await ask(url, { method: "POST", body, headers, signal, redirect: "manual" });
      return { status: answer.status, body: new Uint8Array(await answer.arrayBuffer()) };
    } catch (cause) {
      const { host } = new URL(url);
      const why = late.signal.aborted ? `${host} does not answer` : `${host} cannot be reached`;
      throw new EngineError(why, { unknown: true, cause });
    } finally {
      cancel();
    }
  }
}

/** An engine that speaks KV Connect. Nothing is asked before the first call. */
export function connectTo(options: ConnectOptions): Engine {
  return new Connection(options);
}
