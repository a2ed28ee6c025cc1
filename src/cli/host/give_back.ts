/**
 * `config return`: giving SMS back to the Gateway's own channel.
 *
 * @module
 */
import { backUpFile, readText, writeConfigFile } from "../../config/files.ts";
import { removeValue, setValue } from "../../config/json5/edit.ts";
import { Failure, failure } from "../../system/failure.ts";
import type { Settings } from "../../config/settings.ts";
import { sleep } from "../../system/clock.ts";
import { plural } from "../../text/amounts.ts";
import type { Command, ExitCode, Parsed } from "../command.ts";
import {
  isThere,
  runningOperations,
  stateDirectory,
  withOperations,
} from "../operations_client.ts";
import { edited, loadFor } from "../settings_source.ts";
import type { Context } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";
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
import { untilPlugin } from "./plugin_route.ts";
import { waysBack, type WayStep } from "./handover_route.ts";
import type { PluginPerson } from "./plugin_pairings.ts";
import { runAll } from "./run_program.ts";
import { isSystemUnit, serviceFile } from "./service_file.ts";

/** The Gateway's file with SMS on again, and with everybody in allowFrom who was let in since. */
function returned(
  before: string,
  note: Note,
  since: readonly PluginPerson[],
): string {
  let text = note.enabled === null
    ? removeValue(before, ENABLED_PATH)
    : setValue(before, ENABLED_PATH, note.enabled === true);
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

/** Stops the bridge where it is a service; where it runs otherwise, says so. */
async function stopBridge(context: Context, parsed: Parsed): Promise<void> {
  const running = await runningOperations(context, stateDirectory(context, parsed));
  if (running === null) return;
  const file = serviceFile(context, parsed, isSystemUnit(context, parsed));
  try {
    if (!isThere(file.path)) throw failure("failed", "service-absent", "It is no service", "");
    await runAll(context, [file.stop]);
    context.stderr("The bridge was stopped.\n");
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === "interrupted") throw error;
    context.stderr("Stop the bridge now: `sms-bridge service stop`, or Ctrl-C where it runs.\n");
  }
}

/** How long what the bridge has begun may take: longer than most turns. */
const ANSWERED_LOOKS = 120;
const ANSWERED_LOOK_MS = 1_000;

/** Waits until what came to the bridge is answered, where one runs; nobody else answers it. */
async function untilAnswered(context: Context, parsed: Parsed): Promise<void> {
  const running = await runningOperations(context, stateDirectory(context, parsed));
  if (running === null || running instanceof Failure) return;
  const left = async () => {
    const status = await running.ask("status", {});
    const accounts = status instanceof Failure ? [] : status.accounts;
    return accounts.reduce((sum, { inbox, outbox }) => sum + inbox.count + outbox.count, 0);
  };
  for (let look = 0; look < ANSWERED_LOOKS && !context.signal.aborted; look++) {
    if (await left() === 0) return;
    if (look === 0) context.stderr("Waiting until what came to the bridge is answered…\n");
    await sleep(context.clock, ANSWERED_LOOK_MS, context.signal);
  }
  context.stderr(
    `warning: ${
      plural(await left(), "text")
    } of the bridge's queues will not go on: see \`sms-bridge queue list\`\n`,
  );
}

/** What `config return` would change. */
interface ReturnPlan {
  readonly after: string;
  /** Let in since: into allowFrom. */
  readonly since: readonly PluginPerson[];
  /** Turned out since, whom the Gateway would let in again. */
  readonly turnedOut: readonly PluginPerson[];
  readonly steps: readonly WayStep[];
  readonly settings: Settings | null;
}

async function planReturn(context: Context, parsed: Parsed, note: Note): Promise<ReturnPlan> {
  const { allowed } = await withOperations(
    context,
    parsed,
    (operations) => operations.ask("listAllowed", {}),
  );
  const had = new Set(note.people.map(keyOf));
  const inside = new Set(allowed.map(keyOf));
  const since = allowed.filter((one) => !had.has(keyOf(one)));
  const { settings } = await loadFor(context, parsed, { rivalAllowed: true });
  const before = readText(note.gatewayPath);
  if (before === null) {
    throw failure(
      "not-found",
      "gateway-file-absent",
      `Cannot give SMS back: ${note.gatewayPath}, from which it was taken over, is not there`,
      "put the file back, then run this again",
    );
  }
  return {
    after: edited(note.gatewayPath, () => returned(before, note, since)),
    since,
    settings,
    turnedOut: note.people.filter((one) => !inside.has(keyOf(one))),
    steps: settings === null ? [] : await waysBack(context, parsed, settings, note.ways ?? []),
  };
}

/** `config return`. */
export const returnCommand: Command = {
  path: ["config", "return"],
  group: "Set up",
  summary: "give SMS back to the Gateway's own channel",
  details:
    "Undoes `config adopt`: sets channels.sms.enabled as it was, puts everybody who was let in since\n" +
    "into allowFrom, with a backup beside the Gateway's file, leads Funnel's path and Twilio's URL to\n" +
    "where they went, and stops the bridge. The Gateway's list of pairings is its own and stays as it\n" +
    "is: who was turned out since is named.",
  options: HANDOVER_OPTIONS,
  examples: ["config return --dry-run", "config return --yes"],
  async run(context, parsed): Promise<ExitCode> {
    const path = notePath(context, parsed);
    const note = readNote(path);
    const [json, dryRun] = [parsed.flag("json"), parsed.flag("dry-run")];
    const quiet = json ? { ...context, stdout: () => {}, stderr: () => {} } : context;
    if (note === null) {
      if (json) printJson(context, { changed: false });
      else context.stdout("Nothing to give back: `config adopt` has not taken SMS over.\n");
      return 0;
    }
    const { gatewayPath } = note;
    const { after, since, turnedOut, steps, settings } = await planReturn(quiet, parsed, note);
    quiet.stderr(`${gatewayPath}\n- channels.sms.enabled: false\n`);
    if (note.enabled !== null) quiet.stderr(`+ channels.sms.enabled: ${note.enabled === true}\n`);
    tellPeople(quiet, since, "+ allowFrom");
    tellPeople(quiet, turnedOut, "! turned out here, still paired at the Gateway:");
    tellSteps(quiet, steps);
    const people = since.map(({ account, phone }) => ({ account, phone }));
    const told = { path: gatewayPath, people, turnedOut, ways: asJson(steps) };
    if (dryRun) {
      if (json) printJson(context, { ...told, dryRun, changed: false });
      else context.stdout("Nothing was changed.\n");
      return 0;
    }
    await agree(context, parsed, gatewayPath);
    const backup = await backUpFile(gatewayPath);
    await writeConfigFile(gatewayPath, after);
    // Nobody calls twice for what comes before it is there.
    if (steps.length > 0 && settings !== null && note.enabled !== false) {
      await untilPlugin(quiet, settings, "on");
    }
    const complete = await takeSteps(quiet, steps);
    await untilAnswered(quiet, parsed);
    await stopBridge(quiet, parsed);
    await Deno.remove(path);
    if (json) printJson(context, { ...told, changed: true, complete, backup });
    else {
      context.stdout(`Wrote ${gatewayPath}; the former one is ${backup}.\n`);
      if (!steps.some(({ former }) => former.funnel !== undefined)) {
        context.stdout("Let the public URL lead to the Gateway again, where that is not so yet.\n");
      }
    }
    return 0;
  },
};
