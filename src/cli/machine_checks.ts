/**
 * What doctor looks at on this machine: configuration, files, disk, clock, service unit.
 *
 * @module
 */
import { type Check, checkOf } from "../checks/check.ts";
import type { Loaded } from "../config/load.ts";
import { openStore, STORE_FILE } from "../store/kv.ts";
import { errorText, Failure } from "../system/failure.ts";
import { openShared } from "../store/shared/open.ts";
import { isShared, type StorePlace } from "../store/shared/place.ts";
import { connectionsWithin, descriptorLimit } from "../system/descriptors.ts";
import { freeBytes } from "../system/disk_space.ts";
import { runtimeDoubt } from "../system/runtime.ts";
import type { PublicRequest } from "../server/public_request.ts";
import type { Context } from "./terminal/context.ts";
import { hintOf } from "./store_copy.ts";
import { stateTrouble, writingTrouble } from "./state_trouble.ts";

/** Less than this is too little for a busy day's texts and the store's own work. */
const FREE_BYTES_LOW = 100 * 1024 * 1024;
/** Beyond this, times in the history and at Twilio do not match any more. */
const SKEW_MS_MAX = 30_000;
/** What the usual limit of 1,024 descriptors leaves. */
const CONNECTIONS_LOW = 768;

/**
 * The configuration: each problem and each warning as a check of its own.
 *
 * @param running A bridge runs: what this shell lacks, it has from elsewhere, such as its service's file.
 */
export function checkConfiguration(
  { problems, settings, untouched }: Loaded,
  running: boolean,
): Check[] {
  const check = checkOf("config", "Configuration");
  if (untouched && !running) {
    return [check.problem("nothing is set up yet", "answer its questions:", "sms-bridge setup")];
  }
  const found = [
    ...problems.map(({ name, problem, fix, where }) => {
      const detail = `${name} ${problem}${where === undefined ? "" : ` (${where})`}`;
      return running && problem.startsWith("is missing")
        ? check.warning(
          `${detail} in this shell; the bridge that runs has it from elsewhere`,
          "nothing, where the service has a file of variables; commands without the bridge lack it",
        )
        : check.problem(detail, fix);
    }),
    ...settings?.warnings.map((warning) =>
      check.warning(warning, "change it, unless you are sure; `sms-bridge config show` tells where")
    ) ?? [],
  ];
  if (found.length > 0) return found;
  return [check.ok("complete, and every value is a possible one")];
}

async function statOf(path: string): Promise<Deno.FileInfo | null> {
  return await Deno.stat(path).catch(() => null);
}

/** Whether only its owner can get at the state directory and what is in it. */
export async function checkPermissions(stateDir: string): Promise<Check> {
  const check = checkOf("state.permissions", "State directory");
  const folder = await statOf(stateDir);
  if (folder === null) return check.ok(`${stateDir} is not there yet; \`serve\` makes it`);
  if (!folder.isDirectory) {
    return check.problem(
      `${stateDir} is not a directory`,
      "name another one with --state-dir or SMS_BRIDGE_STATE_DIR",
    );
  }
  const uid = Deno.uid();
  if (uid !== null && folder.uid !== null && folder.uid !== uid && uid !== 0) {
    return check.problem(
      `${stateDir} belongs to another user`,
      "run the bridge as that user, or give it to this one",
      `sudo chown -R "$USER" ${stateDir}`,
    );
  }
  const open: string[] = ((folder.mode ?? 0) & 0o077) === 0 ? [] : [stateDir];
  const files = [STORE_FILE, `${STORE_FILE}-wal`, `${STORE_FILE}-shm`, "control.sock"];
  for (const name of files) {
    const file = await statOf(`${stateDir}/${name}`);
    if (file !== null && ((file.mode ?? 0) & 0o077) !== 0) open.push(`${stateDir}/${name}`);
  }
  return open.length === 0 ? check.ok(`${stateDir}, for its owner alone`) : check.problem(
    `others on this machine may get at ${open.join(", ")}, which holds numbers and texts`,
    "keep it to its owner",
    `chmod -R go= ${stateDir}`,
  );
}

/** Whether the store that bridges share can be used. */
async function checkShared(
  { clock, random }: Context,
  place: StorePlace & { readonly store: string },
): Promise<Check> {
  const check = checkOf("state.store", "Store");
  try {
    (await openShared(place, { clock, random }, "command")).store.close();
    return check.ok(`at ${new URL(place.store).host}, can be opened`);
  } catch (error) {
    return check.problem(errorText(error), hintOf(error));
  }
}

/** Whether the store can be opened; asked only when no daemon has it open. */
export async function checkStore(context: Context, place: StorePlace): Promise<Check> {
  const check = checkOf("state.store", "Store");
  const { clock, random } = context;
  const { stateDir } = place;
  if (isShared(place)) return await checkShared(context, place);
  if (await statOf(`${stateDir}/${STORE_FILE}`) === null) {
    const trouble = await writingTrouble(stateDir);
    return trouble === null
      ? check.ok("empty, as nothing ran yet")
      : check.problem(trouble.why, trouble.fix, trouble.command);
  }
  try {
    (await openStore(stateDir, { clock, random })).close();
    return check.ok("can be opened");
  } catch (error) {
    if (error instanceof Failure) return check.problem(error.message, error.hint);
    const { why, fix, command } = await stateTrouble(stateDir, error);
    return check.problem(why, fix, command);
  }
}

/** Whether there is room for what comes. */
export async function checkDisk(stateDir: string): Promise<Check> {
  const check = checkOf("state.disk", "Disk space");
  const folder = await statOf(stateDir) === null ? "." : stateDir;
  const bytes = await freeBytes(folder);
  if (bytes === null) return check.skipped("this system does not tell");
  const shown = `${(bytes / 2 ** 30).toFixed(1)} GiB free`;
  return bytes >= FREE_BYTES_LOW ? check.ok(shown) : check.problem(
    `${shown}: texts cannot be kept when it is full`,
    "make room",
    `df -h ${folder}`,
  );
}

/** Whether this machine's clock is that of the world, as told by Twilio's own answers. */
export async function checkClock(
  { clock }: Context,
  request: PublicRequest,
  twilioOrigin: string,
  timeoutMs: number,
): Promise<Check> {
  const check = checkOf("clock", "Clock");
  const answer = await request(`${twilioOrigin}/`, null, timeoutMs);
  const dateMs = answer.kind === "answer" ? Date.parse(answer.headers.get("date") ?? "") : NaN;
  if (Number.isNaN(dateMs)) return check.skipped("there is nothing to compare it with");
  const skewMs = clock.now() - dateMs;
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (Math.abs(skewMs) <= SKEW_MS_MAX) return check.ok("agrees with Twilio's");
  return check.problem(
    `${seconds} s ${
      skewMs > 0 ? "ahead" : "behind"
    }: missed texts and deliveries are looked for at ` +
      "the wrong time",
    "let the system keep the time",
    "sudo timedatectl set-ntp true",
  );
}

/** How many connections fit into the limit of descriptors that a program started here has. */
export async function checkDescriptors(): Promise<Check> {
  const check = checkOf("descriptors", "Descriptors");
  const limit = await descriptorLimit();
  if (limit === null) return check.skipped("this system does not tell");
  const connections = connectionsWithin(limit);
  const detail = `${limit} may be open: a bridge started here takes ${connections} connections`;
  return connections >= CONNECTIONS_LOW ? check.ok(detail) : check.warning(
    `${detail}, which a few clients that stall can fill for seconds`,
    "raise the limit: the unit of `sms-bridge service install` does, in a shell:",
    "ulimit -n 8192",
  );
}

/** Whether the runtime is one that strangers cannot wear out. */
export function checkRuntime(): Check {
  const check = checkOf("runtime", "Runtime");
  const doubt = runtimeDoubt();
  return doubt === null
    ? check.ok(`Deno ${Deno.version.deno}`)
    : check.warning(doubt, "update Deno, or take a newer release of sms-bridge", "deno upgrade");
}

/** Whether Deno's own telemetry tells others more than it should: its traces hold the URLs of requests. */
export function checkTelemetry({ env }: Context): Check[] {
  if (!/^(true|1)$/i.test(env("OTEL_DENO") ?? "")) return [];
  const check = checkOf("telemetry", "OpenTelemetry");
  return [
    env("OTEL_DENO_TRACING") === "false"
      ? check.ok("metrics only: there are no traces")
      : check.warning(
        "Deno's traces carry the Account SID and telephone numbers, in the URLs of requests",
        "turn the traces off and keep the metrics",
        "export OTEL_DENO_TRACING=false",
      ),
  ];
}
