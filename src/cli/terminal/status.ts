/**
 * Status as a person reads it.
 *
 * @module
 */
import type { AccountStatus, QueueStatus } from "../../operations/account_status.ts";
import type { BridgeStatus, Status } from "../../operations/status.ts";
import type { StatusError } from "../../operations/status_errors.ts";
import { type Fact, factLines, hanging, textColumns } from "./facts.ts";
import { type Paint } from "./output.ts";
import { MEMBER_SILENT_MS } from "../../system/limits.ts";
import { formatAge, formatDuration, formatMoney, plural } from "../../text/amounts.ts";

/** How status is drawn. */
export interface StatusTextOptions {
  readonly paint: Paint;
  readonly columns: number;
  /** Lines that there are: what matters most comes first then, and the rest is cut off. */
  readonly rows?: number | undefined;
}

function queueText({ count, oldestAtMs }: QueueStatus, nowMs: number): string {
  if (oldestAtMs === null) return "empty";
  return `${count} waiting, the oldest for ${formatDuration(nowMs - oldestAtMs)}`;
}

function limitText(spent: number | string, max: number | string | null): string {
  return max === null || max === 0 ? String(spent) : `${spent} of ${max}`;
}

function spentText({ usd }: { usd: number }, max: number | null): string {
  return limitText(formatMoney(usd), max === null || max === 0 ? null : formatMoney(max));
}

/** What was spent: of what is only expected, how much. */
function moneyText({ money }: AccountStatus): string {
  const { today, month, usdPerDayMax, usdPerMonthMax } = money;
  const open = month.estimatedUsd === 0
    ? ""
    : `, of it ${formatMoney(month.estimatedUsd)} not billed yet`;
  const near = money.nearlySpent.length === 0 ? "" : "; a budget is spent to 80 % or more";
  return `${spentText(today, usdPerDayMax)} USD today, ` +
    `${spentText(month, usdPerMonthMax)} USD this month${open}${near}`;
}

function deliveryText({ lastDelivery }: AccountStatus, nowMs: number): string {
  if (lastDelivery === null) return "never";
  const { status, errorCode, atMs } = lastDelivery;
  return `${status}${errorCode === null ? "" : ` (${errorCode})`} ${formatAge(atMs, nowMs)}`;
}

function accountTitle({ id, enabled, sender, dmPolicy }: AccountStatus): string {
  const notes = [
    sender,
    dmPolicy,
    ...(enabled === false ? ["not in the configuration, or off"] : []),
  ].filter((note) => note !== null);
  return `Account ${id}${notes.length === 0 ? "" : ` (${notes.join(", ")})`}`;
}

function accountFacts(account: AccountStatus, nowMs: number): Fact[] {
  const { budget } = account;
  const hour = limitText(budget.segmentsLastHourMost, budget.segmentsPerSenderHourMax);
  return [
    ["Last text in", formatAge(account.lastInboundAtMs, nowMs)],
    ["Last turn", formatAge(account.lastTurnAtMs, nowMs)],
    ["Last text out", formatAge(account.lastOutboundAtMs, nowMs)],
    ["Last delivery", deliveryText(account, nowMs)],
    ["Inbox", queueText(account.inbox, nowMs)],
    ["Outbox", queueText(account.outbox, nowMs)],
    [
      "People",
      `${account.allowedSenders} let in (${plural(account.owners, "owner")}), ` +
      `${account.pendingPairings} pending` +
      (account.waitingPairings === 0 ? "" : `, of them ${account.waitingPairings} without a code`),
    ],
    [
      "Held back",
      `${account.optedOutSenders} opted out, ${account.limitedSenders} limited, ` +
      `${account.pausedSenders} paused`,
    ],
    [
      "Segments",
      `${limitText(budget.segmentsLastDay, budget.segmentsPerDayMax)} in 24 h, ` +
      `${hour} in an hour to one person`,
    ],
    ["Money", moneyText(account)],
    [
      "Groups",
      account.groups.texts === 0
        ? "none"
        : `${plural(account.groups.texts, "text")} to several people, not served; the last ${
          formatAge(account.groups.lastAtMs, nowMs)
        }`,
    ],
    ["Dead letters", account.deadLetters === 0 ? "none" : String(account.deadLetters)],
  ];
}

function errorLines(
  { atMs, account, message, fix }: StatusError,
  nowMs: number,
  { paint, columns }: StatusTextOptions,
): string[] {
  const what = `${account === null ? "" : `${account}: `}${message}`;
  return [
    ...hanging("  ", `${formatAge(atMs, nowMs)}  ${what}`, columns),
    ...hanging(`    ${paint.cyan("→")} `, fix, columns),
  ];
}

function headLine({ version, running, ready, reasons, startedAtMs, atMs }: Status, paint: Paint) {
  const state = !running
    ? paint.red("not running")
    : ready
    ? paint.green("ready")
    : paint.yellow(`not ready (${reasons.join(", ")})`);
  const since = startedAtMs === null ? "" : `, for ${formatDuration(atMs - startedAtMs)}`;
  return `${paint.bold(`sms-bridge ${version}`)}  ${state}${since}`;
}

function roleText({ self, silentMs, there, canAnswer, answers }: BridgeStatus): string {
  if (!self && there && silentMs > MEMBER_SILENT_MS) {
    return `has not been heard of for ${formatDuration(silentMs)}`;
  }
  if (!answers && !there) return "is away";
  const role = answers ? "answers" : "takes texts in, and stands by";
  return canAnswer === false ? `${role}, without a Gateway` : role;
}

function bridgeText(bridge: BridgeStatus): string {
  const { name, version, self } = bridge;
  return `${name}${self ? " (this one)" : ""} ${roleText(bridge)}, ${version}`;
}

function bridgeFacts(status: Status, { green, yellow }: Paint): Fact[] {
  const { gateway, listen, adminListen, bridges = [] } = status;
  const mark = gateway.ok ? green("✓") : yellow("!");
  return [
    ["Gateway", `${mark} ${gateway.advice}`],
    ...(gateway.agent === null ? [] : [
      ["Agent", `${gateway.agent}, where no binding or setting names another`],
    ] satisfies Fact[]),
    ...(status.running
      ? [
        ["Webhooks", listen ?? "not yet"],
        ["Health", adminListen ?? "off"],
      ] satisfies Fact[]
      : []),
    ...bridges.map((bridge): Fact => ["Bridge", bridgeText(bridge)]),
  ];
}

/** The first lines, and how many there are besides. */
function cut(lines: readonly string[], rows: number): string[] {
  const more = lines.length - rows + 1;
  return more <= 1 ? [...lines] : [
    ...lines.slice(0, rows - 1),
    `… ${plural(more, "more line")}: in a taller window, or by status without --watch`,
  ];
}

/** Renders the status. */
export function renderStatus(status: Status, options: StatusTextOptions): string {
  const columns = textColumns(options.columns);
  const { bold, yellow } = options.paint;
  const head = [
    headLine(status, options.paint),
    ...factLines(bridgeFacts(status, options.paint), columns),
  ];
  const accounts = status.accounts.flatMap((account) => [
    "",
    bold(accountTitle(account)),
    ...factLines(accountFacts(account, status.atMs), columns, 2),
  ]);
  const warnings = [
    ...(status.warnings.length === 0 ? [] : [""]),
    ...status.warnings.flatMap((warning) => hanging(`${yellow("!")} `, warning, columns)),
  ];
  const errorsShown = (errors: Status["errors"]) => [
    ...(errors.length === 0 ? [] : ["", bold("Last errors")]),
    ...errors.flatMap((error) => errorLines(error, status.atMs, { ...options, columns })),
  ];
  const whole = [...head, ...accounts, ...warnings, ...errorsShown(status.errors)];
  const { rows } = options;
  const lines = rows === undefined || whole.length <= rows
    ? whole
    : cut([...head, ...warnings, ...errorsShown(status.errors.slice(0, 1)), ...accounts], rows);
  return lines.map((line) => `${line}\n`).join("");
}
