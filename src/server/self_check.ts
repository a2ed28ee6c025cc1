/**
 * A request of our own to our own listener, again and again: a listener that takes no connections any more
 * says nothing by itself.
 *
 * After `accept` has failed for want of descriptors, Deno 2.9.6 never takes a connection again, and there is
 * no error. Such a listener is opened anew; one that is merely slow is left alone.
 *
 * @module
 */
import { type Clock, sleep, within } from "../system/clock.ts";
import { SELF_CHECK_INTERVAL_MS, SELF_CHECK_TIMEOUT_MS } from "../system/limits.ts";
import type { Log } from "../system/log.ts";
import type { HttpListener } from "./http_listener.ts";
import type { Address } from "./listen.ts";

/** What the check works with. */
export interface SelfCheckOptions {
  readonly listener: Pick<HttpListener, "address" | "accepted" | "reopen">;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the listener answers a request; a request over a new connection when left out. */
  readonly ask?: (address: Address, clock: Clock) => Promise<boolean>;
}

/** A check that runs. */
export interface SelfCheck {
  /** For how long the listener has not answered; 0 when it did last time. */
  deafMs(): number;
  /** Ends it. */
  stop(): Promise<void>;
}

/** The host that our own requests name, so that they are not counted. */
export const SELF_CHECK_HOST = "self-check.invalid";
const REQUEST = new TextEncoder().encode(
  `GET / HTTP/1.1\r\nHost: ${SELF_CHECK_HOST}\r\nConnection: close\r\n\r\n`,
);

/** Where a listener is reached from this machine: one on all addresses, over loopback. */
function ownAddress({ hostname, port }: Address): Address {
  const own = { "0.0.0.0": "127.0.0.1", "::": "::1" }[hostname] ?? hostname;
  return { hostname: own, port };
}

/** Asks over a connection of its own; an answer of any status will do. */
async function asksItself(address: Address, clock: Clock): Promise<boolean> {
  let connection: Deno.Conn | undefined;
  let late = false;
  const close = () => {
    try {
      connection?.close();
    } catch {
      // It is closed already.
    }
  };
  const asking = (async () => {
    connection = await Deno.connect(ownAddress(address));
    if (late) return false;
    await connection.write(REQUEST);
    return await connection.read(new Uint8Array(64)) !== null;
  })().catch(() => false).finally(close);
  const heard = await within(clock, SELF_CHECK_TIMEOUT_MS, asking);
  late = true;
  close();
  return heard?.value ?? false;
}

/** Starts checking, at once and then every few seconds. */
export function startSelfCheck(options: SelfCheckOptions): SelfCheck {
  const { listener, clock, log, ask = asksItself } = options;
  const stopping = new AbortController();
  let deafSinceMs: number | null = null;

  async function reopen(): Promise<void> {
    try {
      await listener.reopen();
      log.warn("listener.reopened", { reason: "it took no connections any more" });
    } catch (error) {
      log.error("listener.not-reopened", { error: (error as Error).message });
    }
  }

  async function check(): Promise<void> {
    const { accepted } = listener;
    const beganMs = clock.now();
    if (await ask(listener.address, clock)) {
      if (deafSinceMs !== null) log.warn("listener.hears", { deafMs: clock.now() - deafSinceMs });
      deafSinceMs = null;
      return;
    }
    if (stopping.signal.aborted) return;
    if (deafSinceMs === null) {
      deafSinceMs = beganMs;
      const hint = "it tries to mend itself; `sms-bridge doctor` tells the limits in force";
      log.error("listener.deaf", { reason: "it does not answer a request of our own", hint });
    }
    if (listener.accepted === accepted) await reopen();
  }

  const running = (async () => {
    while (!stopping.signal.aborted) {
      await check();
      await sleep(clock, SELF_CHECK_INTERVAL_MS, stopping.signal);
    }
  })();
  return {
    deafMs: () => deafSinceMs === null ? 0 : Math.max(1, clock.now() - deafSinceMs),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
