/**
 * The crash harness: the real program on a real file, killed with SIGKILL at random instants while
 * people text and the fakes fail, and started again. In the end everything must have been answered once.
 */
import { type FakeGateway, startFakeGateway } from "../../src/sim/gateway.ts";
import type { Plan } from "../../src/sim/gateway_replies.ts";
import { type FakeTwilio, startFakeTwilio } from "../../src/sim/twilio.ts";
import type { Fault } from "../../src/sim/twilio_faults.ts";
import { type Random, seededRandom } from "../../src/system/random.ts";
import { lines, programCommand } from "../e2e/program.ts";
import { check, type Expected } from "../simulation/checker.ts";
import type { PlannedText } from "../simulation/scenario.ts";

/** How the harness is run. */
export interface CrashOptions {
  readonly kills: number;
  readonly seed: number;
  /** Called after each kill. */
  readonly onKill?: (count: number) => void;
}

/** What came of it. */
export interface CrashReport {
  readonly texts: number;
  /** Texts that Twilio got a 200 for. */
  readonly acknowledged: number;
  /** SMS that Twilio took. */
  readonly messages: number;
  readonly gatewayRestarts: number;
  /** What was not as promised. */
  readonly findings: readonly string[];
}

const PHONES = 200;
/** More would pile up in Twilio's list while the program is down. */
const TEXTS_PER_LIFE = 4;
const TOKEN = "test-token";
const PUBLIC_URL = "https://sms.example.com/webhooks/sms";
/** Long enough that some lives answer many texts, short enough that some die while they start. */
const LIFE_MS_MAX = 1_400;
const PAUSE_MS_MAX = 200;
const RECOVER_AFTER_MS = 200;
/** More than the grace of a send whose fate is unknown. */
const DRAIN_MS_MAX = 300_000;
const LOOK_MS = 2_000;
const FAULTS: readonly Fault[] = [
  { kind: "status", status: 429, code: 20429, headers: { "retry-after": "1" } },
  { kind: "status", status: 500 },
  { kind: "html", status: 502 },
  { kind: "reset-before" },
  { kind: "reset-after" },
  { kind: "cut-after" },
  { kind: "no-sid-after" },
];
const FILLER = "word ".repeat(30).trim();

/** What a run is made of. */
export interface Rig {
  readonly random: Random;
  readonly twilio: FakeTwilio;
  readonly gateway: FakeGateway;
  readonly env: Record<string, string>;
  readonly texts: PlannedText[];
  readonly logged: string[];
  readonly acknowledgedAtMs: Map<string, number>;
  lives: number;
  /** Whether the program listens, as far as is known. */
  up: boolean;
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A port that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function phone(who: number): string {
  return `+12025551${100 + who}`;
}

function planText(random: Random, who: number, count: number): PlannedText {
  const token = `q${who}x${count}`;
  const pieces = random.below(3) === 0 ? 2 + random.below(3) : 1;
  const marks = Array.from({ length: pieces }, (_, i) => `a${token}.${i + 1}`);
  const text = marks.map((mark) => `${mark} ${pieces > 1 ? FILLER : "fine"}`).join("\n\n");
  const plan: Plan = { text, mediaUrls: [], delayMs: random.below(400), failure: null };
  return { token, from: phone(who), atMs: 0, againAfterMs: null, webhookLost: false, marks, plan };
}

/** Makes the fakes, and the settings between them. */
export function createRig(stateDir: string, seed: number): Rig {
  const random = seededRandom(seed);
  const texts: PlannedText[] = [];
  const twilio = startFakeTwilio({ random: seededRandom(seed + 1) });
  const planFor = (message: string) =>
    texts.find(({ token }) => message.match(/q\d+x\d+/)?.[0] === token)!.plan;
  const gateway = startFakeGateway({
    token: TOKEN,
    respond: planFor,
    recoverAfterMs: RECOVER_AFTER_MS,
  });
  const port = freePort();
  const targetUrl = `http://127.0.0.1:${port}/webhooks/sms`;
  twilio.connectWebhook({ publicUrl: `${PUBLIC_URL}#rc=3&rp=all`, targetUrl });
  const env = {
    TWILIO_ACCOUNT_SID: twilio.accountSid,
    TWILIO_AUTH_TOKEN: twilio.authToken,
    TWILIO_PHONE_NUMBER: twilio.account.numbers[0]!.phoneNumber,
    SMS_PUBLIC_WEBHOOK_URL: PUBLIC_URL,
    SMS_TEXT_CHUNK_LIMIT: "320",
    SMS_ALLOWED_USERS: Array.from({ length: PHONES }, (_, who) => phone(who)).join(","),
    SMS_BRIDGE_GATEWAY_URL: gateway.url,
    SMS_BRIDGE_GATEWAY_TOKEN: TOKEN,
    SMS_BRIDGE_LISTEN: `127.0.0.1:${port}`,
    SMS_BRIDGE_ADMIN_LISTEN: "off",
    SMS_BRIDGE_BURST_WINDOW_MS: "0",
    SMS_BRIDGE_MESSAGES_PER_SECOND: "50",
    SMS_BRIDGE_SEGMENTS_PER_SENDER_HOUR_MAX: "0",
    SMS_BRIDGE_SEGMENTS_PER_DAY_MAX: "0",
    SMS_BRIDGE_REPLIES_PER_SENDER_MINUTE_MAX: "0",
    SMS_BRIDGE_STATE_DIR: stateDir,
    SMS_BRIDGE_TWILIO_API_URL: twilio.url,
  };
  return {
    random,
    twilio,
    gateway,
    env,
    texts,
    logged: [],
    acknowledgedAtMs: new Map(),
    lives: 0,
    up: false,
  };
}

/** One life of the program. */
function launch(rig: Rig) {
  const { env, logged } = rig;
  rig.lives++;
  const child = programCommand(["serve", "--log-format", "json"], env).spawn();
  const listening = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const line of lines(child.stderr)) {
      logged.push(line);
      if (!line.includes('"serve.listening"')) continue;
      rig.up = true;
      listening.resolve();
    }
    listening.resolve();
  })();
  const draining = child.stdout.pipeTo(new WritableStream());
  return {
    listening: listening.promise,
    async end(signal: Deno.Signal): Promise<number> {
      child.kill(signal);
      const { code } = await child.status;
      rig.up = false;
      await Promise.all([reading, draining]);
      return code;
    },
  };
}

async function textOnce({ twilio, acknowledgedAtMs }: Rig, planned: PlannedText): Promise<void> {
  const text = { from: planned.from, text: `${planned.token} please` };
  const { ok, messageSid } = await twilio.inbound(text);
  if (ok) acknowledgedAtMs.set(messageSid, Date.now());
}

/** Sends texts until `isOver`, a few a second: a person's second comes when the first has left. */
export async function text(rig: Rig, isOver: () => boolean): Promise<void> {
  const { random, texts } = rig;
  const counts = new Map<number, number>();
  const underWay: Promise<unknown>[] = [];
  while (!isOver()) {
    await sleep(random.below(PAUSE_MS_MAX));
    if (texts.length >= rig.lives * TEXTS_PER_LIFE) continue;
    // Most texts come while the program listens, some while it is down or starts. What lies before the
    // first start is not looked for.
    if (!rig.up && (rig.lives <= 1 || random.below(8) > 0)) continue;
    const who = random.below(PHONES);
    const count = counts.get(who) ?? 0;
    counts.set(who, count + 1);
    const planned = planText(random, who, count);
    texts.push(planned);
    underWay.push(textOnce(rig, planned));
  }
  await Promise.all(underWay);
}

async function killAgainAndAgain(rig: Rig, { kills, onKill }: CrashOptions): Promise<number> {
  const { random, twilio } = rig;
  let gatewayRestarts = 0;
  for (let count = 1; count <= kills; count++) {
    const life = launch(rig);
    if (random.below(3) === 0) {
      twilio.faults.next(FAULTS[random.below(FAULTS.length)]!);
    }
    // The first comes up; of the others some die at any instant, most while they work.
    if (random.below(3) > 0 || count === 1) await life.listening;
    await sleep(random.below(LIFE_MS_MAX));
    if (random.below(8) === 0) {
      rig.gateway.restart(random.below(300));
      gatewayRestarts++;
      await sleep(random.below(100));
    }
    await life.end("SIGKILL");
    onKill?.(count);
  }
  return gatewayRestarts;
}

/** What was not as promised. */
export function findingsOf(rig: Rig): string[] {
  const { twilio, gateway, texts, logged, acknowledgedAtMs } = rig;
  const expected: Expected = {
    admittedAtMs: null,
    choices: [],
    loop: null,
    phones: Array.from({ length: PHONES }, (_, who) => phone(who)),
    stranger: "+12025550199",
    texts,
    recoverAfterMs: RECOVER_AFTER_MS,
  };
  const { messages } = twilio;
  const { turns, interrupted } = gateway.sessions;
  const takenLate = new Set<string>();
  return check({ messages, acknowledgedAtMs, takenLate, turns, interrupted, logged }, expected);
}

/** What must not be there of what the program still has in its queues. */
export function leftOf(
  items: readonly { readonly queue: string; readonly state: string }[],
): string[] {
  // A notice that somebody waits is given up once they have been answered: that is no text of theirs.
  return items.filter(({ queue, state }) => queue !== "dead" || state !== "stale")
    .map(({ queue, state }) => `the ${queue} still holds a row: ${state}`);
}

/** The same, as the program tells. */
export async function leftInQueues({ env }: Pick<Rig, "env">): Promise<string[]> {
  const { stdout } = await programCommand(["queue", "list", "--json"], env).output();
  return leftOf(JSON.parse(new TextDecoder().decode(stdout)).items);
}

/** Waits until everything has been answered, or for as long as it may take. */
export async function drain(rig: Rig): Promise<void> {
  rig.twilio.faults.clear();
  const untilMs = Date.now() + DRAIN_MS_MAX;
  while (Date.now() < untilMs) {
    await sleep(LOOK_MS);
    // The check takes seconds when much has happened, in which the fakes answer nobody.
    if ((await leftInQueues(rig)).length === 0 && findingsOf(rig).length === 0) return;
  }
}

/** Runs the harness. */
export async function crash(options: CrashOptions): Promise<CrashReport> {
  const stateDir = await Deno.makeTempDir({ prefix: "sms-bridge-crash-" });
  const rig = createRig(stateDir, options.seed);
  const { twilio, gateway, texts } = rig;
  try {
    let over = false;
    const texting = text(rig, () => over);
    const gatewayRestarts = await killAgainAndAgain(rig, options);
    over = true;
    await texting;
    const last = launch(rig);
    await last.listening;
    await drain(rig);
    const code = await last.end("SIGTERM");
    const findings = [
      ...findingsOf(rig),
      ...await leftInQueues(rig),
      ...code === 0 ? [] : [`the program ended with ${code}`],
    ];
    const acknowledged = rig.acknowledgedAtMs.size;
    const messages = twilio.messages.filter(({ direction }) => direction !== "inbound").length;
    return { texts: texts.length, acknowledged, messages, gatewayRestarts, findings };
  } finally {
    await gateway.close();
    await twilio.close();
    await Deno.remove(stateDir, { recursive: true });
  }
}
