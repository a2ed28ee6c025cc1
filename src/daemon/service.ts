/**
 * The service: joins the parts of the bridge, starts them in the right order and stops them again.
 *
 * @module
 */
import { createInstanceProof } from "../twilio/probe_form.ts";
import type { Settings } from "../config/settings.ts";
import type { Link } from "../gateway/link.ts";
import { type Health, judgeHealth } from "../bridge/health.ts";
import { renderMetrics } from "../server/metrics.ts";
import type { ContentRoute, WebhookOutcome, WebhookRoute } from "../server/webhook.ts";
import { openInboxWriter } from "../store/inbox.ts";
import { createSequence } from "../store/keys.ts";
import { DEAD } from "../store/dead_letter.ts";
import { OUTBOX } from "../store/outbox_row.ts";
import { INBOX } from "../store/inbox_row.ts";
import { HISTORY } from "../store/history_row.ts";
import type { Store } from "../store/kv.ts";
import { watchStore } from "../store/watch.ts";
import { type Clock, sleep } from "../system/clock.ts";
import type { Failure } from "../system/failure.ts";
import { DRAIN_TIMEOUT_MS } from "../system/limits.ts";
import type { Log } from "../system/log.ts";
import type { Random } from "../system/random.ts";
import { type AgentLinks, createAgent } from "../turn/agent.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { startCatchUp } from "../inbound/catch_up.ts";
import { createConverser } from "../turn/converse.ts";
import { startCronDelivery } from "../unasked/jobs.ts";
import { createDeliverer } from "../outbound/deliver.ts";
import { createDoor } from "../inbound/door.ts";
import { bridgeMetrics } from "./exposition.ts";
import { createGatewayViews, type GatewayViews } from "../bridge/gateway_views.ts";
import { startHousekeeping } from "./housekeep.ts";
import type { IntakeParts } from "../inbound/intake.ts";
import { createOutgoingFiles, type FileDisk } from "../outbound/outgoing_files.ts";
import { createOwnerQuestions } from "../unasked/owner_questions.ts";
import { type Proactive, startProactive } from "../unasked/proactive.ts";
import type { TakeUp } from "../operations/queue_operations.ts";
import { createReceiver } from "../inbound/receive.ts";
import { startReportPolling } from "../outbound/reports.ts";
import { type SendReceipt, type SendRequest, sendText } from "../outbound/send.ts";
import { createTally } from "../bridge/tally.ts";

/** What the bridge is made of, besides itself. */
export interface BridgeParts {
  /** Those in force; asked anew for each message. */
  readonly settings: () => Settings;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly link: Link;
  readonly openAdminLink: AgentLinks["openAdminLink"];
  /** Opens a link that is shown what the agent asks. */
  readonly openQuestionLink: () => Link;
  readonly twilio: BridgeContext["twilio"];
  /** The disk as far as files of the agent go. */
  readonly files: FileDisk;
}

/** A bridge that has been put together. */
export interface Bridge {
  readonly context: BridgeContext;
  /** What is known of the Gateway's own settings. */
  readonly views: GatewayViews;
  /** What answers the webhook path, or undefined when it is nobody's. */
  routeFor(path: string): WebhookRoute | undefined;
  /** What answers a GET on a path: a file that Twilio was told to fetch. */
  contentFor(path: string): ContentRoute | undefined;
  /** Takes up what a former run left. */
  start(): Promise<void>;
  /**
   * Ends waits, lets what is under way come to an end for at most {@linkcode DRAIN_TIMEOUT_MS}, and
   * resolves. What did not end is on disk and goes on at the next start.
   */
  stop(): Promise<void>;
  /** Texts and messages that wait. */
  pending(): { readonly inbox: number; readonly outbox: number };
  /** Puts a message into the outbox; when it resolves, it is on disk. */
  send(request: SendRequest): Promise<SendReceipt | Failure>;
  /** Takes up a row that an operator has put into a queue. */
  takeUp: TakeUp;
  /** Notes how a webhook request ended. */
  onAnswer(outcome: WebhookOutcome): void;
  /** Whether the bridge can do its work, and what is in the way. */
  readiness(): Promise<Health>;
  /** All metrics in Prometheus' text format. */
  metrics(): Promise<string>;
}

/** Ends of requests that never reach reception, which counts the others itself. */
const LISTENER_REASONS = new Set(["path", "method", "type", "size", "slow", "content", "failed"]);

/** The greatest id that any row has: new ones must lie above it, also when the clock was set back. */
async function lastId(store: Store): Promise<number> {
  let last = 0;
  for (const prefix of [INBOX, OUTBOX, DEAD, HISTORY]) {
    for await (const { key } of store.list<unknown>({ prefix, limit: 1, reverse: true })) {
      last = Math.max(last, Number(key.at(-1)));
    }
  }
  return last;
}

/** The surroundings of a bridge over an open store, until `stopping` aborts. */
export async function createContext(
  parts: Omit<BridgeParts, "link" | "openAdminLink" | "openQuestionLink" | "files">,
  stopping: AbortSignal,
  gatewayOwners: () => readonly string[] = () => [],
): Promise<BridgeContext> {
  const { settings, store, clock, random, log, twilio } = parts;
  const instanceProof = createInstanceProof((length) => random.bytes(length));
  return {
    settings,
    store,
    sequence: createSequence(clock, await lastId(store)),
    clock,
    random,
    log,
    tally: createTally(),
    instanceProof,
    twilio,
    gatewayOwners,
    stopping,
  };
}

/** Puts a bridge together over an open store and a link. Nothing runs before its `start`. */
export async function createBridge(parts: BridgeParts): Promise<Bridge> {
  const { clock, link } = parts;
  const store = watchStore(parts.store);
  const stop = new AbortController();
  const views = createGatewayViews(link, clock);
  const gatewayOwners = () => views.last?.ownerAllowFrom ?? [];
  const context = await createContext({ ...parts, store }, stop.signal, gatewayOwners);
  const files = createOutgoingFiles(context, parts.files);
  const deliverer = createDeliverer(context, files);
  const questions = createOwnerQuestions({ context, openLink: parts.openQuestionLink, deliverer });
  const door = createDoor(context, deliverer, questions);
  const agent = createAgent(context, parts, views);
  const converser = createConverser(context, { agent, door, deliverer, files });
  const intake: IntakeParts = {
    context,
    inbox: await openInboxWriter(store),
    door,
    converser,
    wakeMessage: deliverer.wake,
  };
  const receive = createReceiver(intake);
  const send = (request: SendRequest) => sendText(context, deliverer.wake, request);
  const background: Promise<void>[] = [];
  let proactive: Proactive | undefined;
  const pending = () => ({ inbox: converser.pending, outbox: deliverer.pending });

  return {
    context,
    views,
    routeFor(path) {
      const account = context.settings().accounts.find((one) =>
        one.enabled && one.webhookPath === path
      );
      return account === undefined
        ? undefined
        : (request, onWait) => receive(account, request, onWait);
    },
    contentFor: files.contentFor,
    async start() {
      await deliverer.start();
      await converser.start();
      background.push(
        startHousekeeping(context, files.sweep),
        startCatchUp(intake),
        startReportPolling(context),
      );
      questions.start();
      proactive = await startProactive({ context, link, views, files, deliverer });
      const end = startCronDelivery({ context, link, views, files, deliverer });
      stop.signal.addEventListener("abort", end, { once: true });
    },
    async stop() {
      stop.abort();
      const ended = [questions.stop(), proactive?.stop(), converser.idle(), deliverer.idle()];
      const drained = Promise.all([...ended, ...background]);
      const enough = new AbortController();
      await Promise.race([drained, sleep(clock, DRAIN_TIMEOUT_MS, enough.signal)]);
      enough.abort();
    },
    pending,
    onAnswer({ reason, tookMs }) {
      context.tally.observe("webhook", tookMs);
      if (LISTENER_REASONS.has(reason)) context.tally.count("webhooks", reason);
    },
    send,
    takeUp: (one) => one.queue === "inbox" ? converser.wake(one.row) : deliverer.wake(one.row),
    readiness: async () =>
      judgeHealth({
        link: link.state(),
        storeWorks: await store.works(),
        stopping: stop.signal.aborted,
      }),
    metrics: async () =>
      renderMetrics(
        await bridgeMetrics(context, {
          link: link.state(),
          pending: pending(),
          storeWorks: await store.works(),
        }),
      ),
  };
}
