/**
 * How fast the admin page is where many people text much: the rooms and a timeline, read first after a start
 * and again, from a store on disk.
 *
 * @module
 */
import { createAdminSessions } from "../../src/admin/session.ts";
import { adminPageOver } from "../../src/admin/wiring.ts";
import { loadSettings } from "../../src/config/load.ts";
import { operationsOn } from "../../src/operations/operations.ts";
import { NO_LOOP } from "../../src/policy/loops.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { NOTHING_SENT } from "../../src/policy/quota.ts";
import { utcDay } from "../../src/policy/utc_day.ts";
import { allowedKey } from "../../src/store/allowed_row.ts";
import { deliveryKey } from "../../src/store/delivery_row.ts";
import { followingStore } from "../../src/store/follow.ts";
import { historyKey } from "../../src/store/history_row.ts";
import { openStore, type Store, type Write } from "../../src/store/kv.ts";
import { senderKey } from "../../src/store/sender_row.ts";
import { addSums, NO_SPEND, spendDayKey, spendPersonKey } from "../../src/store/spend_row.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";
import { settings } from "./start.ts";
import type { BenchRow } from "./webhook.ts";

const PEOPLE = 10_000;
const MESSAGES = 100_000;
const DAY_MS = 86_400_000;
const ACCOUNT = "default";
const ORIGIN = "http://127.0.0.1:1";
const ROOMS = ["/", "/conversations", "/people", "/money", "/queues", "/doctor"];

const phoneOf = (index: number) => `+1202${5_000_000 + index % PEOPLE}` as Phone;

/** Everybody was let in, and texts came and went evenly over the last month. */
function* rows(nowMs: number): Generator<Write> {
  for (let i = 0; i < PEOPLE; i++) {
    const [phone, atMs] = [phoneOf(i), nowMs - i * 60_000];
    const loop = { ...NO_LOOP, lastTextAtMs: atMs };
    const value = { optedOutAtMs: null, loop, spending: NOTHING_SENT, name: `Person ${i}` };
    yield { key: senderKey(ACCOUNT, phone), value };
    const allowed = { account: ACCOUNT, phone, atMs, via: "code", owner: false };
    yield { key: allowedKey(ACCOUNT, phone), value: allowed };
  }
  const people = new Map<string, Write & { value: typeof NO_SPEND }>();
  const days = new Map<string, Write & { value: typeof NO_SPEND }>();
  for (let i = 0; i < MESSAGES; i++) {
    const atMs = nowMs - Math.floor((MESSAGES - i) / MESSAGES * 29 * DAY_MS);
    const [id, phone] = [atMs * 1_000 + i % 1_000, phoneOf(i * 7_919 + Math.floor(i / 2))];
    const sid = `SM${String(i).padStart(32, "0")}`;
    const past = { id, account: ACCOUNT, phone, sids: [sid], atMs };
    if (i % 2 === 0) {
      yield {
        key: historyKey(id),
        value: { ...past, direction: "in", outcome: "answered", segments: 0 },
      };
      continue;
    }
    yield {
      key: historyKey(id),
      value: { ...past, direction: "out", outcome: "sent", segments: 1 },
    };
    const record = { status: "delivered", errorCode: null, firstAtMs: atMs, atMs };
    yield { key: deliveryKey(sid), value: { messageId: id, record, price: "0.0079 USD" } };
    const day = utcDay(atMs);
    const sum = { billed: 790, estimated: 0, messages: 1, segments: 1 };
    const count = (of: typeof days, key: Write["key"]) => {
      const name = JSON.stringify(key);
      of.set(name, { key, value: addSums(of.get(name)?.value ?? NO_SPEND, sum) });
    };
    count(days, spendDayKey(ACCOUNT, day));
    count(people, spendPersonKey(day, ACCOUNT, phone));
  }
  yield* [...days.values(), ...people.values()];
}

async function fill(store: Store): Promise<void> {
  let set: Write[] = [];
  for (const row of rows(Date.now())) {
    if (set.push(row) < 500) continue;
    await store.commit({ set });
    set = [];
  }
  await store.commit({ set });
}

/** Milliseconds until all was read ahead, those of each page then, and the greatest size. */
interface Times {
  readonly aheadMs: number;
  readonly pages: ReadonlyMap<string, number>;
  readonly kb: number;
}

async function play(): Promise<Times> {
  const stateDir = await Deno.makeTempDir();
  const loaded = await loadSettings({ env: (name) => settings(stateDir)[name], home: stateDir });
  if (loaded.settings === null) throw new Error(JSON.stringify(loaded.problems));
  const inForce = loaded.settings;
  const [clock, random] = [systemClock, systemRandom];
  const before = await openStore(stateDir, { clock, random });
  await fill(before);
  before.close();
  const store = followingStore(await openStore(stateDir, { clock, random }));
  const operations = operationsOn({
    store,
    clock,
    random,
    settings: () => inForce,
    accounts: () => inForce.accountChoice,
  });
  const sessions = createAdminSessions(clock, random);
  const page = adminPageOver(operations, { sessions, clock, random, balances: () => null });
  const ask = async (path: string, cookie = "") =>
    (await page.answer(new Request(`${ORIGIN}${path}`, { headers: { cookie } })))!;
  const entered = await ask(`/enter?t=${sessions.link()}`);
  const cookie = entered.headers.get("set-cookie")!.split(";")[0]!;
  let html = "";
  const read = async (path: string) => {
    const beganMs = performance.now();
    html = await (await ask(path, cookie)).text();
    return performance.now() - beganMs;
  };
  const beganMs = performance.now();
  for (const path of ROOMS) await read(path);
  const aheadMs = performance.now() - beganMs;
  const pages = new Map<string, number>();
  let kb = 0;
  for (const path of [...ROOMS, "/people?who=Person+9999", "timeline"]) {
    const person = html.match(/\/conversations\?person=[^"]+/)?.[0] ?? "";
    pages.set(path, await read(path === "timeline" ? person : path));
    kb = Math.max(kb, html.length / 1_000);
  }
  page.close();
  store.close();
  await Deno.remove(stateDir, { recursive: true });
  return { aheadMs, pages, kb };
}

/** Rows about the admin page. */
export function pageBenchRows(): BenchRow[] {
  let played: Promise<Times> | undefined;
  const times = () => played ??= play();
  const [ahead, slowest] = ["page: read ahead once, at start", "page: slowest room"];
  return [
    {
      name: ahead,
      measure: async () => ({ name: ahead, value: (await times()).aheadMs, unit: "ms" }),
    },
    {
      name: slowest,
      async measure() {
        const { pages, kb } = await times();
        const each = [...pages].map(([path, ms]) => `${path} ${ms.toFixed(0)}`).join(", ");
        const detail = `${each}; at most ${kb.toFixed(0)} KB`;
        return { name: slowest, value: Math.max(...pages.values()), unit: "ms", detail };
      },
    },
  ];
}
