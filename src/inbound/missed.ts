/**
 * Texts that were refused: Twilio does not send them again, so the next catch-up has to look for them.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import { MISSED_KEY } from "../store/keys.ts";
import { StoreError } from "../store/kv.ts";
import { sleep } from "../system/clock.ts";
import { CATCH_UP_RETRY_MS } from "../system/limits.ts";

/** Notes that a text is refused now, for {@linkcode startCatchUp}. */
export type NoteMissed = () => Promise<void>;

/** Makes the note, which waits for the disk where that refuses it. */
export function createMissedNote({ store, clock, stopping }: BridgeContext): NoteMissed {
  let noting: Promise<void> | null = null;
  async function note(atMs: number): Promise<void> {
    while (!stopping.aborted) {
      try {
        if (await store.get(MISSED_KEY) !== null) return;
        await store.commit({ set: [{ key: MISSED_KEY, value: atMs }] });
        return;
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        await sleep(clock, CATCH_UP_RETRY_MS, stopping);
      }
    }
  }
  return () => noting ??= note(clock.now()).finally(() => noting = null);
}
