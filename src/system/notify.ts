/**
 * Telling systemd how the service is (sd_notify), by datagrams to the socket that it names.
 *
 * Source: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html.
 *
 * @module
 */
import type { Clock } from "./clock.ts";

/** What systemd can be told. */
export interface Notifier {
  /** The service works. */
  ready(status: string): Promise<void>;
  /** The service has begun to stop. */
  stopping(): Promise<void>;
  /** Sends WATCHDOG=1 as often as systemd wants it, while `alive` holds; ends with `signal`. */
  watch(alive: () => Promise<boolean>, signal: AbortSignal): void;
  close(): void;
}

/** What a notifier works with. */
export interface NotifierOptions {
  readonly env: (name: string) => string | undefined;
  readonly clock: Clock;
}

const SILENT: Notifier = {
  ready: () => Promise.resolve(),
  stopping: () => Promise.resolve(),
  watch: () => {},
  close: () => {},
};

/** systemd names abstract sockets with a leading `@`. */
function socketPath(name: string): string | null {
  if (name.startsWith("@")) return `\0${name.slice(1)}`;
  return name.startsWith("/") ? name : null;
}

/** How often the watchdog is fed: twice in the time that systemd allows. 0 when there is none. */
function watchdogMs(env: NotifierOptions["env"]): number {
  const pid = env("WATCHDOG_PID");
  const microseconds = Number(env("WATCHDOG_USEC") ?? 0);
  if (!(microseconds > 0) || (pid !== undefined && Number(pid) !== Deno.pid)) return 0;
  return Math.max(100, microseconds / 2_000);
}

/**
 * Makes a notifier; one that does nothing where no service manager listens. What cannot be sent is
 * dropped: the service manager is not what the bridge is for.
 */
export function createNotifier({ env, clock }: NotifierOptions): Notifier {
  const path = socketPath(env("NOTIFY_SOCKET") ?? "");
  if (path === null || Deno.build.os === "windows") return SILENT;
  const own = `${env("RUNTIME_DIRECTORY") ?? "/tmp"}/sms-bridge-notify-${Deno.pid}.sock`;
  let socket: Deno.DatagramConn;
  try {
    socket = Deno.listenDatagram({ path: own, transport: "unixpacket" });
  } catch {
    return SILENT;
  }
  const send = async (text: string) => {
    try {
      await socket.send(new TextEncoder().encode(text), { transport: "unixpacket", path });
    } catch {
      // The manager has gone, or its socket is full: there is nobody to tell.
    }
  };
  let cancel = () => {};
  return {
    ready: (status) => send(`READY=1\nSTATUS=${status}`),
    stopping: () => send("STOPPING=1"),
    watch(alive, signal) {
      const everyMs = watchdogMs(env);
      if (everyMs === 0) return;
      const feed = async () => {
        if (signal.aborted) return;
        if (await alive()) await send("WATCHDOG=1");
        if (!signal.aborted) cancel = clock.after(everyMs, feed);
      };
      feed();
      signal.addEventListener("abort", () => cancel(), { once: true });
    },
    close() {
      cancel();
      socket.close();
      try {
        Deno.removeSync(own);
      } catch {
        // Gone already.
      }
    },
  };
}
