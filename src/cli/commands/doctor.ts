/**
 * `doctor`: looks at everything and says how to mend what is broken.
 *
 * @module
 */
import { allWell, type Check, checkOf } from "../../checks/check.ts";
import { probe } from "../../checks/probe.ts";
import type { Operations } from "../../operations/operations.ts";
import type { Status } from "../../operations/status.ts";
import type { ListenAddress } from "../../config/rows/kinds.ts";
import type { Loaded } from "../../config/load.ts";
import type { Settings } from "../../config/settings.ts";
import { forbiddenPlaces } from "../../daemon/confined.ts";
import { controlSocketPath } from "../../daemon/permissions.ts";
import { publicRequest } from "../../server/public_request.ts";
import { socketPathFailure } from "../../server/unix_socket.ts";
import { addressText } from "../../server/listen.ts";
import { errorText, Failure } from "../../system/failure.ts";
import { PROBE_TIMEOUT_MS } from "../../system/limits.ts";
import { twilioOrigin } from "../../twilio/request.ts";
import { renderChecks } from "../terminal/checks.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import type { Context } from "../terminal/context.ts";
import {
  checkClock,
  checkConfiguration,
  checkDescriptors,
  checkDisk,
  checkPermissions,
  checkRuntime,
  checkStore,
  checkTelemetry,
} from "../machine_checks.ts";
import { checkService } from "../host/check_service.ts";
import { runningOperations, stateDirectory } from "../operations_client.ts";
import { storePlace } from "../store_operations.ts";
import { paint, printJson } from "../terminal/output.ts";
import { probeParts } from "../probe_parts.ts";
import { startProgress } from "../terminal/progress.ts";
import { checkStateDir, loadFor } from "../settings_source.ts";

/** What each reason not to be ready asks of the operator. */
const READY_FIXES: Readonly<Record<Status["reasons"][number], string>> = {
  "not-running": "start it",
  "stopping": "nothing: it is about to end",
  "store-refuses": "check that the state directory is writable and the disk is not full",
  "store-away":
    "see that the engine at bridge.store runs, and that its disk is not full; all goes on with it by itself",
  "listener-deaf": "wait ten seconds; if it stays, restart the bridge and look at its log",
  "gateway-away": "start the Gateway; texts wait until then",
  "gateway-refuses": "mend what the check of the Gateway says; texts wait until then",
};

/** What keeps a bridge from listening where it should; null when nothing does. */
function listenTrouble(
  { listen, adminListen }: Settings["bridge"],
): [detail: string, fix: string, command?: string] | null {
  const tried = [
    { name: "SMS_BRIDGE_LISTEN", at: listen },
    ...(adminListen === null || "path" in adminListen
      ? []
      : [{ name: "SMS_BRIDGE_ADMIN_LISTEN", at: adminListen }]),
  ];
  for (const { name, at } of tried) {
    const address = addressText(at);
    try {
      Deno.listen(at).close();
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) {
        return [
          `it does not run, and cannot: another program has ${address}`,
          `stop the other one, such as a bridge with another state directory, or set ${name} to a ` +
          "free address; this shows who it is:",
          `ss -ltnp 'sport = :${at.port}'`,
        ];
      }
      const why = errorText(error).split(" (os error")[0];
      return [
        `it does not run, and cannot listen on ${address}: ${why}`,
        `set ${name} to an address of this machine`,
      ];
    }
  }
  return null;
}

/** Whether the bridge runs, and is ready. */
async function checkRunning(
  operations: Operations | Failure | null,
  settings: Settings | null,
): Promise<Check> {
  const check = checkOf("bridge", "Bridge");
  if (operations === null || operations instanceof Failure) {
    const unfit = settings === null
      ? null
      : socketPathFailure(controlSocketPath(settings.bridge.stateDir)) ?? forbiddenPlaces(settings);
    if (unfit !== null) return check.problem(`it does not run: ${unfit.message}`, unfit.hint);
  }
  if (operations instanceof Failure) return check.problem(operations.message, operations.hint);
  if (operations === null) {
    const trouble = settings === null ? null : listenTrouble(settings.bridge);
    if (trouble !== null) return check.problem(...trouble);
    return check.problem(
      "it does not run: texts are not answered",
      "start it; as a service: systemctl --user start sms-bridge",
      "sms-bridge serve",
    );
  }
  const status = await operations.ask("status", {});
  if (status instanceof Failure) return check.problem(status.message, status.hint);
  const [reason] = status.reasons;
  return reason === undefined
    ? check.ok(`runs, version ${status.version}, and takes texts at ${status.listen}`)
    : check.warning(
      `runs, but is not ready: ${status.reasons.join(", ")}`,
      READY_FIXES[reason] ?? "look into its log",
    );
}

/** Whether the bridge and Twilio take the same words for an opt-out, as far as texts have shown it. */
async function checkOptOutWords(operations: Operations | null): Promise<Check[]> {
  const status = await operations?.ask("status", {});
  if (status === undefined || status instanceof Failure) return [];
  return status.accounts.flatMap(({ id, optOutWords: { missing, untyped } }) => {
    const check = checkOf("opt-out.words", "Opt-out words", id);
    const fix =
      "set bridge.optOutKeywords to the words that Twilio has (Console, Messaging Service, " +
      "Opt-Out Management): twilio, minimal or a list";
    return [
      ...untyped === null ? [] : [check.warning(
        `"${untyped}" opted somebody out here, while Twilio took it for a text like any other`,
        `${fix}; \`sms-bridge pair opt-in <NUMBER>\` lifts what was remembered`,
        "sms-bridge pair opted-out",
      )],
      ...missing.length === 0 ? [] : [check.warning(
        `Twilio takes ${missing.map((word) => `"${word}"`).join(", ")} for an opt-out, and ` +
          "optOutKeywords does not have it",
        fix,
      )],
    ];
  });
}

/** Where the running bridge takes webhooks, which may be a port that the system chose. */
async function listening(operations: Operations | null): Promise<{ listen?: ListenAddress }> {
  const status = await operations?.ask("status", {});
  if (status === undefined || status instanceof Failure || status.listen === null) return {};
  const { hostname, port } = new URL(`http://${status.listen}`);
  return { listen: { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) } };
}

/**
 * What can be found with the settings as they stand now; with the daemon's own, when these are not right.
 */
async function checkOutside(
  context: Context,
  operations: Operations | null,
  settings: Settings | null,
): Promise<Check[]> {
  if (settings !== null) {
    return await probe({
      ...probeParts(context, settings, operations),
      ...await listening(operations),
    });
  }
  const probed = await operations?.ask("probe", {});
  if (probed !== undefined && !(probed instanceof Failure)) return [...probed.checks];
  const why = "not looked at before the configuration is right";
  return [
    checkOf("gateway.handshake", "Gateway").skipped(why),
    checkOf("twilio.credentials", "Twilio").skipped(why),
    checkOf("public.url", "Public URL").skipped(why),
  ];
}

async function checkStoreOf(context: Context, parsed: Parsed, loaded: Loaded): Promise<Check> {
  try {
    return await checkStore(context, storePlace(stateDirectory(context, parsed), parsed, loaded));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return checkOf("state.store", "Store").skipped("not looked at: the settings do not tell where");
  }
}

async function examine(context: Context, parsed: Parsed): Promise<Check[]> {
  const loaded = await loadFor(context, parsed);
  if (loaded.untouched) await checkStateDir(context, parsed);
  const { settings } = loaded;
  const stateDir = stateDirectory(context, parsed);
  const found = await runningOperations(context, stateDir);
  const running = found instanceof Failure ? null : found;
  const [first] = settings?.accounts ?? [];
  const origin = twilioOrigin("api", {
    baseUrl: settings?.bridge.twilioApiUrl,
    region: first?.region,
    edge: first?.edge,
  });
  const checks = await Promise.all([
    checkConfiguration(loaded, running !== null),
    checkRunning(found, settings),
    checkOptOutWords(running),
    checkPermissions(stateDir),
    running === null ? checkStoreOf(context, parsed, loaded) : [],
    checkDisk(stateDir),
    checkClock(context, publicRequest, origin, PROBE_TIMEOUT_MS),
    checkDescriptors(),
    checkRuntime(),
    checkService(context, parsed),
    checkTelemetry(context),
    checkOutside(context, running, settings),
  ]);
  return checks.flat();
}

/** A failure that kept doctor from looking further, as what it found. */
function asCheck(error: unknown): Check[] {
  if (!(error instanceof Failure) || error.kind === "interrupted") throw error;
  const fix = error.hint || "mend that, then run doctor again";
  return [checkOf(error.code, "Doctor").problem(error.message, fix)];
}

/** The command `doctor`. */
export const doctorCommand: Command = {
  path: ["doctor"],
  group: "Find out",
  summary: "check everything and say how to fix what is broken",
  details: "Looks at the configuration, files, disk, clock and service of this machine, at\n" +
    "the Gateway, at Twilio, and at the public URL. Changes nothing, sends no SMS.\n" +
    "Exits with 1 when it found a problem; warnings alone leave it at 0.",
  options: [CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION],
  examples: ["doctor", "doctor --json"],
  async run(context, parsed): Promise<ExitCode> {
    const progress = startProgress(context, "looking at everything");
    const checks = await examine(context, parsed).catch(asCheck).finally(() => progress.end());
    const ok = allWell(checks);
    if (parsed.flag("json")) printJson(context, { ok, checks });
    else {
      const { colour, columns } = context;
      context.stdout(renderChecks(checks, { paint: paint(colour), columns }));
    }
    return ok ? 0 : 1;
  },
};
