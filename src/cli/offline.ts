/**
 * Sending without a daemon: the command opens the store itself and delivers what it put into it.
 *
 * @module
 */
import { createDeliverer } from "../outbound/deliver.ts";
import { type Operations, operationsOn } from "../operations/operations.ts";
import { pollMessage } from "../outbound/reports.ts";
import { sendText } from "../outbound/send.ts";
import { createContext } from "../daemon/service.ts";
import type { Settings } from "../config/settings.ts";
import { silentLog } from "../system/log.ts";
import type { Context } from "./terminal/context.ts";
import { twilioClients } from "../daemon/twilio_clients.ts";
import { openStoreFor } from "./store_operations.ts";
import { isShared } from "../store/shared/place.ts";
import { COMMAND_NUMBER } from "../store/shared/rows.ts";

/**
 * Runs `use` with operations that send by themselves. What has not ended when it resolves stays in the
 * outbox and goes on when the bridge runs.
 */
export async function sendOffline<T>(
  context: Context,
  settings: Settings,
  use: (operations: Operations) => Promise<T>,
): Promise<T> {
  const { clock, random } = context;
  const store = await openStoreFor(context, settings.bridge);
  const shared = isShared(settings.bridge);
  const stop = new AbortController();
  const inForce = () => settings;
  try {
    const twilio = twilioClients({ settings: inForce, clock, random });
    const bridge = await createContext(
      { settings: inForce, store, clock, random, log: silentLog, twilio },
      AbortSignal.any([stop.signal, context.signal]),
      () => [],
      shared ? () => COMMAND_NUMBER : undefined,
    );
    const deliverer = createDeliverer(bridge, {
      // What a command sends has its files elsewhere.
      urlsOf: (_account, mediaUrls) => Promise.resolve(mediaUrls),
    });
    try {
      return await use(operationsOn({
        store,
        clock,
        random,
        accounts: () => settings.accountChoice,
        // Where the store is shared, the bridge that answers sends, and nobody else.
        send: (request) => sendText(bridge, shared ? () => {} : deliverer.wake, request),
        refresh: (id) => pollMessage(bridge, id),
      }));
    } finally {
      stop.abort();
      // A request under way must come to its end on disk, or it would have to be looked up later.
      await deliverer.idle();
    }
  } finally {
    store.close();
  }
}
