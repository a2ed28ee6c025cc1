/**
 * The room Now: how the bridge is in words, what to do, and the last 24 hours.
 *
 * @module
 */
import type { HourView } from "../operations/series.ts";
import type { Status } from "../operations/status.ts";
import { formatDuration, plural } from "../text/amounts.ts";
import { barChart } from "./charts.ts";
import { age, escapeHtml, prose, section, usd } from "./markup.ts";
import { pendingSection } from "./pending_section.ts";
import type { Room } from "./room.ts";

/** What each reason of `status` means to whoever texts. */
const REASONS: Readonly<Record<Status["reasons"][number], string>> = {
  "not-running": "The bridge does not run.",
  "stopping": "The bridge is stopping.",
  "store-refuses": "Texts cannot be kept: the disk refuses them.",
  "store-away": "Texts cannot be kept: the store on another machine does not answer.",
  "gateway-away": "Texts are kept, but nobody answers them: the Gateway is away.",
  "gateway-refuses": "Texts are kept, but nobody answers them: the Gateway refuses the bridge.",
  "listener-deaf": "Texts do not arrive: the bridge does not hear Twilio.",
};

function stateSection({ ready, reasons, startedAtMs, atMs }: Status): string {
  if (ready) {
    const since = startedAtMs === null ? "" : `<p>Started ${age(startedAtMs, atMs)}.</p>`;
    return section("state", "All is well: texts are answered", since, "good");
  }
  const words = reasons.map((one) => `<li>${REASONS[one]}</li>`);
  return section("state", "Texts are not answered", `<ul>${words.join("")}</ul>`, "bad");
}

/** What an owner could do now, as sentences in HTML. */
function tasks({ gateway, warnings, accounts }: Status, waiting: number): string[] {
  const dead = accounts.reduce((sum, one) => sum + one.deadLetters, 0);
  const near = accounts.filter(({ money }) => money.nearlySpent.length > 0);
  const paused = accounts.reduce((sum, one) => sum + one.pausedSenders, 0);
  return [
    ...gateway.ok ? [] : [`Gateway: ${prose(gateway.advice)}`],
    ...waiting === 0
      ? []
      : [`${plural(waiting, "person waits", "people wait")} to be let in, below.`],
    ...dead === 0 ? [] : [
      `<a href="/queues">${plural(dead, "message was", "messages were")} given up</a>: ` +
      "try again, or let go.",
    ],
    ...near.map(({ id }) =>
      `<a href="/money">The budget of ${escapeHtml(id)}</a> is spent to 80 % or more.`
    ),
    ...paused === 0
      ? []
      : [`<a href="/people">${plural(paused, "conversation")}</a> paused: two machines, it seems.`],
    ...warnings.map(prose),
  ];
}

function doSection(status: Status, waiting: number): string {
  const all = tasks(status, waiting);
  return section(
    "do",
    "What to do",
    all.length === 0
      ? "<p>Nothing.</p>"
      : `<ul>${all.map((one) => `<li>${one}</li>`).join("")}</ul>`,
  );
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** How the link was in an hour: `up`, `shaky` when it was away for a while, `down`, or `off`. */
function linkOf({ upMs, awayMs }: HourView): "up" | "shaky" | "down" | "off" {
  if (upMs + awayMs === 0) return "off";
  if (awayMs < 2 * MINUTE_MS) return "up";
  return upMs === 0 ? "down" : "shaky";
}

const LINK_WORDS = {
  up: "Gateway there",
  shaky: "Gateway away for a while",
  down: "Gateway away",
  off: "nothing known",
} as const;

function hourName(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(11, 13)}:00 UTC`;
}

function daySection(hours: readonly HourView[]): string {
  const sum = (of: (hour: HourView) => number) => hours.reduce((all, one) => all + of(one), 0);
  const awayMs = sum((one) => one.awayMs);
  const summary = `${plural(sum((one) => one.texts), "text")} in, ` +
    `${sum((one) => one.answered)} answered, ${plural(sum((one) => one.messages), "SMS", "SMS")} ` +
    `out for ${usd(sum((one) => one.usd))}. ` +
    (hours.every((hour) => linkOf(hour) === "off")
      ? "How the Gateway is stands here after a minute."
      : awayMs < MINUTE_MS
      ? "The Gateway was there all the time."
      : `The Gateway was away for ${formatDuration(Math.min(awayMs, 24 * HOUR_MS))}.`);
  const cells = hours.map((hour, index) =>
    `<rect class="link-${linkOf(hour)}" x="${index * 10 + 1}" y="0" width="8" height="10">` +
    `<title>${hourName(hour.atMs)}: ${LINK_WORDS[linkOf(hour)]}</title></rect>`
  );
  const strip =
    `<svg role="img" class="strip" aria-label="The link to the Gateway, hour by hour" ` +
    `viewBox="0 0 ${hours.length * 10} 10" preserveAspectRatio="none">${cells.join("")}</svg>`;
  const chart = barChart({
    id: "day-texts",
    title: "Texts in and SMS out, by hour",
    summary,
    bars: hours.map((hour) => ({
      name: hourName(hour.atMs),
      parts: [[hour.texts, "in"], [hour.messages, "out"]],
      words: `${plural(hour.texts, "text")} in, ${plural(hour.messages, "SMS", "SMS")} out, ` +
        LINK_WORDS[linkOf(hour)],
    })),
  });
  return section("day", "The last 24 hours", strip + chart);
}

function moneyLine({ accounts }: Status): string {
  const lines = accounts.map(({ id, money, budget }) =>
    `<li><strong>${escapeHtml(id)}</strong>: ${usd(money.today.usd)} today, ` +
    `${usd(money.month.usd)} this month; ${plural(budget.segmentsLastDay, "segment")}` +
    `${budget.segmentsPerDayMax ? ` of ${budget.segmentsPerDayMax}` : ""} in 24 hours</li>`
  );
  return section("today", "Spent", `<ul>${lines.join("")}</ul><p><a href="/money">More</a></p>`);
}

function errorSection({ errors, atMs }: Status): string {
  if (errors.length === 0) return "";
  const rows = errors.map(({ message, fix, account, atMs: when }) =>
    `<li>${prose(message)}${fix === "" ? "" : `<br><strong>${prose(fix)}</strong>`}` +
    `<br><small>${age(when, atMs)}${
      account === null ? "" : `, ${escapeHtml(account)}`
    }</small></li>`
  );
  return section("errors", "Latest errors", `<ul>${rows.join("")}</ul>`);
}

/** The room Now. */
export const NOW_ROOM: Room = {
  path: "/",
  title: "Now",
  async render(parts) {
    const [status, { pending }, { hours }] = await Promise.all([
      parts.status(),
      parts.ask("listPending", {}),
      parts.ask("hours", {}),
    ]);
    return stateSection(status) + doSection(status, pending.length) +
      (pending.length === 0 ? "" : await pendingSection(parts, pending)) +
      daySection(hours) + moneyLine(status) + errorSection(status);
  },
};
