/**
 * `backup`: a copy of the store while the bridge runs.
 *
 * @module
 */
import { COPIED_KEY } from "../../store/keys.ts";
import { STORE_FILE, StoreError } from "../../store/kv.ts";
import { snapshot } from "../../store/snapshot.ts";
import { failure } from "../../system/failure.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  STATE_DIR_OPTION,
} from "../command.ts";
import { stateDirectory } from "../operations_client.ts";
import { printJson } from "../terminal/output.ts";
import { plural } from "../../text/amounts.ts";
import { writePrivate } from "../private_file.ts";

/** Lets a bridge that starts from the file know that others may have answered since. */
async function markAsCopy(path: string): Promise<void> {
  using copy = await Deno.openKv(path);
  await copy.set([...COPIED_KEY], true);
}

/** The command `backup`. */
export const backupCommand: Command = {
  path: ["backup"],
  group: "Messages",
  summary: "copy the store to a file, also while the bridge runs",
  details:
    "The copy is the store at one moment, with pairings, queues and history, in mode 0600.\n" +
    "To go back to it: stop the bridge, put the file into the state directory as bridge.kv in\n" +
    "place of bridge.kv, bridge.kv-wal and bridge.kv-shm, and start the bridge. What was\n" +
    "answered after the backup is not known to it, so catch-up reaches back to that start only.",
  arguments: [{ name: "FILE", meaning: "a new file" }],
  options: [CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION],
  examples: ["backup bridge-backup.kv"],
  async run(context, parsed): Promise<ExitCode> {
    const file = parsed.argument("FILE")!;
    const source = `${stateDirectory(context, parsed)}/${STORE_FILE}`;
    if (!await Deno.stat(source).then(() => true, () => false)) {
      throw failure(
        "not-found",
        "store-absent",
        `There is no store at ${source}`,
        "name the bridge's state directory with `--state-dir`",
      );
    }
    let rows = 0;
    try {
      await writePrivate(file, async (path) => {
        rows = snapshot(source, path);
        await markAsCopy(path);
      });
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      throw failure("failed", "store-unusable", error.message, "check both files and the disk");
    }
    const { size: bytes } = await Deno.stat(file);
    if (parsed.flag("json")) printJson(context, { file, bytes, rows });
    else context.stdout(`${plural(rows, "row")} (${Math.ceil(bytes / 1024)} KiB) in ${file}.\n`);
    return 0;
  },
};
