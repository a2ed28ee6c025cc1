/**
 * Who may see the admin page: one-time links, and the sessions that they open. Kept in memory, so a
 * restart ends them all.
 *
 * @module
 */
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { encodeBase64Url } from "@std/encoding/base64url";
import type { Clock } from "../system/clock.ts";
import {
  ADMIN_LINK_TTL_MS,
  ADMIN_LINKS_MAX,
  ADMIN_SESSION_TTL_MS,
  ADMIN_SESSIONS_MAX,
} from "../system/limits.ts";
import { createMarks, type Marks } from "./marks.ts";
import type { Random } from "../system/random.ts";

/** A browser that came in by a link. */
export interface AdminSession {
  /** What every form of the page carries, so that no other page can post it. */
  readonly csrf: string;
  /** What its forms and links name people by. */
  readonly marks: Marks;
  /** What to tell with the next page; null for nothing. */
  notice: string | null;
}

/** The links and sessions of one admin page. */
export interface AdminSessions {
  /** Makes the token of a link that works once, for a few minutes. */
  link(): string;
  /** Uses a link's token up; the secret of a new session, or null. */
  enter(token: string): string | null;
  /** The session with this secret, while it lasts. */
  find(secret: string | null): AdminSession | null;
}

interface Kept<T> {
  readonly secret: string;
  readonly untilMs: number;
  readonly value: T;
}

/** Whether two secrets are the same, in a time that does not tell where they differ. */
export function sameSecret(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => new TextEncoder().encode(text)) as [Uint8Array, Uint8Array];
  return x.length === y.length && timingSafeEqual(x, y);
}

/** Secrets that expire; the oldest goes when there are too many. */
function createKeep<T>(
  clock: Clock,
  random: Random,
  { ttlMs, max }: { ttlMs: number; max: number },
) {
  let rows: Kept<T>[] = [];
  const live = () => (rows = rows.filter(({ untilMs }) => untilMs > clock.now()));
  return {
    add(value: T): string {
      const secret = encodeBase64Url(random.bytes(32));
      rows = [...live(), { secret, untilMs: clock.now() + ttlMs, value }].slice(-max);
      return secret;
    },
    find: (secret: string) => live().find((row) => sameSecret(row.secret, secret)),
    drop: (row: Kept<T>) => void (rows = rows.filter((one) => one !== row)),
  };
}

/** Makes the links and sessions of a page, empty at first. */
export function createAdminSessions(clock: Clock, random: Random): AdminSessions {
  const links = createKeep<null>(clock, random, { ttlMs: ADMIN_LINK_TTL_MS, max: ADMIN_LINKS_MAX });
  const sessions = createKeep<AdminSession>(clock, random, {
    ttlMs: ADMIN_SESSION_TTL_MS,
    max: ADMIN_SESSIONS_MAX,
  });
  return {
    link: () => links.add(null),
    enter(token) {
      const link = links.find(token);
      if (link === undefined) return null;
      links.drop(link);
      const csrf = encodeBase64Url(random.bytes(32));
      return sessions.add({ csrf, marks: createMarks(csrf), notice: null });
    },
    find: (secret) => secret === null ? null : sessions.find(secret)?.value ?? null,
  };
}
