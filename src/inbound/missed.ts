/**
 * Texts that were refused: Twilio does not send them again, so the next catch-up has to look for them.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import { MISSED_KEY } from "../store/keys.ts";
import { sleep } from "../system/clock.ts";
import { CATCH_UP_RETRY_MS } from "../system/limits.ts";

/** Notes that a text is refused now, for the next catch-up. */
export type NoteMissed = () => void;

/** Makes the note, which waits for the disk where that refuses it. */
export function createMissedNote({ store, clock, stopping }: BridgeContext): NoteMissed {
  let noting = false;
  async function note(atMs: number): Promise<void> {
    while (!stopping.aborted) {
      try {
        if (await store.get(MISSED_KEY) !== null) return;
        await store.commit({ set: [{ key: MISSED_KEY, value: atMs }] });
        return;
      } catch {
        // Whoever was refused does not wait for it.
        await sleep(clock, CATCH_UP_RETRY_MS, stopping);
      }
    }
  }
  return () => {
    if (noting) return;
    noting = true;
    note(clock.now()).finally(() => noting = false);
  };
}
