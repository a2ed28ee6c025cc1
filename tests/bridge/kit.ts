/**
 * A bridge for tests: the real conversation and delivery over a store in memory and a simulated clock,
 * with an agent and a Twilio that the test answers for.
 */
import type { Agent, AgentTurn } from "../../src/turn/agent.ts";
import type { BridgeContext } from "../../src/bridge/context.ts";
import { type Converser, createConverser } from "../../src/turn/converse.ts";
import { createDeliverer, type Deliverer } from "../../src/outbound/deliver.ts";
import { type Answers, createDoor } from "../../src/inbound/door.ts";
import { createOutgoingFiles } from "../../src/outbound/outgoing_files.ts";
import { allow } from "../../src/people/pairing_book.ts";
import { createInstanceProof } from "../../src/twilio/probe_form.ts";
import { createTogether } from "../../src/bridge/together.ts";
import { createRush } from "../../src/bridge/rush.ts";
import { createTally } from "../../src/bridge/tally.ts";
import { loadSettings } from "../../src/config/load.ts";
import type { AccountSettings, BridgeSettings, Settings } from "../../src/config/settings.ts";
import type { TurnOutcome } from "../../src/gateway/turn.ts";
import { type IntakeParts, takeText } from "../../src/inbound/intake.ts";
import { parseSender, type Phone } from "../../src/policy/phone.ts";
import type { InboundMessage } from "../../src/twilio/inbound.ts";
import { createSimClock, type SimClock } from "../../src/sim/clock.ts";
import { allowedKey } from "../../src/store/allowed_row.ts";
import type { InboxRow } from "../../src/store/inbox_row.ts";
import { openInboxWriter } from "../../src/store/inbox.ts";
import { createSequence } from "../../src/store/keys.ts";
import type { Store } from "../../src/store/kv.ts";
import { followingStore } from "../../src/store/follow.ts";
import { createLog } from "../../src/system/log.ts";
import { seededRandom } from "../../src/system/random.ts";
import type { AlertRecord } from "../../src/twilio/records.ts";
import type { OutgoingMessage, SendOutcome, TwilioClient } from "../../src/twilio/rest.ts";
import { inboxRow } from "../store/inbox_rows.ts";
import { createDisk, noDisk, openDisk } from "../simulation/memory_store.ts";

/** Somebody who is let in. */
export const ANN = "+12025550101" as Phone;

/** The parts of a test's bridge, and what happened to them. */
export interface Kit extends AsyncDisposable {
  readonly clock: SimClock;
  readonly store: Store;
  readonly context: BridgeContext;
  readonly converser: Converser;
  readonly deliverer: Deliverer;
  /** Turns the agent was asked for. */
  readonly turns: AgentTurn[];
  /** Messages Twilio was asked to send. */
  readonly sent: OutgoingMessage[];
  readonly logged: string[];
  /** Whether the Gateway is there. */
  setReady(ready: boolean): void;
  /** Stores a text and wakes its lane. */
  text(text: string, from?: Phone, more?: Partial<InboxRow>): Promise<InboxRow>;
  /** Takes a text in as its webhook would bring it, or as catch-up would find it. */
  take(text: string, more?: Partial<InboundMessage>, recovered?: boolean): Promise<string>;
  /** What intake and catch-up work with. */
  readonly intake: IntakeParts;
  /** Lets time pass until nothing is due any more. */
  rest(durationMs?: number): Promise<void>;
}

/** What a test answers for. */
export interface KitOptions {
  readonly turn?: (turn: AgentTurn) => Promise<TurnOutcome> | TurnOutcome;
  readonly send?: (message: OutgoingMessage, count: number) => SendOutcome;
  readonly listMessages?: TwilioClient["listMessages"];
  readonly fetchMessage?: TwilioClient["fetchMessage"];
  /** Numbers of the account's Messaging Service. */
  readonly serviceNumbers?: readonly string[];
  readonly listMedia?: TwilioClient["listMedia"];
  /** What Twilio could not deliver. */
  readonly alerts?: readonly AlertRecord[];
  readonly bridge?: Partial<Omit<BridgeSettings, "limits">> & {
    readonly limits?: Partial<BridgeSettings["limits"]>;
  };
  readonly account?: Partial<AccountSettings> | undefined;
  /** The Gateway's own `commands.ownerAllowFrom`. */
  readonly gatewayOwners?: readonly string[];
  /** Whether senders are owners. */
  readonly owner?: boolean;
  /** What takes owners' answers to the agent's questions. */
  readonly answers?: Answers;
}

async function settingsWith({ bridge = {}, account = {} }: KitOptions): Promise<Settings> {
  const values: Record<string, string> = {
    TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
    TWILIO_AUTH_TOKEN: "token",
    TWILIO_PHONE_NUMBER: "+12025550123",
    SMS_PUBLIC_WEBHOOK_URL: "https://sms.example.com/webhooks/sms",
    SMS_BRIDGE_GATEWAY_TOKEN: "token",
    SMS_BRIDGE_BURST_WINDOW_MS: "0",
  };
  const loaded = await loadSettings({ env: (name) => values[name], home: "/nowhere" });
  if (loaded.settings === null) throw new Error(JSON.stringify(loaded.problems));
  const { settings } = loaded;
  const accounts = settings.accounts.map((one) => ({ ...one, ...account }));
  const limits = { ...settings.bridge.limits, ...bridge.limits };
  return { ...settings, accounts, bridge: { ...settings.bridge, ...bridge, limits } };
}

/** An answer with this text. */
export function replied(text: string): TurnOutcome {
  return { kind: "reply", payloads: [{ text, mediaUrls: [] }] };
}

/** Twilio has taken it. */
export function accepted(number: number): SendOutcome {
  const sid = `SM${number.toString(16).padStart(32, "0")}`;
  return { kind: "sent", sid, status: "queued", segments: 1, errorCode: null };
}

function agentOf(
  options: KitOptions,
  store: Store,
  turns: AgentTurn[],
  ready: () => boolean,
): Agent {
  const turn = options.turn ?? ((one) => replied(`echo: ${one.row.text}`));
  return {
    isReady: ready,
    async isOwner({ id }, phone, look = store) {
      await look.get(allowedKey(id, phone));
      return options.owner ?? false;
    },
    ready: (signal) =>
      ready() || signal.aborted
        ? Promise.resolve()
        : new Promise((resolve) =>
          signal.addEventListener("abort", () => resolve(), { once: true })
        ),
    async turn(one) {
      await one.onStarting({ bootId: "boot-1" });
      turns.push(one);
      return await turn(one);
    },
  };
}

/** Makes a bridge in which {@linkcode ANN} is let in. */
export async function createKit(options: KitOptions = {}): Promise<Kit> {
  const clock = createSimClock();
  const random = seededRandom(1);
  // In memory and without I/O: what a test waits for comes to rest with the simulated clock.
  const store = openDisk(createDisk(), () => "none", () => {});
  const settings = await settingsWith(options);
  const turns: AgentTurn[] = [];
  const sent: OutgoingMessage[] = [];
  const logged: string[] = [];
  const stop = new AbortController();
  let ready = true;
  const twilio = {
    sendMessage(message: OutgoingMessage) {
      sent.push(message);
      return Promise.resolve(
        (options.send ?? ((_, count) => accepted(count)))(message, sent.length),
      );
    },
    listMessages: options.listMessages ?? async function* () {},
    fetchMessage: options.fetchMessage,
    listServiceNumbers: () => Promise.resolve({ kind: "ok", value: options.serviceNumbers ?? [] }),
    listMedia: options.listMedia,
    listAlerts: () => Promise.resolve({ kind: "ok", value: options.alerts ?? [] }),
    mediaUrl: (message: string, media: string) => `https://api.twilio.com/${message}/${media}`,
  } as unknown as TwilioClient;
  const write = (line: string) => void logged.push(line);
  const context: BridgeContext = {
    settings: () => settings,
    store: followingStore(store),
    sequence: createSequence(clock),
    clock,
    random,
    log: createLog({ clock, format: "text", level: "debug", colour: false, write }),
    tally: createTally(),
    instanceProof: createInstanceProof(random.bytes),
    twilio: () => twilio,
    gatewayOwners: () => options.gatewayOwners ?? [],
    holds: () => true,
    together: createTogether(),
    rush: createRush(clock, stop.signal),
    clockSkewMs: 60_000,
    stopping: stop.signal,
  };
  const files = createOutgoingFiles(context, noDisk);
  const deliverer = createDeliverer(context, files);
  const door = createDoor(
    context,
    deliverer,
    options.answers ?? { unclear: () => null, take: () => {} },
  );
  const agent = agentOf(options, store, turns, () => ready);
  const converser = createConverser(context, { agent, door, deliverer, files });
  const inbox = await openInboxWriter(store);
  await allow({ store, clock, random }, "default", ANN);
  const intake: IntakeParts = { context, inbox, door, converser, wakeMessage: deliverer.wake };
  const account = settings.accounts[0]!;
  return {
    clock,
    store,
    context,
    converser,
    deliverer,
    turns,
    sent,
    logged,
    setReady: (value) => (ready = value),
    intake,
    take(text, more = {}, recovered = false) {
      const from = more.from ?? ANN;
      const inbound: InboundMessage = {
        kind: "message",
        messageSid: `SM${context.sequence.next().toString(16).padStart(32, "0")}`,
        accountSid: account.accountSid,
        from,
        sender: parseSender(from),
        to: "+12025550123",
        text,
        numMedia: more.media?.length ?? 0,
        media: [],
        segments: 1,
        ...more,
      };
      return takeText(intake, account, inbound, recovered);
    },
    async text(text, from = ANN, more = {}) {
      const id = context.sequence.next();
      const row = inboxRow({
        id,
        accountSid: settings.accounts[0]!.accountSid,
        messageSid: `SM${id}`,
        from,
        text,
        receivedAtMs: clock.now(),
        ...more,
      });
      await inbox.add(row);
      converser.wake(row);
      return row;
    },
    rest: (durationMs = 0) => clock.advance(durationMs),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all([converser.idle(), deliverer.idle()]);
      store.close();
    },
  };
}
