import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  decidePairing,
  isExpired,
  isUntold,
  PAIRING_APPROVED_TEXT,
  type PairingDecision,
  type PairingReply,
  pairingReplyText,
  type PendingPairing,
  PEOPLE_WAIT_TEXT,
} from "../../src/policy/pairing.ts";
import { newPairingCode } from "../../src/policy/pairing_code.ts";
import { carrierPrefix, countryCode, type Phone } from "../../src/policy/phone.ts";
import { type Random, seededRandom } from "../../src/system/random.ts";

const ACCOUNT = "default";
const HOUR_MS = 3_600_000;
const NOW_MS = 1_795_000_000_000;
const HOME = "+12025550123" as Phone;
/** Strangers of our country, each of another carrier's block. */
const stranger = (i: number) => `+1${202_000_0000 + i * 10_000}` as Phone;

/** A number of one of ten countries, ours in half of all cases; few carriers each, so that crowds form. */
function randomPhone(random: Random): Phone {
  const country = random.below(2) === 0 ? "1" : String(41 + random.below(9));
  return `+${country}${200 + random.below(5)}555${1_000 + random.below(9_000)}` as Phone;
}

/** An account's records, kept as the store keeps them. */
function createBook(seed: number) {
  const random = seededRandom(seed);
  let pending: readonly PendingPairing[] = [];
  let replies: readonly PairingReply[] = [];
  return {
    get pending() {
      return pending;
    },
    get replies() {
      return replies;
    },
    put(more: readonly PendingPairing[]) {
      pending = [...pending, ...more];
    },
    drop(phone: Phone) {
      pending = pending.filter((one) => one.phone !== phone);
    },
    text(phone: Phone, nowMs: number): PairingDecision {
      const input = { account: ACCOUNT, phone, home: HOME, pending, replies, nowMs, random };
      const decision = decidePairing(input);
      if (decision.kind === "create" || decision.kind === "wait") {
        const kept = pending.filter((one) =>
          one.phone !== phone && !decision.evicted.includes(one)
        );
        pending = [...kept, decision.pending];
        if (decision.kind === "create") replies = decision.replies;
      }
      return decision;
    },
  };
}

Deno.test("decidePairing() makes one request and one reply for a sender", () => {
  const book = createBook(1);
  const first = book.text(stranger(1), NOW_MS);
  assert(first.kind === "create");
  assertEquals(first.pending.phone, stranger(1));
  assertEquals(first.pending.account, ACCOUNT);
  assertEquals(first.pending.expiresAtMs, NOW_MS + HOUR_MS);
  const second = book.text(stranger(1), NOW_MS + HOUR_MS - 1);
  assertEquals(second, { kind: "known", pending: first.pending });
});

Deno.test("decidePairing() makes a new code once the old one has expired", () => {
  const book = createBook(2);
  const first = book.text(stranger(1), NOW_MS);
  const second = book.text(stranger(1), NOW_MS + HOUR_MS);
  assert(first.kind === "create" && second.kind === "create");
  assert(isExpired(first.pending, NOW_MS + HOUR_MS));
  assert(!isExpired(first.pending, NOW_MS + HOUR_MS - 1));
  assertNotEquals(first.pending.code, second.pending.code);
  assertEquals(book.pending, [second.pending]);
});

Deno.test("decidePairing() stays silent within an hour of the last reply, also after a rejection", () => {
  const book = createBook(3);
  book.text(stranger(1), NOW_MS);
  book.drop(stranger(1));
  assertEquals(book.text(stranger(1), NOW_MS + HOUR_MS - 1), {
    kind: "silent",
    reason: "sender-interval",
    freesAtMs: NOW_MS + HOUR_MS,
  });
  assertEquals(book.text(stranger(1), NOW_MS + HOUR_MS).kind, "create");
});

Deno.test("decidePairing() replies twenty times a day, and notes who comes then, until the first is a day old", () => {
  const book = createBook(4);
  const abroad = (i: number) => `+${41 + i}79555010${i}` as Phone;
  for (let i = 0; i < 15; i++) assertEquals(book.text(stranger(i), NOW_MS + i).kind, "create");
  for (let i = 0; i < 5; i++) assertEquals(book.text(abroad(i), NOW_MS + 15 + i).kind, "create");
  const wait = book.text(stranger(20), NOW_MS + 20);
  assert(wait.kind === "wait");
  assertEquals(wait.freesAtMs, NOW_MS + 24 * HOUR_MS);
  assertEquals([wait.pending.phone, wait.pending.lastReplyAtMs], [stranger(20), null]);
  assertEquals(book.text(stranger(20), NOW_MS + 21).kind, "known");
  assertEquals(book.text(abroad(5), NOW_MS + 22).kind, "wait");
  const told = book.text(stranger(20), NOW_MS + 24 * HOUR_MS);
  assert(told.kind === "create");
  assertEquals(told.pending.code, wait.pending.code);
  assertEquals(book.text(stranger(21), NOW_MS + 24 * HOUR_MS).kind, "wait");
});

Deno.test("decidePairing() lets the oldest of fifty requests go", () => {
  const book = createBook(5);
  const random = seededRandom(6);
  book.put(Array.from({ length: 50 }, (_, i) => ({
    code: newPairingCode(random),
    account: ACCOUNT,
    phone: stranger(100 + i),
    createdAtMs: NOW_MS - 1 - i,
    expiresAtMs: NOW_MS + HOUR_MS,
    lastReplyAtMs: NOW_MS - 1 - i,
  })));
  const decision = book.text(stranger(1), NOW_MS);
  assert(decision.kind === "create");
  assertEquals(decision.evicted.map((one) => one.phone), [stranger(149)]);
  assertEquals(book.pending.length, 50);
});

Deno.test("decidePairing() never gives a code that another request has", () => {
  const first = decidePairing({
    account: ACCOUNT,
    phone: stranger(1),
    pending: [],
    replies: [],
    nowMs: NOW_MS,
    random: seededRandom(7),
  });
  assert(first.kind === "create");
  const second = decidePairing({
    account: ACCOUNT,
    phone: stranger(2),
    pending: [first.pending],
    replies: [],
    nowMs: NOW_MS,
    random: seededRandom(7),
  });
  assert(second.kind === "create");
  assertNotEquals(second.pending.code, first.pending.code);
});

Deno.test("decidePairing() holds a bounded number of records under 100,000 strangers", () => {
  const seed = 8;
  const book = createBook(seed);
  const random = seededRandom(seed);
  let nowMs = NOW_MS;
  const repliedAtMs: number[] = [];
  for (let i = 0; i < 100_000; i++) {
    nowMs += random.below(5_000);
    if (book.text(randomPhone(random), nowMs).kind === "create") {
      repliedAtMs.push(nowMs);
    }
    assert(book.pending.length <= 50 && book.replies.length <= 20, `seed ${seed}: text ${i}`);
    const waiting = book.pending.filter((one) => isUntold(one) && !isExpired(one, nowMs));
    assert(waiting.length <= 20, `seed ${seed}: text ${i}`);
  }
  repliedAtMs.forEach((atMs, i) => {
    const earlier = repliedAtMs[i - 20];
    assert(earlier === undefined || atMs - earlier >= 24 * HOUR_MS, `seed ${seed}: reply ${i}`);
  });
  assert(repliedAtMs.length > 20);
});

Deno.test("decidePairing() has a code for a newcomer after any crowd of one carrier, or of one country abroad", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const book = createBook(seed);
    const crowd = randomPhone(random);
    const whole = !crowd.startsWith("+1") && random.below(2) === 0;
    const shared = whole ? countryCode(crowd) : carrierPrefix(crowd);
    let nowMs = NOW_MS;
    for (let i = 0; i < 60; i++) {
      nowMs += random.below(20 * 60_000);
      const rest = 11 - shared.length;
      book.text(`${shared}${String(random.below(10 ** rest)).padStart(rest, "0")}` as Phone, nowMs);
    }
    let newcomer = randomPhone(random);
    while (newcomer.startsWith(shared)) newcomer = randomPhone(random);
    assertEquals(book.text(newcomer, nowMs).kind, "create", `seed ${seed}: ${shared}, ${newcomer}`);
  }
});

Deno.test("decidePairing() has codes for our country after any crowd from abroad, and for others after any of ours", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    for (const ours of [true, false]) {
      const book = createBook(seed);
      for (let i = 0; i < 100; i++) {
        const phone = randomPhone(random);
        if (phone.startsWith("+1") === ours) book.text(phone, NOW_MS + i);
      }
      const newcomer = (ours ? "+447700900123" : "+14155550123") as Phone;
      assertEquals(book.text(newcomer, NOW_MS + 100).kind, "create", `seed ${seed}, ${ours}`);
    }
  }
});

Deno.test("decidePairing() keeps whom no code is left for in sight, whatever crowd of one carrier comes before or after", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const book = createBook(seed);
    for (let i = 0; i < 15; i++) book.text(stranger(i), NOW_MS);
    const honest = stranger(700);
    const at = random.below(100);
    for (let i = 0; i < 100; i++) {
      const rented = `+1305555${String(random.below(10_000)).padStart(4, "0")}` as Phone;
      book.text(i === at ? honest : rented, NOW_MS + i);
    }
    const found = book.pending.find(({ phone }) => phone === honest);
    assertEquals(found?.lastReplyAtMs, null, `seed ${seed}: text ${at}`);
  }
});

Deno.test("pairingReplyText() names the command, in one segment of plain ASCII", () => {
  const text = pairingReplyText("4MYQL6BM");
  assert(text.includes("sms-bridge pair approve 4MYQL6BM"));
  for (const sent of [text, PAIRING_APPROVED_TEXT, PEOPLE_WAIT_TEXT]) {
    assert(sent.length <= 160, `${sent.length}`);
    assert(/^[A-Za-z0-9 .:()'-]+$/.test(sent), sent);
  }
});
