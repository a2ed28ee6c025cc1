/**
 * `config adopt` and `config return`: taking SMS over from the Gateway's own channel, with everybody who
 * was let in, and giving it back.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { funnelCommand } from "../../checks/public_route.ts";
import { removeValue, setValue } from "../../config/json5/edit.ts";
import { backUpFile, readText, writeConfigFile } from "../../config/files.ts";
import { parseJson5, valueOf } from "../../config/json5/json5.ts";
import type { Loaded } from "../../config/load.ts";
import { accountNamed } from "../../config/sms_accounts.ts";
import type { Operations } from "../../operations/operations.ts";
import { Failure, failure } from "../../system/failure.ts";
import { maskNumber } from "../../system/redact.ts";
import { plural } from "../../text/amounts.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type OptionSpec,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import { stateDirectory, withOperations } from "../operations_client.ts";
import { type PluginPerson, readPluginPairings } from "./plugin_pairings.ts";
import { edited, loadFor } from "../settings_source.ts";
import { confirm, type Context } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";

const OPTIONS: readonly OptionSpec[] = [
  { name: "yes", short: "y", kind: "boolean", meaning: "do not ask" },
  { name: "dry-run", kind: "boolean", meaning: "show what would change, change nothing" },
  CONFIG_OPTION,
  STATE_DIR_OPTION,
  JSON_OPTION,
];
const PATH = ["channels", "sms", "enabled"];

/** What `config adopt` notes for `config return`. */
interface Note {
  readonly gatewayPath: string;
  /** What stood at channels.sms.enabled; null for nothing. */
  readonly enabled: unknown;
  /** Whom the plugin had let in; taken over once, also if they are turned out later. */
  readonly people: readonly PluginPerson[];
}

function notePath(context: Context, parsed: Parsed): string {
  return join(stateDirectory(context, parsed), "adopted.json");
}

function readNote(path: string): Note | null {
  const text = readText(path);
  return text === null ? null : JSON.parse(text) as Note;
}

/** What stands at a path of a file; undefined for nothing. */
function valueIn(text: string, path: readonly string[]): unknown {
  const read = parseJson5(text);
  if (read.kind !== "node") return undefined;
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined,
    valueOf(read.node),
  );
}

const keyOf = ({ account, phone }: PluginPerson) => `${account} ${phone}`;

/** Asks before something is written. @throws {Failure} When nobody says yes. */
async function agree(context: Context, parsed: Parsed, path: string): Promise<void> {
  if (parsed.flag("yes")) return;
  if (parsed.flag("json") || !context.terminal.stdin) {
    throw failure(
      "usage",
      "not-confirmed",
      `Cannot change ${path} without asking, and there is nobody to ask`,
      "give `--yes`",
    );
  }
  if (await confirm(context, "Write this?")) return;
  throw failure("failed", "declined", "Nothing was changed", "run it again, or with `--yes`");
}

async function letIn(operations: Operations, people: readonly PluginPerson[]): Promise<void> {
  for (const { account, phone: number } of people) {
    const done = await operations.ask("allow", { number, account, owner: false });
    if (done instanceof Failure) throw done;
  }
}

/** Those of the plugin's people who are new here, by the names that accounts have in the configuration. */
async function newcomers(
  context: Context,
  parsed: Parsed,
  { accountChoice, gatewayPath }: Loaded,
  note: Note | null,
): Promise<readonly PluginPerson[]> {
  const known = new Set(note?.people.map(keyOf));
  const people = readPluginPairings(dirname(gatewayPath), accountChoice.ids)
    .map((one) => ({ ...one, account: accountNamed(accountChoice, one.account) ?? one.account }))
    .filter((one) => accountChoice.ids.includes(one.account) && !known.has(keyOf(one)));
  if (people.length === 0) return [];
  const { allowed } = await withOperations(
    context,
    parsed,
    (operations) => operations.ask("listAllowed", {}),
  );
  const inside = new Set(allowed.map(keyOf));
  return people.filter((one) => !inside.has(keyOf(one)));
}

function tellPeople(context: Context, people: readonly PluginPerson[], verb: string): void {
  for (const { account, phone } of people) {
    context.stderr(`${verb} ${maskNumber(phone)} (account ${account})\n`);
  }
}

/** Where the public path is to lead, once the other one answers it. */
function tellRoute(context: Context, { settings }: Loaded): void {
  if (settings === null) return;
  context.stderr("The public URL must lead to the bridge now. With Tailscale Funnel:\n");
  for (const account of settings.accounts) {
    context.stderr(`  ${funnelCommand(account, settings.bridge.listen)}\n`);
  }
  context.stderr("`sms-bridge doctor` tells whether it does.\n");
  context.stderr(
    'New scheduled jobs that text take delivery { mode: "announce", channel: "last", to: "+1…" }:\n' +
      '  the Gateway refuses channel "sms" while it leaves SMS to the bridge.\n',
  );
}

/** `config adopt`. */
export const adoptCommand: Command = {
  path: ["config", "adopt"],
  group: "Set up",
  summary: "hand SMS over from the Gateway to the bridge",
  details:
    "Sets channels.sms.enabled to false in the Gateway's file, with a backup beside it, and lets\n" +
    "everybody in who was paired there. The bridge goes on reading the same channels.sms.\n" +
    "`config return` gives it back.",
  options: OPTIONS,
  examples: ["config adopt --dry-run", "config adopt", "config adopt --yes"],
  async run(context, parsed): Promise<ExitCode> {
    const loaded = await loadFor(context, parsed);
    const { gatewayPath: path, problems } = loaded;
    const [json, dryRun] = [parsed.flag("json"), parsed.flag("dry-run")];
    const rival = problems.some(({ problem }) => problem.startsWith("is enabled in"));
    const note = readNote(notePath(context, parsed));
    const people = rival || note !== null ? await newcomers(context, parsed, loaded, note) : [];
    if (!rival && people.length === 0) {
      const text = `Nothing to hand over: ${path} does not enable channels.sms.\n`;
      if (json) printJson(context, { path, changed: false });
      else context.stdout(text);
      return 0;
    }
    const before = readText(path) ?? "";
    const enabled = valueIn(before, PATH);
    const after = rival ? edited(path, () => setValue(before, PATH, false)) : before;
    if (!json) {
      context.stderr(`${path}\n`);
      if (rival && enabled !== undefined) context.stderr(`- channels.sms.enabled: ${enabled}\n`);
      if (rival) context.stderr("+ channels.sms.enabled: false\n");
      tellPeople(context, people, "+ let in");
    }
    const told = { path, people: people.map(({ account, phone }) => ({ account, phone })) };
    if (dryRun) {
      if (json) printJson(context, { ...told, dryRun, changed: false });
      else context.stdout("Nothing was changed.\n");
      return 0;
    }
    await agree(context, parsed, path);
    const backup = rival ? await backUpFile(path) : null;
    if (rival) await writeConfigFile(path, after);
    if (people.length > 0) {
      await withOperations(context, parsed, (operations) => letIn(operations, people));
    }
    const noted: Note = {
      gatewayPath: path,
      enabled: rival ? enabled ?? null : note?.enabled ?? null,
      people: [...note?.people ?? [], ...people],
    };
    await writeConfigFile(notePath(context, parsed), `${JSON.stringify(noted)}\n`);
    if (json) printJson(context, { ...told, changed: true, backup });
    else {
      if (backup !== null) context.stdout(`Wrote ${path}; the former one is ${backup}.\n`);
      if (people.length > 0) {
        context.stdout(`${plural(people.length, "person", "people")} let in as before.\n`);
      }
      tellRoute(context, await loadFor(context, parsed));
    }
    return 0;
  },
};

/** The Gateway's file with SMS on again, and with everybody in allowFrom who was let in since. */
function returned(
  before: string,
  note: Note,
  since: readonly PluginPerson[],
): string {
  let text = note.enabled === null
    ? removeValue(before, PATH)
    : setValue(before, PATH, note.enabled === true);
  for (const [account, people] of Map.groupBy(since, (one) => one.account)) {
    const own = ["channels", "sms", "accounts", account];
    const at = valueIn(before, own) === undefined ? ["channels", "sms"] : own;
    const path = [...at, "allowFrom"];
    // A list of the account's own takes the place of the common one.
    const listed = valueIn(text, path) ?? valueIn(text, ["channels", "sms", "allowFrom"]);
    const list = Array.isArray(listed) ? listed.map(String) : [];
    const more = people.map(({ phone }) => phone).filter((phone) => !list.includes(phone));
    if (more.length > 0) text = setValue(text, path, [...list, ...more]);
  }
  return text;
}

/** `config return`. */
const giveBack: Command = {
  path: ["config", "return"],
  group: "Set up",
  summary: "give SMS back to the Gateway's own channel",
  details:
    "Undoes `config adopt`: sets channels.sms.enabled as it was, and puts everybody who was let in\n" +
    "since into allowFrom, with a backup beside the Gateway's file. The Gateway's list of pairings is\n" +
    "its own and stays as it is: who was turned out since is named. Stop the bridge then.",
  options: OPTIONS,
  examples: ["config return --dry-run", "config return --yes"],
  async run(context, parsed): Promise<ExitCode> {
    const path = notePath(context, parsed);
    const note = readNote(path);
    const [json, dryRun] = [parsed.flag("json"), parsed.flag("dry-run")];
    if (note === null) {
      if (json) printJson(context, { changed: false });
      else context.stdout("Nothing to give back: `config adopt` has not taken SMS over.\n");
      return 0;
    }
    const { gatewayPath } = note;
    const before = readText(gatewayPath) ?? "";
    const { allowed } = await withOperations(
      context,
      parsed,
      (operations) => operations.ask("listAllowed", {}),
    );
    const had = new Set(note.people.map(keyOf));
    const since = allowed.filter((one) => !had.has(keyOf(one)));
    const inside = new Set(allowed.map(keyOf));
    const turnedOut = note.people.filter((one) => !inside.has(keyOf(one)));
    const after = edited(gatewayPath, () => returned(before, note, since));
    if (!json) {
      context.stderr(`${gatewayPath}\n- channels.sms.enabled: false\n`);
      if (note.enabled !== null) {
        context.stderr(`+ channels.sms.enabled: ${note.enabled === true}\n`);
      }
      tellPeople(context, since, "+ allowFrom");
      tellPeople(context, turnedOut, "! turned out here, still paired at the Gateway:");
    }
    const told = {
      path: gatewayPath,
      people: since.map(({ account, phone }) => ({ account, phone })),
      turnedOut,
    };
    if (dryRun) {
      if (json) printJson(context, { ...told, dryRun, changed: false });
      else context.stdout("Nothing was changed.\n");
      return 0;
    }
    await agree(context, parsed, gatewayPath);
    const backup = await backUpFile(gatewayPath);
    await writeConfigFile(gatewayPath, after);
    await Deno.remove(path);
    if (json) printJson(context, { ...told, changed: true, backup });
    else {
      context.stdout(
        `Wrote ${gatewayPath}; the former one is ${backup}.\n` +
          "Stop the bridge now (`sms-bridge service stop`), and let the public URL lead to the " +
          "Gateway again.\n",
      );
    }
    return 0;
  },
};

/** The commands of the handover. */
export const HANDOVER_COMMANDS: readonly Command[] = [adoptCommand, giveBack];
