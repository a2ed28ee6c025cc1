/**
 * The running program: the bridge with its store, its link, its listener and its control socket.
 * `serve` and `demo` are this same wiring.
 *
 * @module
 */
import { operationRoutes, operationsOn, queryRoutes } from "../bridge/operations.ts";
import { pollMessage } from "../bridge/report_poll.ts";
import { type Bridge, createBridge } from "../bridge/service.ts";
import type { AccountSettings, Settings } from "../config/settings.ts";
import { createLink, type Link } from "../gateway/link.ts";
import { type AdminServer, startAdminServer } from "../server/admin.ts";
import { type ControlServer, startControlServer } from "../server/control.ts";
import type { Address } from "../server/listen.ts";
import { startWebhookServer } from "../server/webhook.ts";
import { openStore } from "../store/kv.ts";
import type { Clock } from "../system/clock.ts";
import { Failure } from "../system/failure.ts";
import { TWILIO_REQUEST_TIMEOUT_MS } from "../system/limits.ts";
import type { Log } from "../system/log.ts";
import type { Random } from "../system/random.ts";
import { VERSION } from "../system/version.ts";
import { createTwilio, type TwilioClient } from "../twilio/rest.ts";
import { controlSocketPath } from "./operations_client.ts";

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
  /** Takes nothing new, lets what is under way end, and closes everything. */
  stop(): Promise<void>;
}

/** What the program needs of the world. */
export interface DaemonParts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Settings that only a new start can change. */
const RESTART_SETTINGS = ["listen", "adminListen", "stateDir", "logFormat", "logLevel"] as const;

/** One client for each set of credentials, made when it is first needed. */
export function twilioClients(
  settings: () => Settings,
  { clock, random }: Pick<DaemonParts, "clock" | "random">,
) {
  const clients = new Map<string, TwilioClient>();
  return (account: AccountSettings): TwilioClient => {
    const username = account.apiKeySid ?? account.accountSid;
    const password = account.apiKeySecret ?? account.authToken;
    const baseUrl = settings().bridge.twilioApiUrl;
    const { accountSid, region, edge } = account;
    const name = JSON.stringify([accountSid, username, password, baseUrl, region, edge]);
    const known = clients.get(name);
    if (known !== undefined) return known;
    const client = createTwilio({
      accountSid,
      username,
      password,
      baseUrl,
      region,
      edge,
      timeoutMs: TWILIO_REQUEST_TIMEOUT_MS,
      clock,
      random,
    });
    clients.set(name, client);
    return client;
  };
}

async function startControl(parts: DaemonParts, bridge: Bridge): Promise<ControlServer> {
  const { store, clock, random } = bridge.context;
  const say = async (account: string, to: string, text: string) =>
    !(await bridge.send({ account, to, text }) instanceof Failure);
  const operations = operationsOn({
    store,
    clock,
    random,
    say,
    send: bridge.send,
    refresh: (id) => pollMessage(bridge.context, id),
    live: bridge.live,
  });
  const control = await startControlServer({
    path: controlSocketPath(parts.settings.bridge.stateDir),
    routes: {
      "GET /v1/ping": () => ({ ok: true }),
      ...operationRoutes(operations),
      ...queryRoutes(operations),
    },
    log: parts.log,
  });
  if (control instanceof Failure) throw control;
  return control;
}

async function startAdmin(parts: DaemonParts, bridge: Bridge): Promise<AdminServer | null> {
  const { adminListen } = parts.settings.bridge;
  if (adminListen === null) return null;
  return await startAdminServer({
    listen: adminListen,
    health: () => ({ ok: true, reasons: [] }),
    readiness: bridge.readiness,
    metrics: bridge.metrics,
    log: parts.log,
  });
}

/**
 * Starts everything: the store first, the listener last, so that whoever can reach us is answered.
 *
 * @throws {Failure} When another bridge holds the state directory.
 * @throws {StoreError} When the store cannot be used.
 */
export async function startDaemon(parts: DaemonParts): Promise<Daemon> {
  const { settings, clock, random, log } = parts;
  let current = settings;
  const store = await openStore(settings.bridge.stateDir, { clock, random });
  const undo: (() => Promise<void> | void)[] = [() => store.close()];
  try {
    const linkOptions = { ...settings.gateway, version: VERSION, clock, random, log };
    const link = createLink(linkOptions);
    undo.push(() => link.close());
    const bridge = await createBridge({
      settings: () => current,
      store,
      clock,
      random,
      log,
      link,
      openAdminLink: () =>
        createLink({ ...linkOptions, ...current.gateway, scopes: ["operator.admin"] }),
      twilio: twilioClients(() => current, parts),
    });
    undo.push(() => bridge.stop());
    const control = await startControl(parts, bridge);
    undo.push(() => control.shutdown());
    const admin = await startAdmin(parts, bridge);
    undo.push(() => admin?.shutdown());
    // What waits comes first: a text that arrives now must not overtake it.
    await bridge.start();
    const server = await startWebhookServer({
      listen: settings.bridge.listen,
      routeFor: bridge.routeFor,
      onAnswer: bridge.onAnswer,
      clock,
      log,
    });
    undo.push(() => server.shutdown());
    const adminAddress = admin?.address ?? null;
    return {
      bridge,
      link,
      address: server.address,
      adminAddress,
      reload(next) {
        const fixed = RESTART_SETTINGS.filter((key) =>
          JSON.stringify(next.bridge[key]) !== JSON.stringify(current.bridge[key])
        );
        current = next;
        link.redirect(next.gateway);
        return fixed;
      },
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
