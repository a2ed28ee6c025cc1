/**
 * `config`: what is set, where it came from, and changing it.
 *
 * @module
 */
import { accountNotes } from "../../config/warnings.ts";
import {
  describeKind,
  exampleConfig,
  isOpenPath,
  rowAt,
  settingsSchema,
} from "../../config/describe.ts";
import { type EditValue, removeValue, setValue } from "../../config/json5/edit.ts";
import { changeConfigFile, readText } from "../../config/files.ts";
import { parseJson5, valueOf } from "../../config/json5/json5.ts";
import { fromVariable, readKind } from "../../config/rows/kinds.ts";
import { type EffectiveValue, shownWrong } from "../../config/read_values.ts";
import type { Problem } from "../../config/problem.ts";
import { readSecretInput } from "../../config/secrets/secret_ref.ts";
import { allRows } from "../../config/rows/setting_rows.ts";
import { describeOrigin } from "../../config/json5/tree.ts";
import { failure } from "../../system/failure.ts";
import { printable } from "../../system/redact.ts";
import { nearest } from "../../system/suggest.ts";
import {
  type ArgumentSpec,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { jsonText, paint, printJson, renderTable } from "../terminal/output.ts";
import { plural } from "../../text/amounts.ts";
import { checkStateDir, edited, loadFor, notSetUp, problemLines } from "../settings_source.ts";

const PATH: ArgumentSpec = {
  name: "PATH",
  meaning: "a setting's path, as in channels.sms.fromNumber",
};
const OPTIONS = [CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION] as const;

/** A value for people; secrets are not shown. */
function shownValue({ value }: Pick<EffectiveValue, "value">): string {
  if (value === undefined) return "";
  if (value === "set") return "•••";
  return printable(typeof value === "string" ? value : JSON.stringify(value));
}

function unknownPath(path: string) {
  const meant = nearest(path, allRows().map((one) => one.path));
  return failure(
    "not-found",
    "setting-unknown",
    `There is no setting ${path}`,
    meant === undefined ? "see `sms-bridge config example`" : `did you mean ${meant}?`,
  );
}

/**
 * What an argument stands for: JSON5 where it is that, else the text itself. Where no number is wanted
 * none is meant: `+15551234567` is JSON5 as well.
 */
function valueGiven(path: string, text: string): EditValue {
  const read = parseJson5(text);
  const value = read.kind === "node" ? valueOf(read.node) as EditValue : text;
  const kind = rowAt(path)?.kind;
  if (kind === undefined || value === null || typeof value === "object") return value;
  const asText = fromVariable(kind, text) as EditValue;
  const wrong = typeof value !== "string" && !readKind(kind, value).ok;
  return Array.isArray(asText) || (wrong && readKind(kind, asText).ok) ? asText : value;
}

/** Refuses what a setting cannot be. @throws {Failure} */
export function checkValue(path: string, value: EditValue): void {
  if (isOpenPath(path)) return;
  const row = rowAt(path);
  if (row === undefined) throw unknownPath(path);
  const secret = row.kind.type === "secret" ? readSecretInput(value) : undefined;
  const read = readKind(row.kind, value);
  const empty = secret?.kind === "text" && secret.text === "";
  if (empty) {
    throw failure(
      "usage",
      "value-empty",
      `Cannot set ${path}: it is empty`,
      "is the variable set in this shell? null takes the setting out",
    );
  }
  const wanted = secret?.kind === "malformed"
    ? secret.wanted
    : secret || read.ok
    ? null
    : read.wanted;
  if (wanted === null) return;
  const came = row.kind.type === "secret" ? " it is something else" : shownWrong(row.kind, value);
  throw failure(
    "usage",
    "value-invalid",
    `Cannot set ${path}: it must be ${wanted}, and${came}`,
    `as in ${JSON.stringify(row.example)} (${describeKind(row.kind)})`,
  );
}

/** Says what is wrong still after a change. */
export function tellRemaining(context: Context, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  context.stderr(`The configuration has ${plural(problems.length, "problem")} still:\n`);
  context.stderr(`${problemLines(problems)}\n`);
}

/** Writes the own file anew and says so. */
async function change(
  context: Context,
  parsed: Parsed,
  edit: (text: string) => string,
): Promise<ExitCode> {
  const { ownPath } = await loadFor(context, parsed);
  const { before, after } = await changeConfigFile(
    ownPath,
    (before) => edited(ownPath, () => edit(before)),
  );
  const { problems } = await loadFor(context, parsed);
  if (parsed.flag("json")) {
    printJson(context, { path: ownPath, changed: after !== before, problems });
    return 0;
  }
  context.stdout(after === before ? `Nothing to change in ${ownPath}.\n` : `Wrote ${ownPath}.\n`);
  tellRemaining(context, problems);
  return 0;
}

const show: Command = {
  path: ["config", "show"],
  group: "Set up",
  summary: "show every setting in force and where it came from",
  options: OPTIONS,
  examples: ["config show", "config show --json"],
  async run(context, parsed): Promise<ExitCode> {
    const { values, problems } = await loadFor(context, parsed);
    if (parsed.flag("json")) {
      const rows = values.map(({ path, value, origin }) => ({
        path,
        value: value === "set" ? "•••" : value ?? null,
        origin: describeOrigin(origin),
      }));
      printJson(context, { values: rows, problems });
      return 0;
    }
    const rows = values.filter(({ value }) => value !== undefined).map((one) => [
      printable(one.path),
      shownValue(one),
      printable(describeOrigin(one.origin)),
    ]);
    const columns = [{ title: "Setting" }, { title: "Value", widthMax: 48 }, { title: "From" }];
    context.stdout(renderTable(columns, rows, { paint: paint(context.colour) }));
    if (problems.length > 0) context.stderr(`\n${problemLines(problems)}\n`);
    return 0;
  },
};

const check: Command = {
  path: ["config", "check"],
  group: "Set up",
  summary: "check the configuration and list every problem",
  options: OPTIONS,
  examples: ["config check", "config check --config ./config.json5"],
  async run(context, parsed): Promise<ExitCode> {
    const { problems, settings, ownPath, untouched } = await loadFor(context, parsed);
    if (untouched) await checkStateDir(context, parsed);
    if (untouched && !parsed.flag("json")) throw notSetUp();
    if (parsed.flag("json")) {
      printJson(context, {
        ok: problems.length === 0,
        path: ownPath,
        problems,
        warnings: settings?.warnings ?? [],
        notes: accountNotes(settings?.accounts ?? []),
      });
    } else if (problems.length === 0) {
      for (const warning of settings!.warnings) context.stderr(`warning: ${warning}\n`);
      for (const note of accountNotes(settings!.accounts)) context.stdout(`note: ${note}\n`);
      context.stdout("The configuration is right.\n");
    } else {
      context.stdout(`${plural(problems.length, "problem")}:\n${problemLines(problems)}\n`);
    }
    return problems.length === 0 ? 0 : 3;
  },
};

const paths: Command = {
  path: ["config", "path"],
  group: "Set up",
  summary: "list the files that are read",
  options: OPTIONS,
  examples: ["config path"],
  async run(context, parsed): Promise<ExitCode> {
    const { ownPath, gatewayPath, files } = await loadFor(context, parsed);
    const there = (path: string) => {
      try {
        return readText(path) !== null;
      } catch {
        return false;
      }
    };
    const result = {
      own: ownPath,
      ownExists: there(ownPath),
      gateway: gatewayPath,
      gatewayExists: there(gatewayPath),
      files,
    };
    if (parsed.flag("json")) printJson(context, result);
    else {
      const state = (exists: boolean) => exists ? "" : "  (not there)";
      context.stdout(`own file      ${ownPath}${state(result.ownExists)}\n`);
      context.stdout(`Gateway's     ${gatewayPath}${state(result.gatewayExists)}\n`);
    }
    return 0;
  },
};

const get: Command = {
  path: ["config", "get"],
  group: "Set up",
  summary: "show one setting in force",
  arguments: [PATH],
  options: OPTIONS,
  examples: ["config get channels.sms.dmPolicy"],
  async run(context, parsed): Promise<ExitCode> {
    const path = parsed.argument("PATH")!;
    const { values } = await loadFor(context, parsed);
    const found = values.find((one) => one.path === path);
    if (found === undefined) throw unknownPath(path);
    const value = found.value === "set" ? "•••" : found.value ?? null;
    if (parsed.flag("json")) {
      printJson(context, { path, value, origin: describeOrigin(found.origin) });
    } else context.stdout(`${shownValue(found)}\n`);
    return 0;
  },
};

const set: Command = {
  path: ["config", "set"],
  group: "Set up",
  summary: "set a value in the bridge's file; comments stay",
  arguments: [PATH, { name: "VALUE", meaning: "JSON5 or text; null takes the setting out" }],
  options: OPTIONS,
  examples: [
    "config set channels.sms.dmPolicy allowlist",
    `config set channels.sms.allowFrom '["+15557654321"]'`,
  ],
  run(context, parsed) {
    const path = parsed.argument("PATH")!;
    const value = valueGiven(path, parsed.argument("VALUE")!);
    if (value === null) {
      if (rowAt(path) === undefined && !isOpenPath(path)) throw unknownPath(path);
      return change(context, parsed, (text) => removeValue(text, path.split(".")));
    }
    checkValue(path, value);
    return change(context, parsed, (text) => setValue(text, path.split("."), value));
  },
};

const example: Command = {
  path: ["config", "example"],
  group: "Set up",
  summary: "print a file with every setting in comments",
  examples: ["config example > config.json5"],
  run(context) {
    context.stdout(exampleConfig());
    return 0;
  },
};

const schema: Command = {
  path: ["config", "schema"],
  group: "Set up",
  summary: "print the file's JSON Schema",
  options: [JSON_OPTION],
  examples: ["config schema --json"],
  run(context) {
    context.stdout(`${jsonText(settingsSchema(), 2)}\n`);
    return 0;
  },
};

/** The commands of `config` that read, and set one value. */
export const CONFIG_COMMANDS: readonly Command[] = [
  show,
  check,
  paths,
  get,
  set,
  example,
  schema,
];
