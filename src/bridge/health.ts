/**
 * Health: whether the bridge can do its work, and what is in the way.
 *
 * @module
 */
import type { LinkState } from "../gateway/link_state.ts";

/** Whether the service is in order, and what is not. */
export interface Health {
  readonly ok: boolean;
  /** What is wrong; empty when all is well. */
  readonly reasons: readonly UnreadyReason[];
}

/** What readiness is judged by. */
export interface HealthFacts {
  readonly link: LinkState;
  /** Whether commits reach the disk. */
  readonly storeWorks: boolean;
  /** Whether the store is on another machine. */
  readonly storeShared?: boolean;
  readonly stopping: boolean;
}

/** Why the bridge is not ready; a closed list, so that alerts can be made of it. */
export type UnreadyReason =
  | "not-running"
  | "stopping"
  | "store-refuses"
  | "store-away"
  | "gateway-away"
  | "gateway-refuses"
  | "listener-deaf";

/**
 * Whether texts can be taken and answered now. Without a Gateway texts are still taken, and wait; it is
 * told all the same, as nobody is answered meanwhile.
 */
export function judgeHealth({ link, storeWorks, storeShared, stopping }: HealthFacts): Health {
  const reasons: UnreadyReason[] = [];
  if (stopping) reasons.push("stopping");
  if (!storeWorks) reasons.push(storeShared ? "store-away" : "store-refuses");
  if (link.kind === "refused") reasons.push("gateway-refuses");
  else if (link.kind !== "ready") reasons.push("gateway-away");
  return { ok: reasons.length === 0, reasons };
}

/** The same with a listener that does not answer our own requests. */
export function withDeafListener({ reasons }: Health): Health {
  return { ok: false, reasons: [...reasons, "listener-deaf"] };
}
