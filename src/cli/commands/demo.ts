/**
 * `demo`: the real bridge between a fake Twilio and a fake Gateway, on this machine alone.
 *
 * @module
 */
import { loadSettings } from "../../config/load.ts";
import type { Settings } from "../../config/settings.ts";
import { demoReply } from "../../sim/demo_agent.ts";
import { startFakeGateway } from "../../sim/gateway.ts";
import { startFakeTwilio } from "../../sim/twilio.ts";
import { Failure, failure } from "../../system/failure.ts";
import { createLog } from "../../system/log.ts";
import type { Command, ExitCode, OptionSpec } from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { type Daemon, startDaemon } from "../../daemon/daemon.ts";
import { chat, type Demo, playScript } from "./demo_script.ts";
import { configurationFailure } from "../settings_source.ts";

const GATEWAY_OPTION: OptionSpec = {
  name: "gateway",
  kind: "string",
  value: "URL",
  meaning: "talk to a real Gateway; its token is read from SMS_BRIDGE_GATEWAY_TOKEN",
};
const PUBLIC_URL = "https://demo.example.com/webhooks/sms";

/** The settings of a demo: like those of anybody who sets the bridge up, but for this machine. */
async function demoSettings(values: Readonly<Record<string, string>>): Promise<Settings> {
  const loaded = await loadSettings({
    env: (name) => values[name],
    home: values.SMS_BRIDGE_STATE_DIR!,
  });
  if (loaded.settings === null) throw configurationFailure(loaded);
  const { settings } = loaded;
  return { ...settings, bridge: { ...settings.bridge, messagesPerSecond: 5 } };
}

function gatewayFor(context: Context, url: string | undefined) {
  if (url === undefined) {
    const token = "demo-token";
    return { fake: startFakeGateway({ token, respond: demoReply }), url: undefined, token };
  }
  const token = context.env("SMS_BRIDGE_GATEWAY_TOKEN") ?? context.env("OPENCLAW_GATEWAY_TOKEN");
  if (!token) {
    throw failure(
      "configuration",
      "gateway-token-missing",
      "Cannot talk to a Gateway without its token",
      "set SMS_BRIDGE_GATEWAY_TOKEN to gateway.auth.token of openclaw.json",
    );
  }
  return { fake: undefined, url, token };
}

/** Waits until the Gateway takes turns. */
async function untilReady(context: Context, daemon: Daemon): Promise<void> {
  const refused = Promise.withResolvers<void>();
  const stop = daemon.link.onState((state) => {
    if (state.kind === "refused" || state.kind === "waiting") refused.resolve();
  });
  const session = await Promise.race([daemon.link.ready(context.signal), refused.promise]);
  stop();
  if (session) return;
  if (context.signal.aborted) throw failure("interrupted", "interrupted", "Interrupted");
  throw failure(
    "unreachable",
    "gateway-unreachable",
    "The Gateway does not take the connection",
    "check its URL and token; `openclaw gateway status` tells whether it runs",
  );
}

/** The command `demo`, which runs other commands of the table. */
export function demoCommand(commands: () => readonly Command[]): Command {
  return {
    path: ["demo"],
    group: "Run",
    summary: "play a conversation with the real bridge; needs no account",
    details: "Everything is real but Twilio and the Gateway, which are fakes on loopback.\n" +
      "On a terminal it then waits for your own texts; /help and /quit are understood.",
    options: [GATEWAY_OPTION],
    examples: ["demo", "demo --gateway ws://127.0.0.1:18789"],
    async run(context, parsed): Promise<ExitCode> {
      const startedAtMs = context.clock.now();
      const stateDir = await Deno.makeTempDir({ prefix: "sms-bridge-demo-" });
      const gateway = gatewayFor(context, parsed.text("gateway"));
      const twilio = startFakeTwilio();
      const { clock, random } = context;
      const log = createLog({
        clock,
        format: "text",
        level: context.env("SMS_BRIDGE_DEBUG") ? "debug" : "error",
        colour: context.colour,
        write: (line) => context.stderr(line),
      });
      let daemon: Daemon | undefined;
      try {
        const settings = await demoSettings({
          TWILIO_ACCOUNT_SID: twilio.accountSid,
          TWILIO_AUTH_TOKEN: twilio.authToken,
          TWILIO_PHONE_NUMBER: twilio.account.numbers[0]!.phoneNumber,
          SMS_PUBLIC_WEBHOOK_URL: PUBLIC_URL,
          SMS_TEXT_CHUNK_LIMIT: "320",
          SMS_BRIDGE_GATEWAY_URL: gateway.url ?? gateway.fake.url,
          SMS_BRIDGE_GATEWAY_TOKEN: gateway.token,
          SMS_BRIDGE_LISTEN: "127.0.0.1:0",
          SMS_BRIDGE_ADMIN_LISTEN: "off",
          SMS_BRIDGE_STATE_DIR: stateDir,
          SMS_BRIDGE_TWILIO_API_URL: twilio.url,
        });
        daemon = await startDaemon({ settings, clock, random, log });
        const targetUrl = `http://127.0.0.1:${daemon.address.port}/webhooks/sms`;
        twilio.connectWebhook({ publicUrl: PUBLIC_URL, targetUrl });
        await untilReady(context, daemon);
        const demo: Demo = { context, twilio, stateDir, startedAtMs, commands: commands() };
        await playScript(demo);
        if (context.terminal.stdin && context.terminal.stdout) await chat(demo);
        return context.signal.aborted ? 130 : 0;
      } catch (error) {
        if (context.signal.aborted && !(error instanceof Failure)) return 130;
        throw error;
      } finally {
        await daemon?.stop();
        await gateway.fake?.close();
        await twilio.close();
        await Deno.remove(stateDir, { recursive: true });
      }
    },
  };
}
