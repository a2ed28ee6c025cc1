/**
 * Bursts: texts that somebody sends in pieces become one row of the inbox, and so one turn.
 *
 * @module
 */
import { isBlank } from "../policy/blank.ts";
import { decideBurst } from "../policy/burst.ts";
import { decideLoop, type LoopState } from "../policy/loops.ts";
import { FILES_MAX, inboxKey, type InboxRow } from "../store/inbox_row.ts";
import { textHistory } from "../store/history_row.ts";
import { seenSet } from "../store/inbox.ts";
import type { Entry } from "../store/kv.ts";
import { readSender, senderKey } from "../store/sender_row.ts";
import { sleep } from "../system/clock.ts";
import { BURST_TEXTS_MAX, JOINED_CHARS_MAX } from "../system/limits.ts";
import { maskNumber } from "../system/redact.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { removalOf } from "../store/removal.ts";

/** What waits in memory behind a text of the same sender. */
export interface Behind {
  /** The ids of the texts, in order. */
  ids(row: Pick<InboxRow, "id" | "account" | "from">): readonly number[];
  /** Leaves out some that wait no more, as they became part of a text before them. */
  joined(rows: readonly Pick<InboxRow, "id" | "account" | "from">[]): void;
}

/** Texts that one commit puts into another: each is a check, and an engine takes ten in all. */
export const JOINED_AT_ONCE_MAX = 5;

/** Whether a text that others were put into still fits one row of the store. */
export function fitsOneRow({ text, media, mediaMissing }: InboxRow): boolean {
  return text.length <= JOINED_CHARS_MAX && media.length <= FILES_MAX && mediaMissing <= FILES_MAX;
}

/** Commands stand alone: what follows one is not part of it. */
function isCommand({ text }: InboxRow): boolean {
  return text.startsWith("/");
}

/** The texts that wait behind one of the same sender, by their ids in order, up to the first command. */
export async function following(
  { store }: BridgeContext,
  ids: readonly number[],
): Promise<Entry<InboxRow>[]> {
  const read = ids.slice(0, BURST_TEXTS_MAX).map((id) => store.get(inboxKey(id)));
  const rows = (await Promise.all(read)).filter((entry) => entry !== null);
  const command = rows.findIndex(({ value }) => isCommand(value));
  return command < 0 ? rows : rows.slice(0, command);
}

/** A text with those that came after it; its MessageSid stays the key of the turn. */
export function joined(first: InboxRow, others: readonly InboxRow[]): InboxRow {
  const all = [first, ...others];
  return {
    ...first,
    text: all.map(({ text }) => text).filter((text) => !isBlank(text)).join("\n"),
    media: all.flatMap(({ media }) => media),
    mediaMissing: all.reduce((sum, { mediaMissing }) => sum + mediaMissing, 0),
  };
}

/** How many of the texts behind the first can be put into it, and the loop guard's state after them. */
function roomFor(
  first: InboxRow,
  others: readonly InboxRow[],
  before: LoopState,
): { readonly count: number; readonly loop: LoopState } {
  const hear = (state: LoopState, { text, receivedAtMs }: InboxRow) =>
    decideLoop(state, { text, nowMs: receivedAtMs });
  let heard = first.heard ? null : hear(before, first);
  let loop = heard?.state ?? before;
  let count = 0;
  while (heard?.kind !== "paused" && count < others.length) {
    if (!fitsOneRow(joined(first, others.slice(0, count + 1)))) break;
    heard = hear(loop, others[count]!);
    // What begins a pause is told of, so it stays a text of its own.
    if (heard.kind === "paused") break;
    loop = heard.state;
    count++;
  }
  return { count, loop };
}

/**
 * Commits that texts became part of one before them, with what the loop guard heard of them; the version
 * of the row, null when one of them or the sender has changed.
 *
 * @param outcomeOf What the history says became of each.
 */
export async function commitJoined(
  { store, clock }: BridgeContext,
  behind: Behind,
  { entry, row, others, sender, loop }: {
    readonly entry: Entry<InboxRow>;
    readonly row: InboxRow;
    readonly others: readonly Entry<InboxRow>[];
    readonly sender: Awaited<ReturnType<typeof readSender>>;
    readonly loop: LoopState;
  },
  outcomeOf: (index: number) => string,
): Promise<string | null> {
  const atMs = clock.now();
  const key = senderKey(row.account, row.from);
  const versionstamp = await store.commit({
    check: [
      ...[entry, ...others].map(({ key, versionstamp }) => ({ key, versionstamp })),
      { key, versionstamp: sender.versionstamp },
    ],
    set: [
      { key: entry.key, value: row },
      { key, value: { ...sender.row, loop } },
      ...others.flatMap(({ value }, i) => [
        seenSet(value),
        textHistory(value, { outcome: outcomeOf(i), atMs, keepBody: false }),
      ]),
    ],
    ...removalOf(...others),
  });
  if (versionstamp !== null) behind.joined(others.map(({ value }) => value));
  return versionstamp;
}

/**
 * Puts later texts into the first as far as they go, in one commit for each few. Null when one of them, or what is
 * remembered of the sender, has changed.
 */
async function join(
  context: BridgeContext,
  entry: Entry<InboxRow>,
  waiting: readonly Entry<InboxRow>[],
  behind: Behind,
): Promise<Entry<InboxRow> | null> {
  const { account, from } = entry.value;
  const sender = await readSender(context, account, from);
  const first = waiting.slice(0, JOINED_AT_ONCE_MAX);
  const { count, loop } = roomFor(entry.value, first.map(({ value }) => value), sender.row.loop);
  if (count === 0) return entry;
  const others = first.slice(0, count);
  const row = { ...joined(entry.value, others.map(({ value }) => value)), heard: true };
  const parts = { entry, row, others, sender, loop };
  const versionstamp = await commitJoined(context, behind, parts, () => "joined");
  if (versionstamp === null) return null;
  context.log.info("text.joined", { from: maskNumber(row.from), texts: others.length + 1 });
  const joinedEntry = { key: entry.key, value: row, versionstamp };
  const rest = waiting.slice(JOINED_AT_ONCE_MAX);
  const more = count === first.length && rest.length > 0;
  return more ? await join(context, joinedEntry, rest, behind) : joinedEntry;
}

/** Whether a text is no turn as its conversation rests: then nothing is put into it. */
async function isLoop(context: BridgeContext, row: InboxRow): Promise<boolean> {
  if (row.heard) return false;
  const { loop } = (await readSender(context, row.account, row.from)).row;
  return decideLoop(loop, { text: row.text, nowMs: row.receivedAtMs }).kind === "paused";
}

/**
 * Joins the texts that wait behind one into it, once a burst is over. Null when the row has changed or
 * time has passed, so that it must be looked at again.
 */
export async function gatherBurst(
  context: BridgeContext,
  entry: Entry<InboxRow>,
  behind: Behind,
): Promise<Entry<InboxRow> | null> {
  const { clock, stopping } = context;
  const windowMs = context.settings().bridge.burstWindowMs;
  // What comes while one is kept back is put into it there, as not all of it is kept.
  if (isCommand(entry.value) || entry.value.held !== undefined) return entry;
  // Else each of a flood would read all those behind it.
  if (await isLoop(context, entry.value)) return entry;
  const others = await following(context, behind.ids(entry.value));
  const arrivedAtMs = [entry, ...others].map(({ value }) => value.receivedAtMs);
  const decision = decideBurst({ arrivedAtMs, windowMs, nowMs: clock.now() });
  if (decision.kind === "wait") {
    await sleep(clock, decision.untilMs - clock.now(), stopping);
    return null;
  }
  if (decision.count === 1) return entry;
  return await join(context, entry, others.slice(0, decision.count - 1), behind);
}
