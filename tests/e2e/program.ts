/**
 * The real program as a subprocess, with a fake Twilio and a fake Gateway on loopback.
 *
 * `SMS_BRIDGE_BIN` names a compiled executable to test; without it the source is run. With
 * `SMS_BRIDGE_TEST_STORE=denokv` each world's rows are in a `denokv` of its own rather than in a file.
 */
import {
  type FakeGateway,
  type FakeGatewayOptions,
  startFakeGateway,
} from "../../src/sim/gateway.ts";
import { type FakeTwilio, type FakeTwilioOptions, startFakeTwilio } from "../../src/sim/twilio.ts";

import { PERMISSIONS } from "../../scripts/permissions.ts";
import { V8_FLAGS } from "../../scripts/v8_flags.ts";
import { denokvProgram, type RealEngine, startDenokv } from "../store/connect/real_engine.ts";

/** Where this version of the program is. */
export const ROOT = new URL("../../", import.meta.url).pathname;
const PUBLIC_URL = "https://sms.example.com/webhooks/sms";
const TOKEN = "test-token";

/** The words that run the program. */
export function programWords(root = ROOT): [program: string, ...before: string[]] {
  const binary = Deno.env.get("SMS_BRIDGE_BIN");
  return binary === undefined || root !== ROOT
    ? [Deno.execPath(), "run", "--quiet", "--no-prompt", V8_FLAGS, ...PERMISSIONS, `${root}main.ts`]
    : [binary];
}

/** A command line of the program, ready to be run. */
export function programCommand(
  args: readonly string[],
  env: Record<string, string>,
  root = ROOT,
): Deno.Command {
  const [program, ...before] = programWords(root);
  return new Deno.Command(program, {
    args: [...before, ...args],
    env,
    cwd: root,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** Waits until something holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A running `serve`. */
export interface Program {
  readonly port: number;
  /** `ADDRESS:PORT` of the admin listener. */
  readonly admin: string;
  readonly pid: number;
  /** Everything it logged so far, one event each. */
  readonly events: readonly Record<string, unknown>[];
  /** Everything it wrote to stderr so far. */
  stderr(): string;
  /** Waits for an event of this name that fits. */
  event(name: string, fits?: (event: Record<string, unknown>) => boolean): Promise<void>;
  /** Sends a signal and waits for the end. */
  end(signal: Deno.Signal): Promise<Deno.CommandStatus>;
}

/** Fakes, a state directory, and the means to run the program between them. */
export interface World extends AsyncDisposable {
  readonly twilio: FakeTwilio;
  readonly gateway: FakeGateway;
  readonly stateDir: string;
  readonly env: Record<string, string>;
  /** Starts `serve` and waits until it listens; Twilio's webhooks go to it from then on. */
  serve(more?: Record<string, string>, word?: string, root?: string): Promise<Program>;
  /** Runs a command to its end. */
  run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
}

/** The lines of a stream of text. */
export async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
  if (rest !== "") yield rest;
}

/** Starts `serve` with these variables and waits until it listens. */
export async function startProgram(
  env: Record<string, string>,
  word = "serve",
  root = ROOT,
): Promise<Program> {
  const child = programCommand([word, "--log-format", "json"], env, root).spawn();
  const events: Record<string, unknown>[] = [];
  let text = "";
  let ended = false;
  let heard = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const line of lines(child.stderr)) {
      text += `${line}\n`;
      try {
        events.push(JSON.parse(line));
      } catch {
        // Not an event: an error for a person, kept in `text`.
      }
      heard.resolve();
      heard = Promise.withResolvers();
    }
    // Its last word: whoever waits for an event must not wait for its exit code as well.
    ended = true;
    heard.resolve();
  })();
  const draining = child.stdout.pipeTo(new WritableStream());
  const status = child.status.then((value) => (ended = true, value));
  async function event(name: string, fits = (_: Record<string, unknown>) => true): Promise<void> {
    const deadline = setTimeout(
      () => heard.reject(new Error(`no event ${name}:\n${text}`)),
      20_000,
    );
    try {
      while (!events.some((one) => one.event === name && fits(one))) {
        if (ended) throw new Error(`the program ended before ${name}:\n${text}`);
        await heard.promise;
      }
    } finally {
      clearTimeout(deadline);
    }
  }
  await event("serve.listening");
  const listening = events.find((one) => one.event === "serve.listening")!;
  return {
    port: Number(String(listening.address).split(":").at(-1)),
    admin: String(listening.admin),
    pid: child.pid,
    events,
    stderr: () => text,
    event,
    async end(signal) {
      child.kill(signal);
      const value = await status;
      await Promise.all([reading, draining]);
      return value;
    },
  };
}

/** Where a world's rows are; null in a file of its state directory. */
async function startStore(): Promise<RealEngine | null> {
  const wanted = Deno.env.get("SMS_BRIDGE_TEST_STORE");
  if (wanted === undefined) return null;
  const program = denokvProgram();
  if (wanted !== "denokv" || program === null) {
    throw new Error(
      `Cannot test on the store ${wanted}: it is not denokv, or no denokv is installed`,
    );
  }
  return await startDenokv(program);
}

const ANSWERS_MS_MAX = 3_000;

/** Waits until a bridge whose store is shared answers: it asks the Gateway for runs of jobs last. */
async function answers(program: Program, gateway: FakeGateway, asked: number): Promise<void> {
  await program.event("lease.taken");
  // Where the Gateway is away, or shows nobody its jobs, it does not ask.
  const untilMs = performance.now() + ANSWERS_MS_MAX;
  await until(() => asksForRuns(gateway) > asked || performance.now() > untilMs);
}

const asksForRuns = ({ requests }: FakeGateway) =>
  requests.filter((method) => method === "cron.runs").length;

/** Makes a world; everything in it is gone at the end of the block that uses it. */
export async function createWorld(
  gatewayOptions: Partial<FakeGatewayOptions> = {},
  twilioOptions: FakeTwilioOptions = {},
): Promise<World> {
  const stateDir = await Deno.makeTempDir({ prefix: "sms-bridge-e2e-" });
  const twilio = startFakeTwilio(twilioOptions);
  const gateway = startFakeGateway({ token: TOKEN, ...gatewayOptions });
  const programs: Program[] = [];
  const store = await startStore();
  const env = {
    ...(store && { SMS_BRIDGE_STORE: store.url, SMS_BRIDGE_STORE_TOKEN: store.token }),
    TWILIO_ACCOUNT_SID: twilio.accountSid,
    TWILIO_AUTH_TOKEN: twilio.authToken,
    TWILIO_PHONE_NUMBER: twilio.account.numbers[0]!.phoneNumber,
    SMS_PUBLIC_WEBHOOK_URL: PUBLIC_URL,
    SMS_BRIDGE_GATEWAY_URL: gateway.url,
    SMS_BRIDGE_GATEWAY_TOKEN: TOKEN,
    SMS_BRIDGE_LISTEN: "127.0.0.1:0",
    SMS_BRIDGE_ADMIN_LISTEN: "127.0.0.1:0",
    SMS_BRIDGE_BURST_WINDOW_MS: "0",
    SMS_BRIDGE_STATE_DIR: stateDir,
    SMS_BRIDGE_TWILIO_API_URL: twilio.url,
  };
  return {
    twilio,
    gateway,
    stateDir,
    env,
    async serve(more = {}, word = "serve", root = ROOT) {
      const asked = asksForRuns(gateway);
      const program = await startProgram({ ...env, ...more }, word, root);
      programs.push(program);
      twilio.connectWebhook({
        publicUrl: PUBLIC_URL,
        targetUrl: `http://127.0.0.1:${program.port}/webhooks/sms`,
      });
      const isShared = store !== null && env.SMS_BRIDGE_STORE === store.url;
      if (isShared) await answers(program, gateway, asked);
      return program;
    },
    async run(...args) {
      const output = await programCommand(args, env).output();
      const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      return { code: output.code, stdout: decode(output.stdout), stderr: decode(output.stderr) };
    },
    async [Symbol.asyncDispose]() {
      for (const program of programs) await program.end("SIGKILL").catch(() => {});
      await gateway.close();
      await twilio.close();
      await store?.[Symbol.asyncDispose]();
      await Deno.remove(stateDir, { recursive: true });
    },
  };
}
