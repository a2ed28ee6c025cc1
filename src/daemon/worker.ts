/**
 * The service in a worker, which has no more permissions than it needs. What it is told, and what it tells,
 * is in {@linkcode ToDaemon} and {@linkcode FromDaemon}.
 *
 * @module
 */
import type { Settings } from "../config/settings.ts";
import type { Address } from "../server/listen.ts";
import { StoreError } from "../store/kv.ts";
import { systemClock } from "../system/clock.ts";
import {
  errorText,
  Failure,
  failure,
  type FailureEnvelope,
  type FailureKind,
} from "../system/failure.ts";
import { gatherLines } from "../system/gather_lines.ts";
import { createLog } from "../system/log.ts";
import { systemRandom } from "../system/random.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { writeAll } from "../system/write_all.ts";

/** What the service is asked for. */
export type Order =
  | {
    readonly kind: "start";
    readonly settings: Settings;
    readonly colour: boolean;
    readonly connectionsMax: number;
  }
  | { readonly kind: "reload"; readonly settings: Settings }
  | { readonly kind: "standing"; readonly notes: readonly string[] }
  | { readonly kind: "look" }
  | { readonly kind: "stop" };

/** An order with the number of its answer. */
export type ToDaemon = Order & { readonly id: number };

/** The answer to one order. */
export type FromDaemon =
  & { readonly id: number }
  & ({ readonly value: unknown } | {
    readonly failure: FailureEnvelope & { readonly kind: FailureKind };
  });

/** What is told when the service has started. */
export interface Started {
  readonly address: Address;
  readonly adminAddress: Address | null;
}

/** How the service is. */
export interface Look {
  readonly storeWorks: boolean;
  /** Whether the webhook listener can be reached, or has not been deaf for long. */
  readonly hears: boolean;
  readonly pending: { readonly inbox: number; readonly outbox: number };
}

/** The worker's end of the line. */
interface Line {
  onmessage: ((event: { readonly data: ToDaemon }) => void) | null;
  postMessage(answer: FromDaemon): void;
}

let daemon: Daemon | undefined;
const lines = gatherLines(systemClock, (text) => {
  try {
    writeAll(Deno.stderr, text);
  } catch {
    // A disk that takes no log, as it is full, is no reason to end.
  }
});
// Nothing that went before a fault is missing from the log.
self.addEventListener("error", lines.flush);
self.addEventListener("unhandledrejection", lines.flush);

function running(): Daemon {
  if (daemon === undefined) throw new Error("the service has not been started");
  return daemon;
}

async function start(
  { settings, colour, connectionsMax }: Order & { kind: "start" },
): Promise<Started> {
  const { logFormat: format, logLevel: level } = settings.bridge;
  const parts = { clock: systemClock, random: systemRandom };
  const log = createLog({ clock: systemClock, format, level, colour, write: lines.add });
  daemon = await startDaemon({ settings, ...parts, log, connectionsMax });
  return { address: daemon.address, adminAddress: daemon.adminAddress };
}

async function look(): Promise<Look> {
  const { bridge, hears } = running();
  const { reasons } = await bridge.readiness();
  const storeWorks = !reasons.includes("store-refuses");
  return { storeWorks, hears: hears(), pending: bridge.pending() };
}

function carryOut(order: Order): unknown {
  switch (order.kind) {
    case "start":
      return start(order);
    case "reload":
      return running().reload(order.settings);
    case "standing":
      return running().standing(order.notes);
    case "look":
      return look();
    case "stop":
      return running().stop();
  }
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const said = errorText(error);
  if (error instanceof StoreError) {
    const hint = error.hint ?? "check the state directory and the disk";
    return failure("failed", "store-unusable", said, hint);
  }
  return failure("failed", "service-failed", said, "see the log above");
}

const line = self as unknown as Line;
line.onmessage = async ({ data: { id, ...order } }) => {
  try {
    const value = await carryOut(order);
    lines.flush();
    line.postMessage({ id, value });
  } catch (error) {
    lines.flush();
    const told = asFailure(error);
    line.postMessage({ id, failure: { ...told.toJSON(), kind: told.kind } });
  }
};
