import { assert, assertEquals } from "@std/assert";
import {
  type Approval,
  type ApprovalInput,
  type ApprovalLock,
  decideApproval,
  lockedUntilMs,
  OPEN_LOCK,
} from "../../src/policy/approval.ts";
import type { PendingPairing } from "../../src/policy/pairing.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { seededRandom } from "../../src/system/random.ts";

const MINUTE_MS = 60_000;
const NOW_MS = 1_795_000_000_000;
const PENDING: PendingPairing = {
  code: "4MYQL6BM",
  account: "default",
  phone: "+12025550111" as Phone,
  createdAtMs: NOW_MS,
  expiresAtMs: NOW_MS + 60 * MINUTE_MS,
  lastReplyAtMs: NOW_MS,
};

function decide(input: Partial<ApprovalInput>): Approval {
  return decideApproval({
    typed: PENDING.code,
    pending: [PENDING],
    isUsed: () => false,
    lock: OPEN_LOCK,
    nowMs: NOW_MS,
    ...input,
  });
}

/** Types wrong codes at these times; gives the lock that results. */
function typeWrong(timesMs: readonly number[], lock: ApprovalLock = OPEN_LOCK): ApprovalLock {
  for (const nowMs of timesMs) {
    const approval = decide({ typed: "WRNGCDE2", lock, nowMs });
    if (approval.kind === "unknown") lock = approval.lock;
  }
  return lock;
}

Deno.test("decideApproval() finds the request however the code is typed", () => {
  for (const typed of ["4MYQL6BM", "4myq l6bm"]) {
    assertEquals(decide({ typed }), { kind: "ok", pending: PENDING, lock: OPEN_LOCK });
  }
});

Deno.test("decideApproval() tells an expired code from a used one and from one that never was", () => {
  assertEquals(decide({ nowMs: PENDING.expiresAtMs - 1 }).kind, "ok");
  assertEquals(decide({ nowMs: PENDING.expiresAtMs }).kind, "expired");
  const used = decide({ pending: [], isUsed: (code) => code === PENDING.code });
  assertEquals(used, { kind: "used", code: PENDING.code });
  for (const typed of ["WRNGCDE2", "no code"]) {
    const unknown = decide({ typed, isUsed: (code) => code === PENDING.code });
    assert(unknown.kind === "unknown");
  }
});

Deno.test("decideApproval() locks for 15 minutes at the fifth wrong code in 15 minutes", () => {
  const timesMs = [0, 1, 2, 3].map((i) => NOW_MS + i);
  const four = typeWrong(timesMs);
  assertEquals(decide({ lock: four, nowMs: NOW_MS + 4 }).kind, "ok");
  const fifth = decide({ typed: "WRNGCDE2", lock: four, nowMs: NOW_MS + 4 });
  assert(fifth.kind === "unknown");

  const untilMs = NOW_MS + 4 + 15 * MINUTE_MS;
  const { lock } = fifth;
  assertEquals(decide({ lock, nowMs: NOW_MS + 5 }), { kind: "locked", untilMs });
  assertEquals(decide({ lock, nowMs: untilMs - 1 }), { kind: "locked", untilMs });
  assertEquals(decide({ lock, nowMs: untilMs }).kind, "ok");
});

Deno.test("decideApproval() starts counting anew after a lock", () => {
  const locked = typeWrong([0, 1, 2, 3, 4].map((i) => NOW_MS + i));
  const after = decide({ typed: "WRNGCDE2", lock: locked, nowMs: NOW_MS + 16 * MINUTE_MS });
  assert(after.kind === "unknown");
});

Deno.test("decideApproval() forgets wrong codes after 15 minutes and after a right one", () => {
  const slow = typeWrong([0, 4, 8, 12, 16, 20].map((i) => NOW_MS + i * MINUTE_MS));
  assertEquals(lockedUntilMs(slow, NOW_MS + 20 * MINUTE_MS), null);

  const four = typeWrong([0, 1, 2, 3].map((i) => NOW_MS + i));
  const right = decide({ lock: four, nowMs: NOW_MS + 4 });
  assert(right.kind === "ok");
  const wrong = decide({ typed: "WRNGCDE2", lock: right.lock, nowMs: NOW_MS + 5 });
  assert(wrong.kind === "unknown");
});

Deno.test("decideApproval() does not count expired and used codes as wrong", () => {
  const expired = decide({ nowMs: PENDING.expiresAtMs });
  const used = decide({ pending: [], isUsed: () => true });
  assert(!("lock" in expired) && !("lock" in used));
});

Deno.test("lockedUntilMs() ignores a lock that the clock, set back, would make endless", () => {
  const locked = typeWrong([0, 1, 2, 3, 4].map((i) => NOW_MS + i));
  assertEquals(lockedUntilMs(locked, NOW_MS + 4), NOW_MS + 4 + 15 * MINUTE_MS);
  assertEquals(lockedUntilMs(locked, NOW_MS - 24 * 60 * MINUTE_MS), null);
});

/** What the store holds of one request, with the version its commits are checked against. */
interface Row {
  version: number;
  pending: PendingPairing | null;
  used: boolean;
  allowed: boolean;
}

/** One party: reads when it is its turn, commits at a later turn if nothing changed, else starts over. */
function* party(kind: "approve" | "reject" | "revoke", row: Row, nowMs: number) {
  for (;;) {
    const read = { ...row };
    yield;
    const commit = read.version === row.version;
    if (kind === "approve") {
      const approval = decide({
        pending: read.pending === null ? [] : [read.pending],
        isUsed: () => read.used,
        nowMs,
      });
      if (approval.kind !== "ok") return approval.kind;
      if (!commit) continue;
      Object.assign(row, { version: row.version + 1, pending: null, used: true, allowed: true });
      return "ok";
    }
    const changes = kind === "revoke"
      ? read.allowed || read.pending !== null
      : read.pending !== null;
    if (!changes) return "nothing";
    if (!commit) continue;
    Object.assign(row, {
      version: row.version + 1,
      pending: null,
      used: true,
      allowed: kind === "revoke" ? false : row.allowed,
    });
    return kind === "revoke" && read.allowed ? "revoked" : "closed";
  }
}

Deno.test("decideApproval() leaves one winner of 10,000 races of approve, reject, revoke and expiry", () => {
  const seed = 21;
  const random = seededRandom(seed);
  const kinds = ["approve", "approve", "reject", "revoke"] as const;
  for (let race = 0; race < 10_000; race++) {
    const expired = random.below(4) === 0;
    const nowMs = expired ? PENDING.expiresAtMs : NOW_MS;
    const row: Row = { version: 1, pending: PENDING, used: false, allowed: false };
    const running = Array.from(
      { length: 2 + random.below(3) },
      () => party(kinds[random.below(kinds.length)]!, row, nowMs),
    );
    const outcomes: string[] = [];
    while (running.length > 0) {
      const at = random.below(running.length);
      const step = running[at]!.next();
      if (step.done) {
        outcomes.push(step.value);
        running.splice(at, 1);
      }
    }
    const why = `seed ${seed}, race ${race}: ${outcomes}`;
    const winners = outcomes.filter((outcome) => outcome === "ok" || outcome === "closed");
    assert(winners.length <= 1, why);
    assert(!(expired && outcomes.includes("ok")), why);
    assertEquals(row.allowed, outcomes.includes("ok") && !outcomes.includes("revoked"), why);
  }
});
