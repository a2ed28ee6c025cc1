/**
 * A bridge between a fake Twilio and a fake Gateway in this process, and commands run against it.
 *
 * @module
 */
import type { ExitCode } from "../../src/cli/command.ts";
import { type Daemon, startDaemon } from "../../src/daemon/daemon.ts";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { runCli } from "../../src/cli/run.ts";
import { loadSettings } from "../../src/config/load.ts";
import {
  type FakeGateway,
  type FakeGatewayOptions,
  startFakeGateway,
} from "../../src/sim/gateway.ts";
import { type FakeTwilio, type FakeTwilioOptions, startFakeTwilio } from "../../src/sim/twilio.ts";
import { systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import { systemRandom } from "../../src/system/random.ts";
import { createTestContext, type TestContextOptions } from "./test_context.ts";
import { startTunnel, type Tunnel } from "./tunnel.ts";

/** What a command left behind. */
export interface Ran {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
  /** The questions it asked. */
  readonly asked: readonly string[];
}

/** The world. */
export interface BridgeWorld extends AsyncDisposable {
  readonly twilio: FakeTwilio;
  readonly gateway: FakeGateway;
  /** What makes the bridge public; it leads to the daemon once that runs. */
  readonly tunnel: Tunnel;
  readonly stateDir: string;
  /** The environment of the daemon and of commands; a test may change it. */
  readonly env: Record<string, string>;
  /** Starts the daemon, connects its Gateway and points Twilio and the tunnel at it. */
  start(): Promise<Daemon>;
  /** Runs a command to its end. */
  run(...args: string[]): Promise<Ran>;
  /** Runs a command with more of a context than the environment. */
  runIn(options: TestContextOptions, ...args: string[]): Promise<Ran>;
}

const TOKEN = "test-token";

/** Makes a world without a running daemon. */
export async function createBridgeWorld(
  gatewayOptions: Partial<FakeGatewayOptions> = {},
  twilioOptions: FakeTwilioOptions = {},
): Promise<BridgeWorld> {
  const stateDir = await Deno.makeTempDir({ prefix: "sms-bridge-cli-" });
  const twilio = startFakeTwilio(twilioOptions);
  const gateway = startFakeGateway({ token: TOKEN, ...gatewayOptions });
  const tunnel = startTunnel();
  const env: Record<string, string> = {
    HOME: stateDir,
    TWILIO_ACCOUNT_SID: twilio.accountSid,
    TWILIO_AUTH_TOKEN: twilio.authToken,
    TWILIO_PHONE_NUMBER: twilio.account.numbers[0]!.phoneNumber,
    SMS_PUBLIC_WEBHOOK_URL: `${tunnel.origin}/webhooks/sms`,
    SMS_BRIDGE_GATEWAY_URL: gateway.url,
    SMS_BRIDGE_GATEWAY_TOKEN: TOKEN,
    SMS_BRIDGE_LISTEN: "127.0.0.1:0",
    SMS_BRIDGE_ADMIN_LISTEN: "127.0.0.1:0",
    SMS_BRIDGE_BURST_WINDOW_MS: "0",
    SMS_BRIDGE_STATE_DIR: stateDir,
    SMS_BRIDGE_TWILIO_API_URL: twilio.url,
  };
  const daemons: Daemon[] = [];
  async function runIn(options: TestContextOptions, ...args: string[]): Promise<Ran> {
    const context = createTestContext({
      clock: systemClock,
      random: systemRandom,
      ...options,
      variables: { ...env, ...options.variables },
    });
    const code = await runCli(args, context, COMMANDS);
    return { code, out: context.out, err: context.err, asked: context.asked };
  }
  return {
    twilio,
    gateway,
    tunnel,
    stateDir,
    env,
    async start() {
      const loaded = await loadSettings({ env: (name) => env[name], home: stateDir });
      if (loaded.settings === null) throw new Error(JSON.stringify(loaded.problems));
      const parts = { clock: systemClock, random: systemRandom, log: silentLog };
      const daemon = await startDaemon({ settings: loaded.settings, ...parts });
      daemons.push(daemon);
      const targetUrl = `http://127.0.0.1:${daemon.address.port}`;
      tunnel.leadTo(targetUrl);
      twilio.connectWebhook({
        publicUrl: loaded.settings.accounts[0]!.publicWebhookUrl!,
        targetUrl: `${targetUrl}/webhooks/sms`,
      });
      return daemon;
    },
    run: (...args) => runIn({}, ...args),
    runIn,
    async [Symbol.asyncDispose]() {
      for (const daemon of daemons) await daemon.stop();
      await Promise.all([gateway.close(), twilio.close(), tunnel.close()]);
      await Deno.remove(stateDir, { recursive: true });
    },
  };
}
