/**
 * Answering: what only one bridge does of those that share a store. It takes up what waits, answers texts,
 * sends, and looks after what is kept.
 *
 * @module
 */
import type { BridgeContext } from "../bridge/context.ts";
import type { GatewayViews } from "../bridge/gateway_views.ts";
import type { Link } from "../gateway/link.ts";
import { startCatchUp } from "../inbound/catch_up.ts";
import type { Door } from "../inbound/door.ts";
import type { IntakeParts } from "../inbound/intake.ts";
import { createDeliverer, type Deliverer } from "../outbound/deliver.ts";
import type { OutgoingFiles } from "../outbound/outgoing_files.ts";
import { startReportPolling } from "../outbound/reports.ts";
import { within } from "../system/clock.ts";
import { DRAIN_TIMEOUT_MS } from "../system/limits.ts";
import { type AgentLinks, createAgent } from "../turn/agent.ts";
import { type Converser, createConverser, type WaitingRow } from "../turn/converse.ts";
import { startCronDelivery } from "../unasked/jobs.ts";
import { type Proactive, startProactive } from "../unasked/proactive.ts";
import { startHousekeeping } from "./housekeep.ts";

/** What answering works with. */
export interface AnsweringParts {
  /** Its commits fail, and its signal aborts, once another bridge answers. */
  readonly context: BridgeContext;
  readonly link: Link;
  readonly links: AgentLinks;
  readonly views: GatewayViews;
  readonly files: OutgoingFiles;
  readonly door: Door;
  /** The way in, which is open whoever answers. */
  readonly intake: Omit<IntakeParts, "converser" | "context">;
}

/** A bridge that answers. */
export interface Answering {
  readonly converser: Converser;
  readonly deliverer: Deliverer;
  /** Takes up what waits, and begins what goes on by itself. */
  start(waiting?: readonly WaitingRow[]): Promise<void>;
  /**
   * Lets what is under way come to an end for at most {@linkcode DRAIN_TIMEOUT_MS} once the context's signal
   * has aborted.
   */
  drain(): Promise<void>;
}

/** Makes what answers. */
export function createAnswering(parts: AnsweringParts): Answering {
  const { context, link, views, files } = parts;
  const { clock, stopping } = context;
  const deliverer = createDeliverer(context, files);
  const agent = createAgent(context, parts.links, views);
  const converser = createConverser(context, { agent, door: parts.door, deliverer, files });
  const background: Promise<void>[] = [];
  let proactive: Proactive | undefined;
  return {
    converser,
    deliverer,
    async start(waiting) {
      await deliverer.look();
      await converser.start(waiting);
      background.push(
        startHousekeeping(context, files.sweep),
        startCatchUp({ ...parts.intake, context, converser }),
        startReportPolling(context),
      );
      proactive = await startProactive({ context, link, views, files, deliverer });
      const end = startCronDelivery({ context, link, views, files, deliverer });
      stopping.addEventListener("abort", end, { once: true });
    },
    async drain() {
      const ended = [proactive?.stop(), converser.idle(), deliverer.idle()];
      const drained = Promise.all([...ended, ...background]);
      await within(clock, DRAIN_TIMEOUT_MS, drained);
    },
  };
}
