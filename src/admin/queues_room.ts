/**
 * The room Queues: what waits, what was given up, and to try it again or let it go.
 *
 * @module
 */
import type { QueueStatus } from "../operations/account_status.ts";
import type { QueueItem } from "../operations/queue_item.ts";
import type { Status } from "../operations/status.ts";
import { maskNumber } from "../system/redact.ts";
import { plural } from "../text/amounts.ts";
import { age, buttonForm, escapeHtml, fold, prose, section, table } from "./markup.ts";
import type { Room } from "./room.ts";

const ITEMS_SHOWN = 50;

function queueCell({ count, oldestAtMs }: QueueStatus, nowMs: number): string {
  return count === 0 ? "empty" : `${count}<br><small>oldest ${age(oldestAtMs, nowMs)}</small>`;
}

function overview({ accounts, atMs }: Status): string {
  const rows = accounts.map(({ id, inbox, outbox, deadLetters }) => [
    escapeHtml(id),
    queueCell(inbox, atMs),
    queueCell(outbox, atMs),
    String(deadLetters),
  ]);
  return table("What waits, and what was given up", ["Account", "Inbox", "Outbox", "Dead"], rows);
}

const WHAT = { inbox: "text from", outbox: "message to", dead: "with" } as const;

function itemRow(item: QueueItem, csrf: string, nowMs: number): string {
  const { id, queue, number, state, detail, atMs, attempts, sent } = item;
  const who = number === null ? "nobody" : maskNumber(number);
  const fields = { item: id };
  const retry = queue !== "dead" ? "" : buttonForm({
    action: "/queues/retry",
    id: `retry-${id}`,
    word: "Try again",
    label: `Try again: ${WHAT[queue]} ${who}`,
    csrf,
    fields,
  });
  const drop = fold(
    `drop-fold-${id}`,
    "Drop…",
    "<p>It is gone for good then.</p>" + buttonForm({
      action: "/queues/drop",
      id: `drop-${id}`,
      word: "Drop it",
      label: `Drop for good: ${WHAT[queue]} ${who}`,
      csrf,
      fields,
    }),
  );
  const facts = [
    ...sent === null || sent.of === 0 ? [] : [`${sent.chunks} of ${sent.of} SMS sent`],
    ...attempts === 0 ? [] : [plural(attempts, "failed try", "failed tries")],
  ];
  return `<li class="request"><div><strong>${escapeHtml(state)}</strong> ${WHAT[queue]} ` +
    `${escapeHtml(who)}${detail === "" ? "" : `<br>${prose(detail)}`}<br><small>` +
    `${[escapeHtml(item.account), age(atMs, nowMs), ...facts].join(", ")}</small></div>` +
    `<div class="choice">${retry}${drop}</div></li>`;
}

function items(all: readonly QueueItem[], csrf: string, nowMs: number, none: string): string {
  if (all.length === 0) return `<p>${none}</p>`;
  const shown = all.slice(0, ITEMS_SHOWN).map((one) => itemRow(one, csrf, nowMs));
  const more = all.length - shown.length;
  return `<ul class="plain">${shown.join("")}</ul>` +
    (more > 0 ? `<p>And ${more} more: <code>sms-bridge queue list</code></p>` : "");
}

/** The room Queues. */
export const QUEUES_ROOM: Room = {
  path: "/queues",
  title: "Queues",
  async render({ ask, status, session: { csrf }, nowMs }) {
    const [now, dead, inbox, outbox] = await Promise.all([
      status(),
      ask("listQueue", { queue: "dead" }),
      ask("listQueue", { queue: "inbox" }),
      ask("listQueue", { queue: "outbox" }),
    ]);
    const newest = dead.items.toReversed();
    return section("queues", "Queues", overview(now)) +
      section("dead", "Given up", items(newest, csrf, nowMs, "Nothing.")) +
      section(
        "waits",
        "Waiting",
        items([...inbox.items, ...outbox.items], csrf, nowMs, "Nothing waits."),
      );
  },
};
