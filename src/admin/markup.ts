/**
 * Pieces of HTML that the admin page's rooms are made of.
 *
 * @module
 */
import { maskNumber } from "../system/redact.ts";
import { formatDuration, formatMoney } from "../text/amounts.ts";

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

/** A name, or a masked number where there is none, which keeps its own direction of writing. */
export function called(name: string | null | undefined, phone: string): string {
  return `<bdi>${escapeHtml(name || maskNumber(phone))}</bdi>`;
}

/** A sentence for people, in which commands stand between backticks. */
export function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, "<code>$1</code>");
}

/** US dollars: cents of what is much, more decimals of what is little. */
export function usd(amount: number, unit = " USD"): string {
  return formatMoney(amount, Math.abs(amount) >= 1 || amount === 0 ? 2 : 4) + unit;
}

/** A section with its heading. */
export function section(id: string, title: string, content: string, kind = ""): string {
  return `<section aria-labelledby="${id}"><h2 id="${id}"${kind && ` class="${kind}"`}>` +
    `${escapeHtml(title)}</h2>${content}</section>`;
}

/** A table of cells that are HTML already; the first of a row is its heading. */
export function table(
  caption: string,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const head = titles.map((title) => `<th scope="col">${title}</th>`).join("");
  const body = rows.map(([first, ...rest]) =>
    `<tr><th scope="row">${first}</th>${rest.map((cell) => `<td>${cell}</td>`).join("")}</tr>`
  );
  return `<table><caption>${caption}</caption><thead><tr>${head}</tr></thead>` +
    `<tbody>${body.join("")}</tbody></table>`;
}

/** What folds away; the script keeps it open by its id when the page changes. */
export function fold(id: string, title: string, content: string): string {
  return `<details id="${escapeHtml(id)}"><summary>${
    escapeHtml(title)
  }</summary>${content}</details>`;
}

/** A button and what its form carries. */
export interface ButtonForm {
  /** Where it is posted to. */
  readonly action: string;
  /** Unlike any other on the page. */
  readonly id: string;
  readonly word: string;
  /** What a screen reader says. */
  readonly label: string;
  readonly csrf: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Fields that are seen, as HTML. */
  readonly inputs?: string;
  readonly kind?: string;
}

/** A form with one button. */
export function buttonForm(
  { action, id, word, label, csrf, fields, inputs = "", kind }: ButtonForm,
): string {
  const hidden = Object.entries({ csrf, ...fields }).map(([name, value]) =>
    `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`
  );
  return `<form method="post" action="${action}">${hidden.join("")}${inputs}` +
    `<button id="${escapeHtml(id)}"${kind === undefined ? "" : ` class="${kind}"`} ` +
    `aria-label="${escapeHtml(label)}">${escapeHtml(word)}</button></form>`;
}
