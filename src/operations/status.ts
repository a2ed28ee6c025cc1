/**
 * Status: how the bridge is, read from the store and, when the daemon runs, from the daemon.
 *
 * The shape of {@linkcode Status} is what `status --json` promises: members are added, never changed.
 *
 * @module
 */
import type { Settings } from "../config/settings.ts";
import { describeState, type LinkState } from "../gateway/link_state.ts";
import type { Health, UnreadyReason } from "../bridge/health.ts";
import type { Clock } from "../system/clock.ts";
import type { Store } from "../store/kv.ts";
import type { Trouble } from "../system/recent_troubles.ts";
import { VERSION } from "../system/version.ts";
import { type AccountStatus, readAccountStatus } from "./account_status.ts";
import { errorsOfLog, latestErrors, type StatusError } from "./status_errors.ts";

/** One of the bridges that share a store, as the one that was asked sees it. */
export interface BridgeStatus {
  readonly name: string;
  readonly version: string;
  readonly startedAtMs: number;
  /** Whether it is the one that was asked. */
  readonly self: boolean;
  /** Since it was heard of last, as far as the one that was asked has looked. */
  readonly silentMs: number;
  /** Whether it was heard of in the last seconds. */
  readonly there: boolean;
  /** Whether it reaches its Gateway; null when it has not said. */
  readonly canAnswer: boolean | null;
  /** Whether it holds the lease: it answers, the others take texts in. */
  readonly answers: boolean;
}

/** What only a running daemon knows. */
export interface LiveFacts {
  readonly startedAtMs: number;
  readonly link: LinkState;
  /** The Gateway's default agent, as far as it is known. */
  readonly agent: string | null;
  readonly health: Health;
  /** Where webhooks are taken, as `ADDRESS:PORT`; null while the bridge starts. */
  readonly listen: string | null;
  /** Where health and metrics are; null when that is off. */
  readonly adminListen: string | null;
  /** The latest warnings and errors of the log. */
  readonly troubles: readonly Trouble[];
  /** What is to be said of the configuration: refused, or waiting for a restart. */
  readonly notes?: readonly string[];
  /** Who shares the store; left out where it is this bridge's own. */
  readonly bridges?: readonly BridgeStatus[];
}

/** What status is read from. */
export interface StatusParts {
  readonly store: Store;
  readonly clock: Clock;
  /** The settings in force; null or left out when they cannot be loaded. */
  readonly settings?: () => Settings | null;
  /** Left out where no daemon runs. */
  readonly live?: () => Promise<LiveFacts>;
}

/** The link to the Gateway. */
export interface GatewayStatus {
  readonly state: LinkState["kind"] | "not-running";
  readonly ok: boolean;
  /** What an operator should know or do. */
  readonly advice: string;
  readonly version: string | null;
  /** The Gateway's default agent; null when it has none, or is not there. */
  readonly agent: string | null;
}

/** How the bridge is. Times are milliseconds since the epoch. */
export interface Status {
  readonly version: string;
  /** Whether the daemon runs. */
  readonly running: boolean;
  /** Whether texts can be taken and answered now. */
  readonly ready: boolean;
  /** Why not. */
  readonly reasons: readonly UnreadyReason[];
  readonly atMs: number;
  readonly startedAtMs: number | null;
  readonly listen: string | null;
  readonly adminListen: string | null;
  readonly gateway: GatewayStatus;
  /** Who shares the store; left out where it is this bridge's own. */
  readonly bridges?: readonly BridgeStatus[];
  readonly accounts: readonly AccountStatus[];
  /** The last errors, newest first. */
  readonly errors: readonly StatusError[];
  /** What is dangerous or odd in the settings. */
  readonly warnings: readonly string[];
}

function gatewayStatus(live: LiveFacts | null): GatewayStatus {
  if (live === null) {
    return {
      state: "not-running",
      ok: false,
      advice: "the bridge does not run: start it with `sms-bridge serve`, or as a service",
      version: null,
      agent: null,
    };
  }
  const { link, agent } = live;
  return {
    state: link.kind,
    ok: link.kind === "ready",
    advice: describeState(link),
    version: link.kind === "ready" ? link.session.serverVersion : null,
    agent: link.kind === "ready" ? agent : null,
  };
}

/** Reads the status, of one account or of all. */
export async function readStatus(parts: StatusParts, only?: string): Promise<Status> {
  const live = await parts.live?.() ?? null;
  const settings = parts.settings?.() ?? null;
  const read = await readAccountStatus({ ...parts, settings }, only);
  return {
    version: VERSION,
    running: live !== null,
    ready: live?.health.ok ?? false,
    reasons: live?.health.reasons ?? ["not-running"],
    atMs: parts.clock.now(),
    startedAtMs: live?.startedAtMs ?? null,
    listen: live?.listen ?? null,
    adminListen: live?.adminListen ?? null,
    gateway: gatewayStatus(live),
    ...(live?.bridges === undefined ? {} : { bridges: live.bridges }),
    accounts: read.accounts,
    errors: latestErrors([...errorsOfLog(live?.troubles ?? []), ...read.errors]),
    warnings: [...live?.notes ?? [], ...settings?.warnings ?? []],
  };
}
