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
import { OUTBOX, type OutboxRow } from "../store/outbox_row.ts";
import { INBOX, type InboxRow } from "../store/inbox_row.ts";
import { HISTORY } from "../store/history_row.ts";
import type { Store } from "../store/kv.ts";
import type { WaitingRow } from "../turn/converse.ts";
import { followingStore } from "../store/follow.ts";
import { groupingStore } from "../store/own/group_commit.ts";
import { rememberingStore } from "../store/own/remember.ts";
import { createRush } from "../bridge/rush.ts";
import { createTogether } from "../bridge/together.ts";
import { watchStore } from "../store/watch.ts";
import { watchShared } from "../store/shared/watch_shared.ts";
import { type Clock, sleep } from "../system/clock.ts";
import type { Failure } from "../system/failure.ts";
import type { Log } from "../system/log.ts";
import type { Random } from "../system/random.ts";
import type { AgentLinks } from "../turn/agent.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { createDoor } from "../inbound/door.ts";
import { bridgeMetrics } from "./exposition.ts";
import { createGatewayViews, type GatewayViews } from "../bridge/gateway_views.ts";
import type { IntakeParts } from "../inbound/intake.ts";
import { createOutgoingFiles, type FileDisk } from "../outbound/outgoing_files.ts";
import { createOwnerQuestions } from "../unasked/owner_questions.ts";
import type { TakeUp } from "../operations/queue_operations.ts";
import { createReceiver, type Receiver } from "../inbound/receive.ts";
import { type SendReceipt, type SendRequest, sendText } from "../outbound/send.ts";
import { createTally } from "../bridge/tally.ts";
import { ringing } from "../store/shared/bell.ts";
import { MEMBER_NUMBERS } from "../store/shared/rows.ts";
import type { LeaseView } from "../store/shared/lease.ts";
import { openSharedInbox } from "../store/shared/shared_inbox.ts";
import { DRAIN_TIMEOUT_MS, LOOKUP_CLOCK_SKEW_MS, SHARED_CLOCK_SKEW_MS } from "../system/limits.ts";
import { createAnswering } from "./answering.ts";
import { type Role, roleAlone, roleShared, type Sharing } from "./role.ts";

/** What the bridge is made of, besides itself. */
export interface BridgeParts {
  /** Those in force; asked anew for each message. */
  readonly settings: () => Settings;
  readonly store: Store;
  /** With whom the store is shared; left out where it is this bridge's own. */
  readonly sharing?: Sharing | undefined;
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
  /** The context's store for what operators ask: no read waits long for an engine that hangs. */
  readonly asked: Store;
  /** What is known of the Gateway's own settings. */
  readonly views: GatewayViews;
  /** What answers the webhook path, or undefined when it is nobody's. */
  routeFor(path: string): WebhookRoute | undefined;
  /** What answers a GET on a path: a file that Twilio was told to fetch. */
  contentFor(path: string): ContentRoute | undefined;
  /** Takes up what a former run left. */
  start(): Promise<void>;
  /**
   * Ends waits, lets what is under way come to an end for a while, and resolves. What did not end is on disk
   * and goes on at the next start.
   */
  stop(): Promise<void>;
  /** Texts and messages that wait. */
  pending(): { readonly inbox: number; readonly outbox: number };
  /** Puts a message into the outbox; when it resolves, it is on disk. */
  send(request: SendRequest): Promise<SendReceipt | Failure>;
  /** Takes up a row that an operator has put into a queue. */
  takeUp: TakeUp;
  /** Whether it is this bridge that answers; another may where they share a store. */
  answers(): boolean;
  /** Who holds the lease; null where the store is this bridge's own. */
  lease(): LeaseView | null;
  /** Who shares the store; undefined where it is this bridge's own. */
  bridges(): ReturnType<Role["bridges"]>;
  /** Calls `told` whenever that has changed. */
  onRole(told: () => void): void;
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
  const ids = await Promise.all([INBOX, OUTBOX, DEAD, HISTORY].map(async (prefix) => {
    const [row] = await Array.fromAsync(store.list<unknown>({ prefix, limit: 1, reverse: true }));
    return Number(row?.key.at(-1) ?? 0);
  }));
  return Math.max(...ids);
}

/** A store into which nobody else writes. */
function ownStore(store: Store, clock: Clock): Store {
  return followingStore(rememberingStore(groupingStore(store), clock));
}

/**
 * The surroundings of a bridge over an open store, until `stopping` aborts.
 *
 * @param number Which of those that share the store it is; left out where the store is its own.
 */
export async function createContext(
  parts: Omit<
    BridgeParts,
    "link" | "openAdminLink" | "openQuestionLink" | "files" | "sharing"
  >,
  stopping: AbortSignal,
  gatewayOwners: () => readonly string[] = () => [],
  number?: () => number,
): Promise<BridgeContext> {
  const { settings, store, clock, random, log, twilio } = parts;
  const instanceProof = createInstanceProof((length) => random.bytes(length));
  const share = number && { of: MEMBER_NUMBERS, at: number };
  return {
    settings,
    store: number === undefined ? ownStore(store, clock) : ringing(store, number),
    sequence: createSequence(clock, await lastId(store), share),
    clock,
    random,
    log,
    tally: createTally(),
    instanceProof,
    twilio,
    gatewayOwners,
    holds: () => true,
    // An engine on another machine takes few checks in a commit.
    together: createTogether(number === undefined ? undefined : 1),
    rush: createRush(clock, stopping),
    clockSkewMs: number === undefined ? LOOKUP_CLOCK_SKEW_MS : SHARED_CLOCK_SKEW_MS,
    stopping,
  };
}

/** The inbox, and who takes up what comes into it. */
async function openInbox(
  { sharing }: BridgeParts,
  { store, clock }: BridgeContext,
  role: () => Role,
): Promise<Pick<IntakeParts, "inbox" | "converser"> & { readonly found: WaitingRow[] }> {
  const found: WaitingRow[] = [];
  if (sharing === undefined) {
    const wake = (row: InboxRow) => role().answering?.converser.wake(row);
    const onRow = ({ id, account, from, text }: InboxRow) =>
      found.push({ id, account, from, text });
    return { inbox: await openInboxWriter(store, onRow), converser: { wake }, found };
  }
  const inbox = openSharedInbox({
    store,
    getAll: (keys) => sharing.store.getAll(keys),
    clock,
    lastId: await lastId(store),
    onStored: () => role().look(),
  });
  // What has come is taken up in the order of the store, whichever bridge took it in.
  return { inbox, converser: { wake() {} }, found };
}

function routesOver({ settings }: BridgeContext, receive: Receiver): Bridge["routeFor"] {
  return (path) => {
    const account = settings().accounts.find((one) => one.enabled && one.webhookPath === path);
    return account && ((request, onWait) => receive(account, request, onWait));
  };
}

/** Puts a bridge together over an open store and a link. Nothing runs before its `start`. */
export async function createBridge(parts: BridgeParts): Promise<Bridge> {
  const { clock, link, sharing } = parts;
  const store = sharing === undefined
    ? watchStore(parts.store)
    : watchShared(parts.store, { clock, steadyMs: sharing.steadyMs });
  const stop = new AbortController();
  const views = createGatewayViews(link, clock);
  const gatewayOwners = () => views.last?.ownerAllowFrom ?? [];
  const number = sharing?.members.number;
  const context = await createContext({ ...parts, store }, stop.signal, gatewayOwners, number);
  const askedStore = store.inTime(context.store);
  const files = createOutgoingFiles(context, parts.files);
  const wakeMessage = (row: OutboxRow) => role.answering?.deliverer.wake(row);
  const questions = createOwnerQuestions({
    context,
    openLink: parts.openQuestionLink,
    deliverer: { wake: wakeMessage },
    asks: () => role.answering !== null,
  });
  const door = createDoor(context, { wake: wakeMessage }, questions);
  const { found, ...way } = await openInbox(parts, context, () => role);
  const intake: IntakeParts = { context, ...way, door, wakeMessage };
  const answeringOver = (context: BridgeContext) =>
    createAnswering({ context, link, links: parts, views, files, door, intake });
  const role: Role = sharing === undefined ? roleAlone(answeringOver(context), found) : roleShared({
    sharing,
    store,
    context,
    answeringOver,
    canAnswer: () => link.state().kind === "ready",
    lastId: () => lastId(store),
  });
  const send = (request: SendRequest) => sendText(context, wakeMessage, request);
  const pending = () => ({
    inbox: role.answering?.converser.pending ?? 0,
    outbox: role.answering?.deliverer.pending ?? 0,
  });

  return {
    context,
    asked: askedStore,
    views,
    routeFor: routesOver(context, createReceiver(intake)),
    contentFor: files.contentFor,
    async start() {
      await role.start();
      questions.start();
      role.onChange(() => questions.askAgain());
    },
    async stop() {
      stop.abort();
      const enough = new AbortController();
      const asked = Promise.race([
        questions.stop(),
        sleep(clock, DRAIN_TIMEOUT_MS, enough.signal),
      ]);
      await Promise.all([asked, role.stop()]);
      enough.abort();
    },
    pending,
    onAnswer({ reason, tookMs }) {
      context.tally.observe("webhook", tookMs);
      if (LISTENER_REASONS.has(reason)) context.tally.count("webhooks", reason);
    },
    send,
    takeUp: (one) =>
      one.queue === "inbox"
        ? role.answering?.converser.wake(one.row)
        : role.answering?.deliverer.wake(one.row),
    answers: () => role.answering !== null,
    lease: () => role.view(),
    bridges: () => role.bridges(),
    onRole: (told) => role.onChange(told),
    readiness: async () =>
      judgeHealth({
        link: link.state(),
        storeWorks: await store.works(),
        storeShared: sharing !== undefined,
        stopping: stop.signal.aborted,
      }),
    metrics: async () =>
      renderMetrics(
        await bridgeMetrics({ ...context, store: askedStore }, {
          link: link.state(),
          pending: pending(),
          storeWorks: await store.works(),
          answers: role.answering !== null,
          leaseEpoch: sharing === undefined ? null : role.view()?.row?.epoch ?? 0,
        }),
      ),
  };
}
