/**
 * Operations on the store itself, for commands that find no bridge running.
 *
 * @module
 */
import { operationsByName } from "./operations_by_name.ts";
import type { OperationName, Operations } from "../operations/operations.ts";
import { type Store, StoreError } from "../store/kv.ts";
import { openPlace } from "../store/shared/open_place.ts";
import { isShared, type StorePlace } from "../store/shared/place.ts";
import { COMMAND_NUMBER } from "../store/shared/rows.ts";
import type { Loaded } from "../config/load.ts";
import { errorText, Failure, failure } from "../system/failure.ts";
import type { Parsed } from "./command.ts";
import { loadFor } from "./settings_source.ts";
import { hintOf } from "./store_copy.ts";
import { mendingHint, stateTrouble } from "./state_trouble.ts";
import type { Context } from "./terminal/context.ts";

/** Operations that write into a store that need not be there yet; the others find nothing to change. */
const CREATES: ReadonlySet<OperationName> = new Set([
  "allow",
  "beginAnew",
  "noteTaken",
  "block",
  "namePerson",
  "importQueued",
]);
const MEMORY = ":memory:";

/** Opens the store, or tells why it cannot be. @throws {Failure} */
export async function openStoreFor(context: Context, place: StorePlace): Promise<Store> {
  const { clock, random } = context;
  try {
    const store = await openPlace(place, { clock, random });
    if (!isShared(place)) return store;
    const { ringing } = await import("../store/shared/bell.ts");
    return ringing(store, () => COMMAND_NUMBER);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw await unusable(error, place);
  }
}

/** Why a store cannot be used, and what mends it. */
export async function unusable(error: unknown, place: StorePlace): Promise<Failure> {
  if (isShared(place)) {
    return failure("failed", "store-unusable", errorText(error), hintOf(error));
  }
  const { stateDir } = place;
  const trouble = await stateTrouble(stateDir, error);
  const why = `Cannot use the store: ${trouble.why}`;
  return failure("failed", "store-unusable", why, mendingHint(trouble));
}

/** Where the store is. @throws {Failure} When that cannot be known, or how to get in there. */
export function storePlace(
  stateDir: string,
  parsed: Parsed,
  { settings, values, unread }: Pick<Loaded, "settings" | "values" | "unread">,
): StorePlace {
  if (settings !== null) return { ...settings.bridge, stateDir };
  const elsewhere = values.some(({ path, value }) => path === "bridge.store" && value);
  const guessed = unread && parsed.text("state-dir") === undefined;
  if (!elsewhere && !guessed) return { stateDir };
  const why = elsewhere
    ? "bridge.store names one elsewhere, and the settings are wrong"
    : "the settings cannot be read, and may name one elsewhere";
  const other = elsewhere ? "" : "; `--state-dir` names the folder of a store that is a file";
  throw failure(
    "configuration",
    "settings-invalid",
    `Cannot use the store: ${why}`,
    `see \`sms-bridge config check\`${other}`,
  );
}

/**
 * Runs `use` with operations on the store itself, where no bridge runs. Where there is none, one is made
 * only by an operation that writes.
 *
 * @throws {Failure} When the store cannot be used.
 */
export async function onStore<T>(
  context: Context,
  parsed: Parsed,
  { stateDir, there }: { readonly stateDir: string; readonly there: boolean },
  use: (operations: Operations) => Promise<T>,
): Promise<T> {
  const { clock, random } = context;
  const loaded = await loadFor(context, parsed);
  const { settings, accountChoice } = loaded;
  const place = storePlace(stateDir, parsed, loaded);
  // What only reads makes no store where there is none.
  let made = there || isShared(place);
  let store = await openStoreFor(context, made ? place : { stateDir: MEMORY });
  try {
    const probe = async () =>
      settings === null ? null : (await import("./probe_parts.ts")).probeParts(context, settings);
    const [inForce, accounts] = [() => settings, () => accountChoice];
    const on = (store: Store) =>
      operationsByName({ store, clock, random, settings: inForce, accounts, probe });
    return await use({
      async ask(name, input) {
        if (!made && CREATES.has(name)) {
          const opened = await openStoreFor(context, place);
          store.close();
          store = opened;
          made = true;
        }
        return await on(store).ask(name, input);
      },
    });
  } catch (error) {
    throw error instanceof StoreError ? await unusable(error, place) : error;
  } finally {
    store.close();
  }
}
