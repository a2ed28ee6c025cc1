import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  decidePairing,
  isExpired,
  PAIRING_APPROVED_TEXT,
  type PairingDecision,
  type PairingReply,
  pairingReplyText,
  type PendingPairing,
} from "../../src/policy/pairing.ts";
import { newPairingCode } from "../../src/policy/pairing_code.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { seededRandom } from "../../src/system/random.ts";

const ACCOUNT = "default";
const HOUR_MS = 3_600_000;
const NOW_MS = 1_795_000_000_000;
const stranger = (i: number) => `+1202${5_550_000 + i}` as Phone;

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
      const decision = decidePairing({ account: ACCOUNT, phone, pending, replies, nowMs, random });
      if (decision.kind === "create") {
        const kept = pending.filter((one) =>
          one.phone !== phone && !decision.evicted.includes(one)
        );
        pending = [...kept, decision.pending];
        replies = decision.replies;
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

Deno.test("decidePairing() replies twenty times a day, then stays silent until the first is a day old", () => {
  const book = createBook(4);
  for (let i = 0; i < 20; i++) assertEquals(book.text(stranger(i), NOW_MS + i).kind, "create");
  assertEquals(book.text(stranger(20), NOW_MS + 20), {
    kind: "silent",
    reason: "account-day",
    freesAtMs: NOW_MS + 24 * HOUR_MS,
  });
  assertEquals(book.text(stranger(20), NOW_MS + 24 * HOUR_MS - 1).kind, "silent");
  assertEquals(book.text(stranger(20), NOW_MS + 24 * HOUR_MS).kind, "create");
  assertEquals(book.text(stranger(21), NOW_MS + 24 * HOUR_MS).kind, "silent");
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
    if (book.text(stranger(random.below(200_000)), nowMs).kind === "create") {
      repliedAtMs.push(nowMs);
    }
    assert(book.pending.length <= 50 && book.replies.length <= 20, `seed ${seed}: text ${i}`);
  }
  repliedAtMs.forEach((atMs, i) => {
    const earlier = repliedAtMs[i - 20];
    assert(earlier === undefined || atMs - earlier >= 24 * HOUR_MS, `seed ${seed}: reply ${i}`);
  });
  assert(repliedAtMs.length > 20);
});

Deno.test("pairingReplyText() names the command, in one segment of plain ASCII", () => {
  const text = pairingReplyText("4MYQL6BM");
  assert(text.includes("sms-bridge pair approve 4MYQL6BM"));
  for (const sent of [text, PAIRING_APPROVED_TEXT]) {
    assert(sent.length <= 160, `${sent.length}`);
    assert(/^[A-Za-z0-9 .:()-]+$/.test(sent), sent);
  }
});
