/**
 * Opens a store on another machine, which several bridges share.
 *
 * @module
 */
import { encodeHex } from "@std/encoding/hex";
import { bringUpToDate, olderSchema, SchemaError, StoreError, type StoreOptions } from "../kv.ts";
import { type Failure, failure } from "../../system/failure.ts";
import { MOVING_KEY } from "./rows.ts";
import { connectTo } from "../connect/connect.ts";
import { bringSharedUp } from "./bring_up.ts";
import { type SharedStore, sharedStore } from "./shared_store.ts";

/** A store that is shared, and by whom. */
export interface OpenShared {
  readonly store: SharedStore;
  /** Of this run of this program. */
  readonly run: string;
}

function movedInPart(): Failure {
  return failure(
    "conflict",
    "store-moved-in-part",
    "Cannot use this store as it was moved here only in part",
    "run `sms-bridge store move` again, with the settings that name the old store",
  );
}

/**
 * Opens the store on another machine. Only a bridge brings one of an older version to its own form: a
 * command shares it for a moment with bridges that may be of that version.
 *
 * @throws {StoreError} When it cannot be reached.
 * @throws {Failure} When it was moved there in part, unless it is to be filled.
 * @throws {SchemaError} When a newer version of the program wrote it, or, for a command, an older one.
 */
export async function openShared(
  { store: url, storeToken: token }: {
    readonly store: string;
    readonly storeToken?: string | undefined;
  },
  options: StoreOptions,
  who: "bridge" | "command" | "mover",
): Promise<OpenShared> {
  if (token === undefined) {
    throw new StoreError(
      "Cannot use the store: bridge.storeToken is missing, which bridge.store needs",
      { hint: "`sms-bridge config set bridge.storeToken TOKEN`" },
    );
  }
  const { clock, random } = options;
  const run = encodeHex(random.bytes(12));
  const store = sharedStore(connectTo({ url, token, clock }), { clock, random, run });
  try {
    if (who !== "mover" && await store.get(MOVING_KEY) !== null) throw movedInPart();
    if (await olderSchema(store) === null) await bringUpToDate(store);
    else if (who === "bridge") {
      await bringSharedUp({ store, clock, steadyMs: () => performance.now(), run });
    } else {
      throw new SchemaError(
        "Cannot use the store as it has the form of an older version, whose bridges may run on it",
        "older",
      );
    }
    await store.keepSchema();
  } catch (error) {
    store.close();
    throw error;
  }
  return { store, run };
}
