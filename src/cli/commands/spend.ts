/**
 * `spend`: what texting cost, in US dollars.
 *
 * @module
 */
import { type SpendBy, type SpendReport, type SpendRow } from "../../operations/spend.ts";
import type { Balance } from "../../operations/spend_operations.ts";
import { Failure, failure } from "../../system/failure.ts";
import { maskNumber } from "../../system/redact.ts";
import { formatMoney, plural } from "../../text/amounts.ts";
import {
  ACCOUNT_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import { accountGiven, withOperations } from "../operations_client.ts";
import { spanMs } from "../span.ts";
import type { Context } from "../terminal/context.ts";
import { paint, printJson, renderTable } from "../terminal/output.ts";

const DAY_MS = 86_400_000;
const TITLES: Readonly<Record<SpendBy, string>> = {
  day: "Day (UTC)",
  person: "Person",
  account: "Account",
};
const CSV_HEAD = "billed_usd,estimated_usd,usd,messages,segments";

/** All five decimals that Twilio bills, so that a column adds up. */
function exact(usd: number): string {
  return formatMoney(usd, 5);
}

/** A cell that no spreadsheet takes for a formula; of a number's `+` it makes a number at most. */
function csvCell(text: string): string {
  const plain = /^[=+@\t\r-]/.test(text) && !/^\+[\d•]+$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function csv({ by, rows }: SpendReport): string {
  const lines = rows.map(({ name, billedUsd, estimatedUsd, usd, messages, segments }) =>
    [csvCell(name), exact(billedUsd), exact(estimatedUsd), exact(usd), messages, segments].join(",")
  );
  return [`${by},${CSV_HEAD}`, ...lines].map((line) => `${line}\n`).join("");
}

function balanceLine({ account, left, currency, days }: Balance): string {
  if (left === null) return `Balance of ${account}: Twilio does not tell it.`;
  const lasts = days === null ? "" : `; it lasts about ${plural(days, "day")} at the rate of late`;
  return `Balance of ${account}: ${left.toFixed(2)} ${currency}${lasts}.`;
}

function print(context: Context, report: SpendReport, balances: readonly Balance[]): void {
  const { by, rows, total, since, today, month } = report;
  if (rows.length === 0) context.stdout(`Nothing was sent since ${since}.\n`);
  else {
    const cells = (name: string, row: Omit<SpendRow, "name">) => [
      name,
      exact(row.billedUsd),
      exact(row.estimatedUsd),
      exact(row.usd),
      String(row.messages),
      String(row.segments),
    ];
    const right = (title: string) => ({ title, align: "right" as const });
    context.stdout(renderTable(
      [
        { title: TITLES[by], widthMax: 34 },
        ...["Billed", "Estimated", "USD", "SMS", "Segments"].map(right),
      ],
      [
        ...rows.map((row) =>
          cells(
            row.personName === undefined ? row.name || "(others)" : `${row.name} ${row.personName}`,
            row,
          )
        ),
        cells("Total", total),
      ],
      { paint: paint(context.colour) },
    ));
    const amount = (usd: number) => `${formatMoney(usd)} USD`;
    context.stdout(`\nToday ${amount(today.usd)}, this month ${amount(month.usd)}.\n`);
  }
  for (const one of balances) context.stdout(`${balanceLine(one)}\n`);
}

async function ask(context: Context, parsed: Parsed) {
  const since = parsed.text("since");
  const by = parsed.text("by") ?? "day";
  const account = accountGiven(parsed);
  // A span ends today: of 30 days today is the last.
  const backMs = since === undefined ? undefined : Math.max(0, spanMs(since) - DAY_MS);
  const sinceMs = backMs === undefined ? {} : { sinceMs: context.clock.now() - backMs };
  return await withOperations(context, parsed, async (operations) => {
    const report = await operations.ask("spend", { by, ...account, ...sinceMs });
    if (report instanceof Failure || !parsed.flag("balance")) return report;
    const asked = await operations.ask("balance", account);
    return { ...report, balances: asked instanceof Failure ? [] : asked.balances };
  });
}

/** The command `spend`. */
export const spendCommand: Command = {
  path: ["spend"],
  group: "Find out",
  summary: "show what texting cost, by day, person or account",
  details: "In US dollars: what Twilio billed, and what the rest is expected to cost.\n" +
    "Days are in UTC and kept for 400 days. Carriers' fees and texts that came in\n" +
    "are not in it.",
  options: [
    {
      name: "by",
      kind: "string",
      value: "WHAT",
      choices: ["day", "person", "account"],
      meaning: "day, person or account (day)",
    },
    { name: "since", kind: "string", value: "SPAN", meaning: "the last 7d, 30d (30d)" },
    { name: "balance", kind: "boolean", meaning: "ask Twilio what is left, and say how long" },
    { name: "csv", kind: "boolean", meaning: "print the rows as CSV" },
    { name: "full", kind: "boolean", meaning: "show whole numbers, not masked ones" },
    ACCOUNT_OPTION,
    CONFIG_OPTION,
    STATE_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ["spend", "spend --by person --since 7d", "spend --since 90d --csv"],
  async run(context, parsed): Promise<ExitCode> {
    if (parsed.flag("csv") && parsed.flag("json")) {
      throw failure("usage", "format-twice", "Cannot print CSV and JSON at once", "give one");
    }
    const { balances, ...report } = { balances: undefined, ...await ask(context, parsed) };
    const masked = report.by !== "person" || parsed.flag("full") ? report.rows : report.rows
      .map((row) => row.name === "" ? row : { ...row, name: maskNumber(row.name) });
    const shown = { ...report, rows: masked };
    if (parsed.flag("json")) {
      printJson(context, balances === undefined ? shown : { ...shown, balances });
    } else if (parsed.flag("csv")) context.stdout(csv(shown));
    else print(context, shown, balances ?? []);
    return 0;
  },
};
