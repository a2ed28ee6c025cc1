/**
 * Queue rows from outside: checked before they are put into the store.
 *
 * @module
 */
import { isPhone } from "../policy/phone.ts";
import { type Queue, QUEUES } from "./queue_item.ts";

/** A row as `queue export` writes it, one a line. */
export interface ExportedRow {
  readonly queue: Queue;
  readonly row: { readonly id: number } & Readonly<Record<string, unknown>>;
}

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const text: Check = (value) => typeof value === "string";
const flag: Check = (value) => typeof value === "boolean";
const count: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const time: Check = (value) => typeof value === "number" && Number.isFinite(value);
const phone: Check = (value) => typeof value === "string" && isPhone(value);
const orNull = (check: Check): Check => (value) => value === null || check(value);
const oneOf = (...words: string[]): Check => (value) => words.includes(String(value));
const list = (check: Check): Check => (value) => Array.isArray(value) && value.every(check);
const object = (shape: Shape): Check => (value) => faultIn(value, shape) === null;

const SHAPES: Readonly<Record<Queue, Shape>> = {
  inbox: {
    id: count,
    account: text,
    accountSid: text,
    messageSid: text,
    from: phone,
    to: text,
    text,
    media: list(object({ messageSid: text, url: text, contentType: text })),
    mediaMissing: count,
    receivedAtMs: time,
    recovered: flag,
    started: orNull(object({ bootId: text, atMs: time })),
    attempts: count,
    noticed: flag,
  },
  outbox: {
    id: count,
    account: text,
    to: phone,
    kind: oneOf("reply", "pairing", "notice", "sent", "proactive"),
    inReplyTo: orNull(text),
    chunks: list(object({ body: text, segments: count, mediaUrls: list(text) })),
    sids: list(text),
    begunAtMs: orNull(time),
    attempts: count,
    notBeforeMs: time,
    createdAtMs: time,
  },
  dead: {
    id: count,
    from: oneOf("inbox", "outbox", "webhook"),
    account: text,
    phone: orNull(phone),
    messageSid: orNull(text),
    reason: text,
    detail: text,
    atMs: time,
  },
};

/** The first member of an object that is not as its shape has it; null when all are. */
function faultIn(value: unknown, shape: Shape): string | null {
  if (typeof value !== "object" || value === null) return "the whole";
  const members = value as Record<string, unknown>;
  return Object.keys(shape).find((name) => !shape[name]!(members[name])) ?? null;
}

/** Reads a line of an export; a sentence about what is wrong with it otherwise. */
export function readExported(line: string): ExportedRow | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "it is no JSON";
  }
  const { queue, row } = (value ?? {}) as Partial<ExportedRow>;
  if (queue === undefined || !QUEUES.includes(queue)) {
    return `"queue" must be one of ${QUEUES.join(", ")}`;
  }
  const fault = faultIn(row, SHAPES[queue]);
  if (fault !== null) return `"${fault}" of its row is not as in an ${queue} row`;
  const inner = (row as Record<string, unknown>).row;
  const from = (row as Record<string, unknown>).from as Queue;
  if (queue === "dead" && inner !== undefined && from in SHAPES) {
    const within = faultIn(inner, SHAPES[from]);
    if (within !== null) return `"row.${within}" of its row is not as in an ${from} row`;
  }
  return { queue, row: row as ExportedRow["row"] };
}
