/**
 * `backup`: a copy of the store while the bridge runs.
 *
 * @module
 */
import { COPIED_KEY } from "../../store/keys.ts";
import { STORE_FILE, storeOver } from "../../store/kv.ts";
import { copyStore, sumRows } from "../../store/shared/copy.ts";
import { openPlace } from "../../store/shared/open_place.ts";
import { isShared, type StorePlace } from "../../store/shared/place.ts";
import { snapshot } from "../../store/snapshot.ts";
import { failure } from "../../system/failure.ts";
import { dirname, resolve } from "../../system/path.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import { loadFor } from "../settings_source.ts";
import { type Context, interrupted } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";
import { plural } from "../../text/amounts.ts";
import { writePrivate } from "../private_file.ts";
import { isThere, stateDirectory } from "../operations_client.ts";
import { mendingHint, writingTrouble } from "../state_trouble.ts";
import { fillStoreFile, settle, withStores } from "../store_copy.ts";
import { storePlace, unusable } from "../store_operations.ts";

/** Copies the store's file; what keeps it from being read is told as by other commands. */
async function read(place: StorePlace, source: string, path: string): Promise<number> {
  try {
    return snapshot(source, path);
  } catch (error) {
    const folder = dirname(resolve(path));
    const trouble = await writingTrouble(folder);
    if (trouble === null) throw await unusable(error, place);
    const why = `Cannot write the copy: ${trouble.why}`;
    throw failure("failed", "file-unwritable", why, mendingHint(trouble));
  }
}

/** Lets a bridge that starts from the file know that others may have answered since. */
async function markAsCopy(context: Context, path: string): Promise<void> {
  const { clock, random } = context;
  const copy = storeOver(await Deno.openKv(path), { clock, random }, path);
  try {
    await copy.commit({ set: [{ key: COPIED_KEY, value: true }] });
    settle(copy);
  } finally {
    copy.close();
  }
}

async function tell(
  context: Context,
  parsed: Parsed,
  file: string,
  rows: number,
): Promise<ExitCode> {
  const { size: bytes } = await Deno.stat(file);
  if (parsed.flag("json")) printJson(context, { file, bytes, rows });
  else context.stdout(`${plural(rows, "row")} (${Math.ceil(bytes / 1024)} KiB) in ${file}.\n`);
  return 0;
}

/** Copies a store that bridges share, row by row, into a file that a bridge can start from. */
async function backupShared(
  context: Context,
  parsed: Parsed,
  place: StorePlace,
  file: string,
): Promise<ExitCode> {
  const rows = await withStores("check the engine, its token, the file", async () => {
    const source = await openPlace(place, { clock: context.clock, random: context.random });
    try {
      return await fillStoreFile(context, file, async (copy) => {
        const counts = await copyStore(source, copy, () => {
          if (context.signal.aborted) throw interrupted("no copy was made");
        });
        await copy.commit({ set: [{ key: COPIED_KEY, value: true }] });
        return sumRows(counts);
      });
    } finally {
      source.close();
    }
  });
  return await tell(context, parsed, file, rows);
}

/** The command `backup`. */
export const backupCommand: Command = {
  path: ["backup"],
  group: "Messages",
  summary: "copy the store to a file, also while the bridge runs",
  details:
    "The copy is the store at one moment, wherever it is, with pairings, queues and history, in mode 0600.\n" +
    "To go back to it: stop the bridge, put the file into the state directory as bridge.kv in\n" +
    "place of bridge.kv, bridge.kv-wal and bridge.kv-shm, and start the bridge. What was\n" +
    "answered after the backup is not known to it, so catch-up reaches back to that start only.",
  arguments: [{ name: "FILE", meaning: "a new file" }],
  options: [CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION],
  examples: ["backup bridge-backup.kv"],
  async run(context, parsed): Promise<ExitCode> {
    const file = parsed.argument("FILE")!;
    const place = storePlace(
      stateDirectory(context, parsed),
      parsed,
      await loadFor(context, parsed),
    );
    if (isShared(place)) return await backupShared(context, parsed, place, file);
    const source = `${place.stateDir}/${STORE_FILE}`;
    if (!isThere(source)) {
      throw failure(
        "not-found",
        "store-absent",
        `There is no store at ${source}`,
        "name the bridge's state directory with `--state-dir`",
      );
    }
    let rows = 0;
    await withStores("check both files and the disk", () =>
      writePrivate(file, async (path) => {
        rows = await read(place, source, path);
        await markAsCopy(context, path);
      }));
    return await tell(context, parsed, file, rows);
  },
};
