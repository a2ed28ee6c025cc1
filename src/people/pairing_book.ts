/**
 * The pairing book: who asked to be let in and who was, kept in the store.
 *
 * The daemon and, when none runs, the `pair` commands work on it; each step is one commit, so that of
 * several at once one wins. An approval counts from the next text on.
 *
 * @module
 */
import { decideApproval, OPEN_LOCK } from "../policy/approval.ts";
import {
  decidePairing,
  isExpired,
  isUntold,
  pairingReplyText,
  type PendingPairing,
} from "../policy/pairing.ts";
import { readPairingCode } from "../policy/pairing_code.ts";
import type { Phone } from "../policy/phone.ts";
import { ALLOWED, allowedKey, type AllowedSender } from "../store/allowed_row.ts";
import {
  APPROVAL_LOCK_KEY,
  below,
  pairingRepliesKey,
  PENDING,
  pendingKey,
  usedCodeKey,
  waitsToldKey,
} from "../store/keys.ts";
import type { Change, Store } from "../store/kv.ts";
import type { Clock } from "../system/clock.ts";
import type { Random } from "../system/random.ts";

/** What came of an approval. */
export type Approved =
  | {
    readonly kind: "ok";
    readonly sender: AllowedSender;
    readonly first: boolean;
    /** The number that was texted, from which the sender is answered. */
    readonly texted: Phone | undefined;
  }
  | { readonly kind: "expired" }
  | { readonly kind: "used" }
  | { readonly kind: "unknown" }
  | { readonly kind: "locked"; readonly untilMs: number };

/** What the pairing book needs. */
export interface BookParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
}

/** How long an expired request and a used code can still be told from a wrong one. */
const REMEMBER_MS = 24 * 3_600_000;

async function collect<T>(rows: AsyncIterable<{ value: T }>): Promise<T[]> {
  const values: T[] = [];
  for await (const { value } of rows) values.push(value);
  return values;
}

/** Requests of an account, or of all, expired ones too; oldest first. */
async function allPending(store: Store, account?: string): Promise<PendingPairing[]> {
  const prefix = account === undefined ? PENDING : below(PENDING, account);
  const rows = await collect(store.list({ prefix }));
  return rows.toSorted((a, b) => a.createdAtMs - b.createdAtMs);
}

/** Requests that can be approved now; oldest first. */
export async function listPending(
  parts: Pick<BookParts, "store" | "clock">,
  account?: string,
): Promise<PendingPairing[]> {
  const nowMs = parts.clock.now();
  return (await allPending(parts.store, account)).filter((pending) => !isExpired(pending, nowMs));
}

/** Who was let in, by number. */
export function listAllowed(
  parts: Pick<BookParts, "store">,
  account?: string,
): Promise<AllowedSender[]> {
  const prefix = account === undefined ? ALLOWED : below(ALLOWED, account);
  return collect(parts.store.list({ prefix }));
}

/** How a sender was let in; null when not. */
export async function readAllowed(
  store: Pick<Store, "get">,
  account: string,
  phone: Phone,
): Promise<AllowedSender | null> {
  return (await store.get(allowedKey(account, phone)))?.value ?? null;
}

/** Whether a sender was let in. */
export async function isPaired(
  store: Pick<Store, "get">,
  account: string,
  phone: Phone,
): Promise<boolean> {
  return await readAllowed(store, account, phone) !== null;
}

/** Requests that can be approved now, whose senders were told no code as the day's were used up. */
export async function listWaiting(
  parts: Pick<BookParts, "store" | "clock">,
  account: string,
): Promise<PendingPairing[]> {
  return (await listPending(parts, account)).filter(isUntold);
}

/** A request to be noted. */
export interface Request {
  /** What its sender is told. */
  readonly text: string;
  /** Who is told: its sender; when no reply is left today nobody, or once a day the owner that people wait. */
  readonly tell: "sender" | "owner" | "nobody";
  /** What must be committed, together with what is sent. */
  readonly change: Change;
}

/** Notes that somebody waits, and once a day that the owner learns of it. */
async function waitFor(
  { store, clock }: BookParts,
  pending: PendingPairing,
  evicted: readonly PendingPairing[],
): Promise<Request> {
  const nowMs = clock.now();
  const toldKey = waitsToldKey(pending.account);
  const told = await store.get(toldKey);
  const tellOwner = told === null || nowMs - told.value >= REMEMBER_MS;
  const own = pendingRow(pending, nowMs);
  const mark = { key: toldKey, value: nowMs, expireInMs: REMEMBER_MS };
  return {
    text: pairingReplyText(pending.code),
    tell: tellOwner ? "owner" : "nobody",
    change: {
      check: tellOwner ? [{ key: toldKey, versionstamp: told?.versionstamp ?? null }] : [],
      set: tellOwner ? [own, mark] : [own],
      delete: evicted.map(({ account, phone }) => pendingKey(account, phone)),
    },
  };
}

function pendingRow(pending: PendingPairing, nowMs: number) {
  return {
    key: pendingKey(pending.account, pending.phone),
    value: pending,
    expireInMs: pending.expiresAtMs - nowMs + REMEMBER_MS,
  };
}

/**
 * What a stranger's text leads to; null when there is nothing to do.
 *
 * @param home The number that was texted.
 */
export async function requestPairing(
  parts: BookParts,
  account: string,
  phone: Phone,
  home: Phone | null = null,
): Promise<Request | null> {
  const { store, clock, random } = parts;
  const nowMs = clock.now();
  const repliesKey = pairingRepliesKey(account);
  const replies = await store.get(repliesKey);
  const decision = decidePairing({
    account,
    phone,
    home,
    pending: await allPending(store, account),
    replies: replies?.value ?? [],
    nowMs,
    random,
  });
  if (decision.kind === "wait") return await waitFor(parts, decision.pending, decision.evicted);
  if (decision.kind !== "create") return null;
  const { pending } = decision;
  return {
    text: pairingReplyText(pending.code),
    tell: "sender",
    change: {
      check: [{ key: repliesKey, versionstamp: replies?.versionstamp ?? null }],
      set: [
        pendingRow(pending, nowMs),
        { key: repliesKey, value: decision.replies, expireInMs: REMEMBER_MS },
      ],
      delete: decision.evicted.map((evicted) => pendingKey(account, evicted.phone)),
    },
  };
}

async function usedCodes(
  store: Store,
  typed: string,
  accounts: Iterable<string>,
): Promise<boolean> {
  const code = readPairingCode(typed);
  if (code === null) return false;
  for (const account of accounts) {
    if (await store.get(usedCodeKey(account, code)) !== null) return true;
  }
  return await store.get(usedCodeKey("*", code)) !== null;
}

/** Lets in whoever got this code, as an owner if so asked. */
export async function approve(
  parts: BookParts,
  typed: string,
  account?: string,
  owner = false,
): Promise<Approved> {
  const { store, clock } = parts;
  for (;;) {
    const nowMs = clock.now();
    const lock = await store.get(APPROVAL_LOCK_KEY);
    const used = await usedCodes(store, typed, account === undefined ? [] : [account]);
    const decision = decideApproval({
      typed,
      pending: await allPending(store, account),
      isUsed: () => used,
      lock: lock?.value ?? OPEN_LOCK,
      nowMs,
    });
    const lockCheck = { key: APPROVAL_LOCK_KEY, versionstamp: lock?.versionstamp ?? null };
    if (decision.kind === "unknown") {
      const set = [{ key: APPROVAL_LOCK_KEY, value: decision.lock }];
      if (!await store.commit({ check: [lockCheck], set })) continue;
      return { kind: "unknown" };
    }
    if (decision.kind !== "ok") return decision;
    const { pending } = decision;
    const request = await store.get(pendingKey(pending.account, pending.phone));
    if (request?.value.code !== pending.code) continue;
    const first = (await listAllowed(parts)).length === 0;
    const sender: AllowedSender = {
      account: pending.account,
      phone: pending.phone,
      atMs: nowMs,
      via: "code",
      owner,
    };
    const committed = await store.commit({
      check: [{ key: request.key, versionstamp: request.versionstamp }, lockCheck],
      set: [
        { key: allowedKey(sender.account, sender.phone), value: sender },
        { key: APPROVAL_LOCK_KEY, value: decision.lock },
        ...usedSets(pending),
      ],
      delete: [request.key],
    });
    if (committed) return { kind: "ok", sender, first, texted: pending.texted };
  }
}

/** What remembers that a code has served. */
export function usedSets({ account, code }: PendingPairing) {
  return [account, "*"].map((of) => ({
    key: usedCodeKey(of, code),
    value: true,
    expireInMs: REMEMBER_MS,
  }));
}

/** Turns a request down; its code no longer serves. Returns it, or null when there is none. */
export async function reject(
  parts: BookParts,
  typed: string,
  account?: string,
): Promise<PendingPairing | null> {
  const code = readPairingCode(typed);
  const found = (await listPending(parts, account)).find((pending) => pending.code === code);
  if (found === undefined) return null;
  const request = await parts.store.get(pendingKey(found.account, found.phone));
  if (request?.value.code !== found.code) return null;
  const committed = await parts.store.commit({
    check: [{ key: request.key, versionstamp: request.versionstamp }],
    set: usedSets(found),
    delete: [request.key],
  });
  return committed ? found : null;
}

/** Lets a number in without a code. Who is in already stays as they came; an owner stays one. */
export async function allow(
  parts: BookParts,
  account: string,
  phone: Phone,
  owner = false,
  atMs = parts.clock.now(),
): Promise<AllowedSender> {
  const key = allowedKey(account, phone);
  for (;;) {
    const known = await parts.store.get(key);
    const sender: AllowedSender = known === null
      ? { account, phone, atMs, via: "hand", owner }
      : { ...known.value, owner: owner || known.value.owner };
    const committed = await parts.store.commit({
      check: [{ key, versionstamp: known?.versionstamp ?? null }],
      set: [{ key, value: sender }],
      delete: [pendingKey(account, phone)],
    });
    if (committed) return sender;
  }
}

/** Takes a number's admission back, in one account or in all; returns those taken back. */
export async function revoke(
  parts: BookParts,
  phone: Phone,
  account?: string,
): Promise<AllowedSender[]> {
  const revoked = (await listAllowed(parts, account)).filter((sender) => sender.phone === phone);
  if (revoked.length > 0) {
    await parts.store.commit({
      delete: revoked.map((sender) => allowedKey(sender.account, sender.phone)),
    });
  }
  return revoked;
}
