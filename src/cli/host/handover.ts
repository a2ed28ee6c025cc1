/**
 * `config adopt`: taking SMS over from the Gateway's own channel, with everybody who was let in.
 *
 * @module
 */
import { funnelCommand } from "../../checks/public_route.ts";
import { backUpFile, readText, writeConfigFile } from "../../config/files.ts";
import { setValue } from "../../config/json5/edit.ts";
import type { Loaded } from "../../config/load.ts";
import type { AccountSettings, Settings } from "../../config/settings.ts";
import { type AccountChoice, accountNamed } from "../../config/sms_accounts.ts";
import type { Operations } from "../../operations/operations.ts";
import { Failure } from "../../system/failure.ts";
import { CATCH_UP_OVERLAP_MS } from "../../system/limits.ts";
import { plural } from "../../text/amounts.ts";
import type { Command, ExitCode, Parsed } from "../command.ts";
import { isThere, stateDirectory, withOperations } from "../operations_client.ts";
import { edited, loadFor } from "../settings_source.ts";
import type { Context } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";
import { returnCommand } from "./give_back.ts";
import {
  agree,
  asJson,
  ENABLED_PATH,
  HANDOVER_OPTIONS,
  keyOf,
  type Note,
  notePath,
  readNote,
  takeSteps,
  tellPeople,
  tellSteps,
  valueIn,
} from "./handover_note.ts";
import { joinWays, waysHere, type WayStep } from "./handover_route.ts";
import { type PluginPerson, readPluginPairings, readPluginTexts } from "./plugin_pairings.ts";
import { untilPlugin } from "./plugin_route.ts";
import { dirname } from "../../system/path.ts";

/** They were let in before: what they write meanwhile is for the agent. */
async function letIn(
  operations: Operations,
  people: readonly PluginPerson[],
  sinceMs: number,
): Promise<void> {
  for (const { account, phone: number } of people) {
    const done = await operations.ask("allow", { number, account, owner: false, sinceMs });
    if (done instanceof Failure) throw done;
  }
}

/** Those of the plugin's people who are new here, by the names that accounts have in the configuration. */
async function newcomers(
  context: Context,
  parsed: Parsed,
  { accountChoice, dotenvPath }: Loaded,
  note: Note | null,
): Promise<readonly PluginPerson[]> {
  const known = new Set(note?.people.map(keyOf));
  const people = readPluginPairings(dirname(dotenvPath), accountChoice.ids)
    .map((one) => ({ ...one, account: accountNamed(accountChoice, one.account) ?? one.account }))
    .filter((one) => accountChoice.ids.includes(one.account) && !known.has(keyOf(one)));
  if (people.length === 0 || !isThere(stateDirectory(context, parsed))) return people;
  const { allowed } = await withOperations(
    context,
    parsed,
    (operations) => operations.ask("listAllowed", {}),
  );
  const inside = new Set(allowed.map(keyOf));
  return people.filter((one) => !inside.has(keyOf(one)));
}

/**
 * Waits until the Gateway's channel is off, then begins with the texts that it has not taken in: the last
 * ones are either its own or ours.
 */
async function beginWithRest(
  context: Context,
  parsed: Parsed,
  { settings, gatewayDir, choice }: Pick<Plan, "settings" | "gatewayDir" | "choice">,
  sinceMs: number,
): Promise<void> {
  const served = settings === null ? "unknown" : await untilPlugin(context, settings, "off");
  if (served === "on") {
    context.stderr(
      "warning: the Gateway still takes texts: restart it (`openclaw gateway restart`)\n",
    );
  }
  const off = served === "off" || served === "no-gateway";
  const taken = off ? readPluginTexts(gatewayDir, sinceMs - CATCH_UP_OVERLAP_MS) : null;
  await withOperations(context, parsed, async (operations) => {
    for (const { id, accountSid } of settings?.accounts ?? []) {
      const messageSids = (taken ?? [])
        .filter(({ account }) => (accountNamed(choice, account) ?? account) === id)
        .map(({ messageSid }) => messageSid);
      if (messageSids.length > 0) await operations.ask("noteTaken", { accountSid, messageSids });
    }
    return await operations.ask("beginAnew", taken === null ? {} : { sinceMs });
  });
  const waiting = taken?.filter(({ ended }) => !ended).length ?? 0;
  if (waiting > 0) {
    const texts = plural(waiting, "text");
    context.stderr(
      `warning: the Gateway has not ended ${texts}; what it has not begun it answers after \`config return\`\n`,
    );
  }
}

/** What leads the public path here where that is no path of Funnel's on this machine. */
function tellByHand(context: Context, accounts: readonly AccountSettings[], settings: Settings) {
  if (accounts.length === 0) return;
  context.stderr("The public URL must lead to the bridge now. With Tailscale Funnel:\n");
  for (const account of accounts) {
    context.stderr(`  ${funnelCommand(account, settings.bridge.listen)}\n`);
  }
}

/** What `config adopt` would change. */
interface Plan {
  readonly gatewayPath: string;
  /** Whether the Gateway serves SMS. */
  readonly rival: boolean;
  readonly note: Note | null;
  readonly people: readonly PluginPerson[];
  readonly steps: readonly WayStep[];
  readonly byHand: readonly AccountSettings[];
  readonly settings: Settings | null;
  readonly choice: AccountChoice;
  readonly gatewayDir: string;
}

async function planAdoption(context: Context, parsed: Parsed): Promise<Plan> {
  const loaded = await loadFor(context, parsed);
  const { settings } = await loadFor(context, parsed, { rivalAllowed: true });
  const { gatewayPath, problems, accountChoice: choice } = loaded;
  const rival = problems.some(({ problem }) => problem.startsWith("is enabled in"));
  const note = readNote(notePath(context, parsed));
  const concerned = rival || note !== null;
  const people = concerned ? await newcomers(context, parsed, loaded, note) : [];
  const ways = concerned && settings !== null
    ? await waysHere(context, parsed, settings)
    : { steps: [], byHand: [] };
  const gatewayDir = dirname(loaded.dotenvPath);
  return { gatewayPath, rival, note, people, ...ways, settings, choice, gatewayDir };
}

/** Does what was planned; Funnel's path first, so that from then on the Gateway answers nothing new. */
async function carryOutAdoption(context: Context, parsed: Parsed, plan: Plan) {
  const { gatewayPath: path, rival, note, people, steps } = plan;
  const before = readText(path) ?? "";
  const noted: Note = {
    gatewayPath: path,
    enabled: rival ? valueIn(before, ENABLED_PATH) ?? null : note?.enabled ?? null,
    people: note?.people ?? [],
    ways: joinWays(note?.ways ?? [], steps.map(({ former }) => former)),
  };
  const write = (one: Note) =>
    writeConfigFile(notePath(context, parsed), `${JSON.stringify(one)}\n`);
  // Noted before it is done: what breaks off midway can be undone as well.
  await write(noted);
  const sinceMs = context.clock.now() - CATCH_UP_OVERLAP_MS;
  if (people.length > 0) {
    await withOperations(context, parsed, (operations) => letIn(operations, people, sinceMs));
    await write({ ...noted, people: [...noted.people, ...people] });
  }
  const moved = await takeSteps(context, steps.filter(({ former }) => former.twilio === undefined));
  const backup = rival ? await backUpFile(path) : null;
  if (rival) {
    await writeConfigFile(path, edited(path, () => setValue(before, ENABLED_PATH, false)));
    await beginWithRest(context, parsed, plan, sinceMs);
  }
  const called = await takeSteps(context, steps.filter(({ former }) => former.twilio));
  return { backup, well: moved && called };
}

/** Takes SMS over; whether anything was changed. @throws {Failure} */
export async function takeOver(context: Context, parsed: Parsed): Promise<boolean> {
  const [json, dryRun] = [parsed.flag("json"), parsed.flag("dry-run")];
  const quiet = json ? { ...context, stdout: () => {}, stderr: () => {} } : context;
  const plan = await planAdoption(quiet, parsed);
  const { gatewayPath: path, rival, people, steps } = plan;
  if (!rival && people.length === 0 && steps.length === 0) {
    const text = `Nothing to hand over: ${path} does not enable channels.sms.\n`;
    if (json) printJson(context, { path, changed: false });
    else context.stdout(text);
    return false;
  }
  const enabled = valueIn(readText(path) ?? "", ENABLED_PATH);
  if (rival) {
    quiet.stderr(`${path}\n`);
    if (enabled !== undefined) quiet.stderr(`- channels.sms.enabled: ${enabled}\n`);
    quiet.stderr("+ channels.sms.enabled: false\n");
  }
  const stateDir = stateDirectory(context, parsed);
  if (!isThere(stateDir)) quiet.stderr(`+ ${stateDir} (new: the bridge's state directory)\n`);
  tellPeople(quiet, people, "+ let in");
  tellSteps(quiet, steps);
  const shown = people.map(({ account, phone }) => ({ account, phone }));
  const told = { path, people: shown, ways: asJson(steps) };
  if (dryRun) {
    if (json) printJson(context, { ...told, dryRun, changed: false });
    else context.stdout("Nothing was changed.\n");
    return false;
  }
  await agree(context, parsed, path);
  const { backup, well } = await carryOutAdoption(quiet, parsed, plan);
  if (json) {
    printJson(context, { ...told, changed: true, complete: well, backup });
    return true;
  }
  if (backup !== null) context.stdout(`Wrote ${path}; the former one is ${backup}.\n`);
  if (people.length > 0) {
    context.stdout(`${plural(people.length, "person", "people")} let in as before.\n`);
  }
  if (plan.settings !== null) tellByHand(context, plan.byHand, plan.settings);
  context.stderr(
    'New scheduled jobs that text take delivery { mode: "announce", channel: "last", to: "+1…" }:\n' +
      '  the Gateway refuses channel "sms" while it leaves SMS to the bridge.\n',
  );
  return true;
}

/** `config adopt`. */
function adoptCommand(doctor: Command): Command {
  return {
    path: ["config", "adopt"],
    group: "Set up",
    summary: "hand SMS over from the Gateway to the bridge",
    details:
      "Sets channels.sms.enabled to false in the Gateway's file, with a backup beside it, lets\n" +
      "everybody in who was paired there, and leads Funnel's path and Twilio's URL to the bridge where\n" +
      "they go elsewhere. Then doctor has a look. The bridge goes on reading the same channels.sms.\n" +
      "`config return` gives it all back.",
    options: HANDOVER_OPTIONS,
    examples: ["config adopt --dry-run", "config adopt", "config adopt --yes"],
    async run(context, parsed): Promise<ExitCode> {
      const changed = await takeOver(context, parsed);
      if (changed && !parsed.flag("json")) await doctor.run(context, parsed);
      return 0;
    },
  };
}

/** The commands of the handover; `doctor` has a look after it. */
export function handoverCommands(doctor: Command): readonly Command[] {
  return [adoptCommand(doctor), returnCommand];
}
