/**
 * What stands on the admin page, as HTML: the state and what to do, who waits, the queues, and recent
 * messages without their bodies.
 *
 * @module
 */
import type { AccountStatus, QueueStatus } from "../operations/account_status.ts";
import type { MessageView } from "../operations/message_view.ts";
import type { PendingView } from "../operations/pairing_operations.ts";
import type { Status } from "../operations/status.ts";
import { maskNumber } from "../system/redact.ts";
import { formatDuration, plural } from "../text/amounts.ts";

/** What the page tells. */
export interface AdminView {
  readonly status: Status;
  readonly pending: readonly PendingView[];
  readonly messages: readonly MessageView[];
  /** What its forms carry. */
  readonly csrf: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML, fit for elements and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}

const MINUTE_MS = 60_000;

/** How long ago, in whole minutes: finer steps would change the page all the time. */
export function age(atMs: number | null, nowMs: number): string {
  if (atMs === null) return "never";
  const whole = Math.floor((nowMs - atMs) / MINUTE_MS) * MINUTE_MS;
  const words = whole <= 0 ? "just now" : `${formatDuration(whole)} ago`;
  return `<time datetime="${new Date(atMs).toISOString()}">${words}</time>`;
}

function stateSection({ ready, reasons, gateway, warnings, errors, atMs }: Status): string {
  const title = ready ? "Ready" : `Not ready: ${reasons.join(", ")}`;
  const notes = [
    ...(gateway.ok ? [] : [`Gateway: ${gateway.advice}`]),
    ...warnings,
  ].map((note) => `<li>${escapeHtml(note)}</li>`);
  const troubles = errors.map(({ message, fix, account, atMs: when }) =>
    `<li>${escapeHtml(message)}${fix === "" ? "" : `<br><strong>${escapeHtml(fix)}</strong>`}` +
    `<br><small>${age(when, atMs)}${
      account === null ? "" : `, ${escapeHtml(account)}`
    }</small></li>`
  );
  return `<section aria-labelledby="state"><h2 id="state" class="${ready ? "good" : "bad"}">` +
    `${escapeHtml(title)}</h2>` +
    (notes.length === 0 ? "" : `<ul>${notes.join("")}</ul>`) +
    (troubles.length === 0 ? "" : `<h3>Latest errors</h3><ul>${troubles.join("")}</ul>`) +
    "</section>";
}

function decisionForm(
  kind: "approve" | "reject",
  { code, account, phone }: PendingView,
  csrf: string,
): string {
  const word = kind === "approve" ? "Approve" : "Reject";
  const field = (name: string, value: string) =>
    `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`;
  return `<form method="post" action="/pairings/${kind}">` +
    field("csrf", csrf) + field("code", code) + field("account", account) +
    `<button id="${kind}-${escapeHtml(code)}" class="${kind}" ` +
    `aria-label="${word} ${escapeHtml(maskNumber(phone))}, code ${escapeHtml(code)}">` +
    `${kind === "approve" ? "Approve and text them" : word}</button></form>`;
}

function pendingSection({ pending, status: { atMs }, csrf }: AdminView): string {
  const rows = pending.map((one) =>
    `<li class="request"><div><strong>${escapeHtml(maskNumber(one.phone))}</strong> ` +
    `<code>${escapeHtml(one.code)}</code><br><small>${escapeHtml(one.account)}, ` +
    `asked ${age(one.createdAtMs, atMs)}${
      one.lastReplyAtMs === null ? ", was sent no code" : ""
    }</small></div><div class="choice">` +
    `${decisionForm("approve", one, csrf)}${decisionForm("reject", one, csrf)}</div></li>`
  );
  return '<section aria-labelledby="waiting"><h2 id="waiting">Waiting to be let in</h2>' +
    (rows.length === 0 ? "<p>Nobody.</p>" : `<ul class="plain">${rows.join("")}</ul>`) +
    "</section>";
}

function queueCell({ count, oldestAtMs }: QueueStatus, nowMs: number): string {
  return count === 0 ? "empty" : `${count}<br><small>oldest ${age(oldestAtMs, nowMs)}</small>`;
}

function table(caption: string, titles: readonly string[], rows: readonly string[][]): string {
  const head = titles.map((title) => `<th scope="col">${title}</th>`).join("");
  const body = rows.map(([first, ...rest]) =>
    `<tr><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join("")}</tr>`
  );
  return `<table><caption>${caption}</caption><thead><tr>${head}</tr></thead>` +
    `<tbody>${body.join("")}</tbody></table>`;
}

function queueSection(accounts: readonly AccountStatus[], nowMs: number): string {
  const rows = accounts.map(({ id, inbox, outbox, deadLetters, budget }) => [
    escapeHtml(id),
    queueCell(inbox, nowMs),
    queueCell(outbox, nowMs),
    String(deadLetters),
    `${budget.segmentsLastDay}${budget.segmentsPerDayMax ? ` of ${budget.segmentsPerDayMax}` : ""}`,
  ]);
  const titles = ["Account", "Inbox", "Outbox", "Dead", "Sent"];
  return table("What waits, dead letters, and segments sent in 24 hours", titles, rows);
}

function messageSection(messages: readonly MessageView[], nowMs: number): string {
  if (messages.length === 0) return "<p>No messages yet.</p>";
  const rows = messages.map(({ direction, number, atMs, status, account, advice }) => [
    `${direction === "in" ? "from" : "to"} ${escapeHtml(maskNumber(number))}` +
    `<br><small>${escapeHtml(account)}</small>`,
    age(atMs, nowMs),
    escapeHtml(status) + (advice === "" ? "" : `<br><small>${escapeHtml(advice)}</small>`),
  ]);
  return table(
    "Newest first, without what was written",
    ["Message", "When", "Status"],
    rows,
  );
}

/** The part of the page that changes. */
export function adminMain(view: AdminView): string {
  const { status, messages, pending } = view;
  const summary = `${status.ready ? "Ready" : "Not ready"}, ${
    plural(pending.length, "request")
  } waiting`;
  return `<div id="content" data-summary="${summary}">` +
    stateSection(status) +
    pendingSection(view) +
    `<section aria-labelledby="queues"><h2 id="queues">Queues</h2>` +
    `${queueSection(status.accounts, status.atMs)}</section>` +
    `<section aria-labelledby="messages"><h2 id="messages">Messages</h2>` +
    `${messageSection(messages, status.atMs)}</section></div>`;
}
