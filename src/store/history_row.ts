/**
 * The row of a text or a message in the history.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import type { InboxRow } from "./inbox_row.ts";
import { below, keyOf } from "./keys.ts";
import type { Write } from "./kv.ts";
import { segmentsOf } from "../text/sms/segments.ts";
import type { OutboxRow } from "./outbox_row.ts";

/** Why a message did not go: a sentence, and Twilio's code where it has one. */
export interface EndedBecause {
  readonly detail: string;
  readonly errorCode?: number;
}

/** One row of the history. */
export interface HistoryRow {
  readonly id: number;
  readonly direction: "in" | "out";
  readonly account: string;
  readonly phone: Phone;
  /** The MessageSids: one of a text that came, one a chunk of a message that went. */
  readonly sids: readonly string[];
  readonly atMs: number;
  /** What became of it, such as `answered`, `refused`, `sent`. */
  readonly outcome: string;
  readonly segments: number;
  /** Why it did not go, of a message that is no dead letter. */
  readonly why?: EndedBecause;
  /** What was written; only where the settings keep it. */
  readonly body?: string;
}

/** Where these rows stand. */
export const HISTORY = keyOf<HistoryRow>("history");
/** One past message, without its body. */
export const historyKey = (id: number) => below(HISTORY, id);

/** History rows are forgotten after 30 days. */
export const HISTORY_TTL_MS = 30 * 24 * 3_600_000;

/** How a text or a message ended. */
export interface Ending {
  readonly outcome: string;
  readonly atMs: number;
  /** Whether what was written is kept. */
  readonly keepBody: boolean;
  readonly why?: EndedBecause;
}

function historyWrite(row: HistoryRow): Write {
  return { key: historyKey(row.id), value: row, expireInMs: HISTORY_TTL_MS };
}

/** The write that notes what became of a text. */
export function textHistory(row: InboxRow, { outcome, atMs, keepBody }: Ending): Write {
  return historyWrite({
    id: row.id,
    direction: "in",
    account: row.account,
    phone: row.from,
    sids: [row.messageSid],
    atMs,
    outcome,
    segments: 0,
    ...(keepBody ? { body: row.text } : {}),
  });
}

/** The write that notes what became of a message; one that an operator dropped counts no segments. */
export function messageHistory(row: OutboxRow, { outcome, atMs, keepBody, why }: Ending): Write {
  return historyWrite({
    id: row.id,
    direction: "out",
    account: row.account,
    phone: row.to,
    sids: row.sids,
    atMs,
    outcome,
    segments: outcome === "dropped" ? 0 : segmentsOf(row.chunks),
    ...(why === undefined ? {} : { why }),
    ...(keepBody ? { body: row.chunks.map(({ body }) => body).join("\n") } : {}),
  });
}
