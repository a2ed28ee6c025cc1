/**
 * The service, confined: it runs in a worker that may reach the hosts and folders of its settings and
 * nothing else, while what reads the configuration stays outside.
 *
 * @module
 */
import type { Settings } from "../config/settings.ts";
import { Failure, failure } from "../system/failure.ts";
import { type DaemonPermissions, missingPermissions, permissionsFor } from "./permissions.ts";
import type { FromDaemon, Look, Order, Started, ToDaemon } from "./worker.ts";

/** A service that runs in its confinement. */
export interface ConfinedDaemon extends Started {
  /** Takes other settings; resolves to those that need a restart to change. */
  reload(settings: Settings): Promise<readonly string[]>;
  /** Notes what status is to say of the configuration. */
  standing(notes: readonly string[]): Promise<unknown>;
  look(): Promise<Look>;
  /** Takes nothing new, lets what is under way end, and closes everything. */
  stop(): Promise<void>;
  /** Rejects when the service has ended by itself. */
  readonly crashed: Promise<never>;
}

const WORKER_URL = new URL("./worker.ts", import.meta.url);

function openWorker(permissions: DaemonPermissions): Worker {
  const options = { type: "module", name: "sms-bridge", deno: { permissions } };
  return new Worker(WORKER_URL, options as unknown as WorkerOptions);
}

/** What of the wanted this process may not give, as it keeps itself away from there. */
function outOfReach({ net, read, write }: DaemonPermissions): string[] {
  const isGiven = (wanted: Deno.PermissionDescriptor) => {
    const { state, partial } = Deno.permissions.querySync(wanted);
    return state === "granted" && !partial;
  };
  return [
    ...new Set([
      ...net.filter((host) => !/^(\*|unix:)/.test(host) && !isGiven({ name: "net", host })),
      ...read.filter((path) => !isGiven({ name: "read", path })),
      ...write.filter((path) => !isGiven({ name: "write", path })),
    ]),
  ];
}

/** Why no service can run with these settings, as they name what it keeps itself away from; null where it can. */
export function forbiddenPlaces(settings: Settings): Failure | null {
  const places = outOfReach(permissionsFor(settings, false));
  return places.length === 0 ? null : failure(
    "configuration",
    "place-forbidden",
    `Cannot start: sms-bridge keeps itself away from ${places.join(", ")}`,
    "name a place that holds no secrets and programs of the system; `sms-bridge config show` tells " +
      "which setting names it",
  );
}

/** Opens the worker. A Deno that knows no names of Unix sockets gives the reason away by refusing them. */
function confine(settings: Settings) {
  const open = (namesSockets: boolean) => {
    const permissions = permissionsFor(settings, namesSockets);
    return { worker: openWorker(permissions), permissions, namesSockets };
  };
  try {
    return open(true);
  } catch (error) {
    const forbidden = forbiddenPlaces(settings);
    if (forbidden !== null) throw forbidden;
    if (!/unix:/.test(String(error))) throw error;
    return open(false);
  }
}

/**
 * Starts the service in its confinement.
 *
 * @param prepare What must be done before it starts, while its code loads; gives what it is to know.
 * @throws {Failure} When it cannot start.
 */
export async function startConfined(
  settings: Settings,
  prepare: () => Promise<Pick<Order & { kind: "start" }, "colour" | "connectionsMax">>,
): Promise<ConfinedDaemon> {
  const { worker, permissions, namesSockets } = confine(settings);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const crash = Promise.withResolvers<never>();
  crash.promise.catch(() => {});
  let orders = 0;
  const order = <T>(asked: Order): Promise<T> => {
    const answer = Promise.withResolvers<unknown>();
    const id = ++orders;
    waiting.set(id, answer);
    worker.postMessage({ ...asked, id } satisfies ToDaemon);
    return Promise.race([answer.promise as Promise<T>, crash.promise]);
  };
  worker.onmessage = ({ data }: MessageEvent<FromDaemon>) => {
    const answer = waiting.get(data.id)!;
    waiting.delete(data.id);
    if ("value" in data) answer.resolve(data.value);
    else answer.reject(new Failure(data.failure.kind, data.failure));
  };
  worker.onerror = (event) => {
    event.preventDefault();
    const hint = "it is a bug; nothing that was acknowledged is lost: start it again";
    crash.reject(failure("failed", "service-crashed", event.message, hint));
  };
  try {
    const started = await order<Started>({ kind: "start", settings, ...await prepare() });
    return {
      ...started,
      async reload(next) {
        const fixed = await order<readonly string[]>({ kind: "reload", settings: next });
        const wanted = permissionsFor(next, namesSockets);
        return [...fixed, ...missingPermissions(permissions, wanted)];
      },
      standing: (notes) => order({ kind: "standing", notes }),
      look: () => order({ kind: "look" }),
      async stop() {
        await order({ kind: "stop" });
        worker.terminate();
      },
      crashed: crash.promise,
    };
  } catch (error) {
    worker.terminate();
    throw error;
  }
}
