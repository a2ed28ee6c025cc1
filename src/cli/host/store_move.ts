/**
 * `store move`: carries the store over into an engine that bridges share, or back into a file.
 *
 * @module
 */
import { type Store, StoreError } from "../../store/kv.ts";
import { clearStore, copyStore, countRows, type Counts, sumRows } from "../../store/shared/copy.ts";
import { openShared } from "../../store/shared/open.ts";
import { openPlace } from "../../store/shared/open_place.ts";
import { isShared, type StorePlace } from "../../store/shared/place.ts";
import { LEASE_KEY, MOVING_KEY } from "../../store/shared/rows.ts";
import { sleep } from "../../system/clock.ts";
import { Failure, failure } from "../../system/failure.ts";
import { LEASE_MS, SHARED_LOOK_MS } from "../../system/limits.ts";
import { plural } from "../../text/amounts.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  STATE_DIR_OPTION,
} from "../command.ts";
import { hasStore, runningOperations, stateDirectory } from "../operations_client.ts";
import { effectiveSettings } from "../settings_source.ts";
import { fillStoreFile, withStores } from "../store_copy.ts";
import { type Context, interrupted } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";

const LOOPBACK = /^(127(\.\d+){3}|localhost|\[::1\])$/;

/** Where the store shall go: an engine's URL, or null for a file. @throws {Failure} */
function targetUrl(to: string): string | null {
  if (!/^https?:/i.test(to)) return null;
  const url = URL.canParse(to) ? new URL(to) : null;
  if (url !== null && (url.username !== "" || url.password !== "" || /[?#]/.test(to))) {
    throw failure(
      "usage",
      "url-invalid",
      `Cannot move the store to ${url.host} with more in the URL than where it is`,
      "leave user, password, ?… and #… out; the token is bridge.storeToken (SMS_BRIDGE_STORE_TOKEN)",
    );
  }
  if (url?.protocol === "https:" || LOOPBACK.test(url?.hostname ?? "")) return to;
  throw failure(
    "usage",
    "url-invalid",
    `Cannot move the store to ${to} as its token would go over the network in the clear`,
    "give an https URL; plain http is for this machine alone",
  );
}

/** Whether a bridge answers from a shared store: it renews its lease. */
async function isAnswered({ clock, signal, stderr }: Context, store: Store): Promise<boolean> {
  const before = await store.get(LEASE_KEY);
  if (before === null || before.value.holder === null) return false;
  stderr("Looking whether a bridge answers from this store…\n");
  for (const beganAtMs = clock.now(); clock.now() - beganAtMs < LEASE_MS;) {
    await sleep(clock, SHARED_LOOK_MS, signal);
    if (signal.aborted) throw interrupted("nothing was moved");
    if ((await store.get(LEASE_KEY))?.versionstamp !== before.versionstamp) return true;
  }
  return false;
}

/** Nobody may write into what is copied. @throws {Failure} */
async function refuseRunning(context: Context, place: StorePlace, store: Store): Promise<void> {
  const running = await runningOperations(context, place.stateDir);
  if (running instanceof Failure) throw running;
  if (running === null && !(isShared(place) && await isAnswered(context, store))) return;
  throw failure(
    "conflict",
    "bridge-running",
    "Cannot move the store while a bridge runs on it",
    "stop every bridge that uses it, then move it",
  );
}

async function moveInto(context: Context, source: Store, target: Store): Promise<Counts> {
  if (await isAnswered(context, target)) {
    throw failure(
      "conflict",
      "bridge-running",
      "Cannot move the store there as a bridge runs on it already",
      "stop that bridge, empty its engine (a new --sqlite-path for denokv), then move the store",
    );
  }
  const begun = await target.get(MOVING_KEY) !== null;
  if (begun) await clearStore(target);
  else if (Object.keys(await countRows(target)).length > 0) {
    throw failure(
      "conflict",
      "store-not-empty",
      "Cannot move the store there as another one is in that place",
      "name an empty engine (denokv with a new --sqlite-path), or a new file",
    );
  }
  await target.commit({ set: [{ key: MOVING_KEY, value: 1 }] });
  const before = await countRows(source);
  const counts = await copyStore(source, target, () => {
    if (context.signal.aborted) throw interrupted("not all was moved; run it again");
  });
  const after = await countRows(source);
  if (JSON.stringify(before) !== JSON.stringify(after)) {
    throw new StoreError(
      "Cannot move the store as it changed meanwhile: is a bridge running on it?",
    );
  }
  await target.commit({ delete: [MOVING_KEY] });
  return counts;
}

async function move(
  context: Context,
  place: StorePlace,
  source: Store,
  to: string,
): Promise<Counts> {
  const options = { clock: context.clock, random: context.random };
  const url = targetUrl(to);
  if (url === null) {
    return await fillStoreFile(context, to, (target) => moveInto(context, source, target));
  }
  const { store } = await openShared({ ...place, store: url }, options, "mover");
  try {
    return await moveInto(context, source, store);
  } finally {
    store.close();
  }
}

/** The command `store move`. */
export const storeMoveCommand: Command = {
  path: ["store", "move"],
  group: "Messages",
  summary: "carry the store over to an engine that bridges share, or to a file",
  details:
    "Everything goes over, counted on both sides; the store that it comes from stays as it is.\n" +
    "URL is a KV Connect engine such as denokv, whose token is bridge.storeToken\n" +
    "(SMS_BRIDGE_STORE_TOKEN). No bridge may run on either. If it breaks off, run it again: no bridge\n" +
    "starts on a store that has arrived in part. Set bridge.store afterwards, and do not\n" +
    "start a bridge on the old store again: it would answer once more what waits in both.",
  options: [
    { name: "to", kind: "string", value: "URL|FILE", meaning: "an engine, or a new file" },
    CONFIG_OPTION,
    STATE_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ["store move --to https://kv.example.net", "store move --to ./bridge.kv"],
  async run(context, parsed): Promise<ExitCode> {
    const { settings } = await effectiveSettings(context, parsed);
    const stateDir = stateDirectory(context, parsed);
    const place: StorePlace = { ...settings.bridge, stateDir };
    if (!isShared(place) && !hasStore(context, stateDir)) {
      throw failure(
        "not-found",
        "store-absent",
        `There is no store in ${stateDir}`,
        "nothing is to move",
      );
    }
    const to = parsed.text("to");
    if (to === undefined) {
      const hint = "name an engine or a new file with `--to`";
      throw failure(
        "usage",
        "option-missing",
        "Cannot move the store without a place for it",
        hint,
      );
    }
    const counts = await withStores("check both stores, and the token", async () => {
      const source = await openPlace(place, { clock: context.clock, random: context.random });
      try {
        await refuseRunning(context, place, source);
        return await move(context, place, source, to);
      } finally {
        source.close();
      }
    });
    const rows = sumRows(counts);
    if (parsed.flag("json")) printJson(context, { to, rows, counts });
    else {
      context.stdout(`${plural(rows, "row")} moved, counted there. The old store is as it was.\n`);
      for (const [kind, count] of Object.entries(counts)) context.stdout(`  ${kind} ${count}\n`);
    }
    return 0;
  },
};
