/**
 * The running program: the bridge with its store, its link, its listener and its control socket.
 * `serve` and `demo` are this same wiring.
 *
 * @module
 */
import {
  type OperationParts,
  operationRoutes,
  operationsOn,
  queryRoutes,
} from "../operations/operations.ts";
import { OPERATION_PATHS } from "../operations/paths.ts";
import { type Series, startSeries } from "./series.ts";
import type { FileDisk } from "../outbound/outgoing_files.ts";
import type { ProbeParts } from "../checks/probe.ts";
import { type Health, withDeafListener } from "../bridge/health.ts";
import { pollMessage } from "../outbound/reports.ts";
import { type Bridge, createBridge } from "./service.ts";
import type { LiveFacts } from "../operations/status.ts";
import type { Phone } from "../policy/phone.ts";
import type { Settings } from "../config/settings.ts";
import { createLink, type Link } from "../gateway/link.ts";
import { APPROVALS_CAP, ASKING_SCOPES } from "../gateway/questions.ts";
import { type AdminServer, startAdminServer } from "../admin/listener.ts";
import { type AdminPage, isOwnName } from "../admin/page.ts";
import { type AdminSessions, createAdminSessions } from "../admin/session.ts";
import { type ControlServer, startControlServer } from "../server/control.ts";
import { type Address, addressText } from "../server/listen.ts";
import { publicRequest } from "../server/public_request.ts";
import { type SelfCheck, startSelfCheck } from "../server/self_check.ts";
import { startWebhookServer } from "../server/webhook.ts";
import { NO_COUNTS } from "../store/series_row.ts";
import { openSpool } from "../store/spool.ts";
import { readWorkspaceFile } from "../store/workspace_file.ts";
import { makeFolder, openStore, type Store } from "../store/kv.ts";
import { joinMembers } from "../store/shared/members.ts";
import { noteRun } from "../store/shared/former_run.ts";
import { openShared } from "../store/shared/open.ts";
import { isShared } from "../store/shared/place.ts";
import type { Sharing } from "./role.ts";
import type { Clock } from "../system/clock.ts";
import { Failure } from "../system/failure.ts";
import { BALANCE_FRESH_MS, DEAF_MS_MAX } from "../system/limits.ts";
import { type Log, silentLog } from "../system/log.ts";
import type { Random } from "../system/random.ts";
import { type RememberingLog, rememberTroubles } from "../system/recent_troubles.ts";
import { VERSION } from "../system/version.ts";
import { createLatest } from "../admin/latest.ts";
import { balanceMetrics, memoryMetrics } from "./exposition.ts";
import { renderMetrics } from "../server/metrics.ts";
import { adminPageOver } from "../admin/wiring.ts";
import { controlSocketPath } from "./permissions.ts";
import { identityOf, openToolNode } from "./tool_node.ts";
import { twilioClients } from "./twilio_clients.ts";

/** A program that runs. */
export interface Daemon {
  readonly bridge: Bridge;
  readonly link: Link;
  /** Where webhooks are taken. */
  readonly address: Address;
  /** Where health and metrics are; null when that is off or a Unix socket. */
  readonly adminAddress: Address | null;
  /**
   * Takes other settings: from the next message on they are in force. Returns the settings that need a
   * restart to change.
   */
  reload(settings: Settings): readonly string[];
  /** Notes what status is to say of the configuration. */
  standing(notes: readonly string[]): void;
  /** Whether the webhook listener can be reached, or has not been deaf for long. */
  hears(): boolean;
  /** Takes nothing new, lets what is under way end, and closes everything. */
  stop(): Promise<void>;
}

/** What the program needs of the world. */
export interface DaemonParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Connections that the webhook listener may take; as many as ever when left out. */
  readonly connectionsMax?: number;
}

/** Settings that only a new start can change. */
const RESTART_SETTINGS = [
  "listen",
  "adminListen",
  "stateDir",
  "store",
  "storeToken",
  "logFormat",
  "logLevel",
  "ownerQuestions",
] as const;

/** What only the running program knows. */
interface LiveParts {
  readonly link: Link;
  readonly log: RememberingLog;
  readonly startedAtMs: number;
  /** Where webhooks are taken; null while the program starts. */
  listen: Address | null;
  adminListen: string | null;
  /** What status is to say of the configuration. */
  notes: readonly string[];
  /** Who may see the admin page. */
  readonly sessions: AdminSessions;
  /** The page itself; null where there is none. */
  page: AdminPage | null;
  /** What counts by hour and day; null while the program starts. */
  series: Series | null;
  /** Whether the webhook listener can be reached; null while the program starts. */
  selfCheck: SelfCheck | null;
}

/** Whether all is well, the listener included. */
async function readinessOf(bridge: Bridge, { selfCheck }: LiveParts): Promise<Health> {
  const health = await bridge.readiness();
  return (selfCheck?.deafMs() ?? 0) > 0 ? withDeafListener(health) : health;
}

async function liveFacts(bridge: Bridge, parts: LiveParts): Promise<LiveFacts> {
  const { link, log, startedAtMs, listen, adminListen } = parts;
  const state = link.state();
  const bridges = bridge.bridges();
  const view = state.kind === "ready" ? await bridge.views.read(state.session.bootId) : null;
  return {
    startedAtMs,
    link: state,
    agent: view?.routing.defaultAgent ?? null,
    health: await readinessOf(bridge, parts),
    listen: listen === null ? null : addressText(listen),
    adminListen,
    troubles: log.troubles(),
    notes: parts.notes,
    ...(bridges === undefined ? {} : { bridges }),
  };
}

/** A link to the admin page; null where it has no address that a browser could open. */
function adminLink({ adminListen, sessions, page }: LiveParts, hosts: readonly string[]) {
  if (adminListen === null || adminListen.startsWith("/")) return null;
  page?.warm();
  const origin = `http://${adminListen}`;
  if (!isOwnName(new URL(origin).hostname)) return null;
  const path = `/enter?t=${sessions.link()}`;
  return { url: origin + path, tailnet: hosts.map((host) => `https://${host}${path}`) };
}

function daemonOperations(bridge: Bridge, running: LiveParts): OperationParts {
  const { clock, random, settings, twilio, instanceProof } = bridge.context;
  const probe = (): ProbeParts => ({
    settings: settings(),
    clock,
    random,
    twilio,
    withLink: (use) => use(running.link),
    request: publicRequest,
    instanceProof: (nonce) => Promise.resolve(instanceProof(nonce)),
    listen: running.listen ?? settings().bridge.listen,
  });
  const live = () => liveFacts(bridge, running);
  const say = async (account: string, to: string, text: string, texted?: Phone) =>
    !(await bridge.send({ account, to, text, texted }) instanceof Failure);
  const { send, takeUp } = bridge;
  return {
    store: bridge.asked,
    clock,
    random,
    settings,
    accounts: () => settings().accountChoice,
    live,
    uncounted: () => running.series?.since() ?? NO_COUNTS,
    probe,
    say,
    send,
    takeUp,
    refresh: (id) => pollMessage(bridge.context, id),
    adminLink: () => adminLink(running, settings().bridge.adminHosts),
  };
}

function fileDisk({ settings, random }: DaemonParts): FileDisk {
  return { spool: openSpool(settings.bridge.stateDir, random), read: readWorkspaceFile };
}

async function startControl(
  parts: DaemonParts,
  operations: OperationParts,
): Promise<ControlServer> {
  const control = await startControlServer({
    path: controlSocketPath(parts.settings.bridge.stateDir),
    routes: {
      "GET /v1/ping": () => ({ ok: true }),
      ...operationRoutes(operations),
      ...queryRoutes(operations),
    },
    takesRows: OPERATION_PATHS.importQueued,
    log: parts.log,
    clock: parts.clock,
  });
  if (control instanceof Failure) throw control;
  return control;
}

async function startAdmin(
  parts: DaemonParts,
  bridge: Bridge,
  operations: OperationParts,
  running: LiveParts,
): Promise<AdminServer | null> {
  const { sessions } = running;
  const { adminListen } = parts.settings.bridge;
  if (adminListen === null) return null;
  const asked = operationsOn(operations);
  const balances = createLatest(parts.clock, async () => {
    const told = await asked.ask("balance", {});
    if (told instanceof Failure) throw told;
    return told.balances;
  }, BALANCE_FRESH_MS);
  if (!("path" in adminListen)) {
    running.page = adminPageOver(asked, {
      ...parts,
      sessions,
      balances: balances.peek,
      tailnet() {
        const { adminHosts: hosts, adminUsers: users } = bridge.context.settings().bridge;
        return { hosts, users };
      },
    });
  }
  const accounts = () => bridge.context.settings().accounts.map(({ id }) => id);
  return await startAdminServer({
    listen: adminListen,
    health: () => ({ ok: true, reasons: [] }),
    readiness: () => readinessOf(bridge, running),
    metrics: async () =>
      await bridge.metrics() + renderMetrics([
        ...balanceMetrics(accounts(), balances.peek()),
        ...memoryMetrics(Deno.memoryUsage()),
      ]),
    page: running.page ?? undefined,
    log: parts.log,
    clock: parts.clock,
  });
}

function adminShown(settings: Settings, admin: AdminServer | null): string | null {
  const { adminListen } = settings.bridge;
  if (adminListen !== null && "path" in adminListen) return adminListen.path;
  return admin?.address ? addressText(admin.address) : null;
}

/** Opens the store, and joins those that share it. */
async function openFor(
  { settings: { bridge, accounts }, clock, random, log }: DaemonParts,
  startedAtMs: number,
): Promise<{ readonly store: Store; readonly sharing?: Sharing }> {
  if (!isShared(bridge)) return { store: await openStore(bridge.stateDir, { clock, random }) };
  await makeFolder(bridge.stateDir);
  const { store, run } = await openShared(bridge, { clock, random }, "bridge");
  const steadyMs = () => performance.now();
  const [url] = accounts.flatMap(({ publicWebhookUrl }) => publicWebhookUrl ?? []);
  const name = url === undefined ? addressText(bridge.listen) : new URL(url).host;
  const self = { run, version: VERSION, name, startedAtMs };
  try {
    const members = await joinMembers({ store, clock, steadyMs, log, self });
    const former = () => noteRun(bridge.stateDir, run);
    return { store, sharing: { store, run, former, steadyMs, members } };
  } catch (error) {
    store.close();
    throw error;
  }
}

/** The links to the Gateway: the one that stays, and those that are opened for what it may not do. */
function createLinks(
  { settings, clock, random, log }: DaemonParts,
  inForce: () => Settings,
  begin: Promise<void>,
) {
  const options = { version: VERSION, clock, random, log, begin };
  const asking = settings.bridge.ownerQuestions ? { scopes: ASKING_SCOPES } : {};
  const link = createLink({ ...options, ...settings.gateway, ...asking });
  const admin = () => ({ ...options, ...inForce().gateway, scopes: ["operator.admin"] });
  let questionLink: Link | undefined;
  return {
    link,
    openAdminLink: () => createLink(admin()),
    openQuestionLink() {
      // The first link tells of the Gateway's comings and goings.
      questionLink = createLink({ ...admin(), log: silentLog, caps: [APPROVALS_CAP] });
      return questionLink;
    },
    redirect(to: Settings["gateway"]): void {
      link.redirect(to);
      questionLink?.redirect(to);
    },
  };
}

/**
 * Starts everything: the store first, the listener last, so that whoever can reach us is answered.
 *
 * @throws {Failure} When another bridge holds the state directory.
 * @throws {StoreError} When the store cannot be used.
 */
export async function startDaemon(given: DaemonParts): Promise<Daemon> {
  const { settings, clock, random } = given;
  const log = rememberTroubles(given.log, clock);
  const parts = { ...given, log };
  const startedAtMs = clock.now();
  let current = settings;
  const { store, sharing } = await openFor(parts, startedAtMs);
  const undo: (() => Promise<void> | void)[] = [() => store.close()];
  try {
    // What must be done to hear comes first: the Gateway is called when the listener stands.
    const listening = Promise.withResolvers<void>();
    const begin = listening.promise;
    const { redirect, ...links } = createLinks(parts, () => current, begin);
    const { link } = links;
    undo.push(() => link.close());
    const bridge = await createBridge({
      settings: () => current,
      store,
      sharing,
      clock,
      random,
      log,
      ...links,
      files: fileDisk(parts),
      twilio: twilioClients({ settings: () => current, clock, random }),
    });
    undo.push(() => running.series?.ended);
    undo.push(() => bridge.stop());
    const sessions = createAdminSessions(clock, random);
    const listens = { listen: null, adminListen: null, page: null, series: null, selfCheck: null };
    const running: LiveParts = { link, log, startedAtMs, sessions, notes: [], ...listens };
    const operations = daemonOperations(bridge, running);
    const identity = identityOf(bridge.context.store);
    identity.catch(() => {});
    const control = await startControl(parts, operations);
    undo.push(() => control.shutdown());
    const admin = await startAdmin(parts, bridge, operations, running);
    running.adminListen = adminShown(settings, admin);
    undo.push(() => admin?.shutdown());
    // What waits comes first: a text that arrives now must not overtake it.
    await bridge.start();
    const isUp = () => bridge.answers() ? link.state().kind === "ready" : null;
    running.series = startSeries(bridge.context, isUp);
    const server = await startWebhookServer({
      listen: settings.bridge.listen,
      routeFor: bridge.routeFor,
      contentFor: bridge.contentFor,
      onAnswer: bridge.onAnswer,
      clock,
      log,
      ...given.connectionsMax && { limits: { connectionsMax: given.connectionsMax } },
    });
    undo.push(() => server.shutdown());
    running.listen = server.address;
    const tool = openToolNode(bridge, await identity, settings, begin);
    undo.push(() => tool.close());
    const selfCheck = startSelfCheck({ listener: server, clock, log });
    running.selfCheck = selfCheck;
    undo.push(() => selfCheck.stop());
    // After it has been told that it listens.
    const call = setTimeout(listening.resolve, 0);
    undo.push(() => clearTimeout(call));
    return {
      bridge,
      link,
      address: server.address,
      adminAddress: admin?.address ?? null,
      reload(next) {
        const fixed = RESTART_SETTINGS.filter((key) =>
          JSON.stringify(next.bridge[key]) !== JSON.stringify(settings.bridge[key])
        );
        current = next;
        redirect(next.gateway);
        tool.follow(next);
        return fixed;
      },
      standing: (notes) => void (running.notes = notes),
      hears: () => selfCheck.deafMs() < DEAF_MS_MAX,
      stop: () => unwind(undo),
    };
  } catch (error) {
    await unwind(undo);
    throw error;
  }
}

async function unwind(undo: (() => Promise<void> | void)[]): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}
