/**
 * Sending without a daemon: the command opens the store itself and delivers what it put into it.
 *
 * @module
 */
import { createDeliverer } from "../bridge/deliver.ts";
import { type Operations, operationsOn } from "../bridge/operations.ts";
import { sendText } from "../bridge/send.ts";
import { createContext } from "../bridge/service.ts";
import type { Settings } from "../config/settings.ts";
import { sleep } from "../system/clock.ts";
import { OFFLINE_SEND_TIMEOUT_MS } from "../system/limits.ts";
import { silentLog } from "../system/log.ts";
import type { Context } from "./context.ts";
import { twilioClients } from "./daemon.ts";
import { openStoreFor } from "./operations_client.ts";

/**
 * Runs `use` with operations that send by themselves. What was begun is waited for, for a while; what
 * does not end then goes on when the bridge runs.
 */
export async function sendOffline<T>(
  context: Context,
  settings: Settings,
  use: (operations: Operations, delivered: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const { clock, random } = context;
  const store = await openStoreFor(context, settings.bridge.stateDir);
  const stop = new AbortController();
  const inForce = () => settings;
  try {
    const twilio = twilioClients(inForce, { clock, random });
    const bridge = await createContext(
      { settings: inForce, store, clock, random, log: silentLog, twilio },
      stop.signal,
    );
    const deliverer = createDeliverer(bridge);
    const send = (request: Parameters<typeof sendText>[2]) =>
      sendText(bridge, deliverer.wake, request);
    const delivered = async () => {
      const enough = new AbortController();
      const signal = AbortSignal.any([context.signal, enough.signal]);
      await Promise.race([deliverer.idle(), sleep(clock, OFFLINE_SEND_TIMEOUT_MS, signal)]);
      enough.abort();
    };
    return await use(operationsOn({ store, clock, random, send }), delivered);
  } finally {
    stop.abort();
    store.close();
  }
}
