/**
 * SMS handed over from a real Gateway with OpenClaw's own plugin, and back: with its real store of pairings.
 * Only the plugin's way to Twilio's API is led to the fake.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../src/cli/commands/table.ts";
import { runCli } from "../../src/cli/run.ts";
import { startFakeTwilio } from "../../src/sim/twilio.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";
import { createTestContext } from "../cli/test_context.ts";
import { startProgram } from "../e2e/program.ts";
import {
  available,
  freePort,
  installedGateway,
  killGateway,
  startGateway,
  startModel,
} from "./real_gateway.ts";

const PUBLIC_URL = "https://sms.example.com/webhooks/sms";
const PEOPLE = ["+12025550101", "+12025550102"];
const ANSWER_MS = 300_000;

/** Runs the Gateway's own command line. */
async function openclaw(env: Record<string, string>, ...args: string[]): Promise<boolean> {
  const { node, folder } = await installedGateway();
  const bin = node.slice(0, node.lastIndexOf("/"));
  const { success } = await new Deno.Command(node, {
    args: [`${folder}/openclaw.mjs`, ...args],
    env: { ...env, PATH: `${bin}:${Deno.env.get("PATH")}` },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

async function npmSetting(name: string): Promise<Record<string, string>> {
  const { stdout } = await new Deno.Command("npm", { args: ["config", "get", name] }).output();
  const value = new TextDecoder().decode(stdout).trim();
  return value === "null" ? {} : { [`npm_config_${name}`]: value };
}

/** Where the plugin was installed below a folder; null when it is not there. */
async function pluginBelow(projects: string): Promise<string | null> {
  try {
    for await (const { name } of Deno.readDir(projects)) {
      const folder = `${projects}/${name}/node_modules/@openclaw/sms`;
      if (await Deno.stat(folder).then(() => true, () => false)) return folder;
    }
  } catch {
    // Nothing was installed.
  }
  return null;
}

/** Installs the plugin as its users do, and leads its requests to Twilio to the fake; whether it could be. */
async function installPlugin(runDir: string, twilioUrl: string): Promise<boolean> {
  await Deno.mkdir(`${runDir}/state`);
  await openclaw(
    {
      HOME: runDir,
      OPENCLAW_STATE_DIR: `${runDir}/state`,
      // Not the Gateway's file, which is written anew afterwards.
      OPENCLAW_CONFIG_PATH: `${runDir}/install.json`,
      ...await npmSetting("registry"),
      ...await npmSetting("cafile"),
    },
    "plugins",
    "install",
    "npm:@openclaw/sms",
  );
  const folder = await pluginBelow(`${runDir}/state/npm/projects`);
  if (folder === null) return false;
  const led = `
const realFetch = globalThis.fetch;
globalThis.fetch = Object.assign((input, init) => {
  const url = String(input?.url ?? input);
  if (!url.startsWith("https://api.twilio.com")) return realFetch(input, init);
  return realFetch(url.replace("https://api.twilio.com", "${twilioUrl}"), { ...init, dispatcher: undefined });
}, { mock: {} });
`;
  await Deno.writeTextFile(`${folder}/dist/index.js`, led, { append: true });
  return true;
}

/** Waits until a path of the Gateway's is there, or not. */
async function untilServed(url: string, served: boolean): Promise<void> {
  const deadlineMs = Date.now() + ANSWER_MS;
  for (;;) {
    const response = await fetch(url, { method: "POST", body: "a=1" }).catch(() => null);
    await response?.body?.cancel();
    if (response !== null && (response.status === 403) === served) return;
    if (Date.now() > deadlineMs) throw new Error(`the plugin's route never was ${served}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

Deno.test({
  name: "a real Gateway's plugin hands its people over to the bridge, and gets them back",
  ignore: !available,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const runDir = await Deno.makeTempDir({ prefix: "sms-bridge-handover-" });
    await Deno.mkdir(`${runDir}/bridge`);
    const twilio = startFakeTwilio();
    if (!await installPlugin(runDir, twilio.url)) {
      // deno-lint-ignore no-console
      console.log("skipped: @openclaw/sms could not be installed from npm");
      return await twilio.close();
    }
    const model = await startModel();
    const gateway = await startGateway(runDir, model.url, freePort(), {
      plugins: { entries: { sms: { enabled: true } } },
      channels: {
        sms: {
          enabled: true,
          accountSid: twilio.accountSid,
          authToken: twilio.authToken,
          fromNumber: twilio.account.numbers[0]!.phoneNumber,
          publicWebhookUrl: PUBLIC_URL,
        },
      },
    });
    const env = {
      HOME: runDir,
      OPENCLAW_STATE_DIR: `${runDir}/state`,
      OPENCLAW_CONFIG_PATH: `${runDir}/openclaw.json`,
      SMS_BRIDGE_STATE_DIR: `${runDir}/bridge`,
      SMS_BRIDGE_TWILIO_API_URL: twilio.url,
      SMS_BRIDGE_LISTEN: "127.0.0.1:0",
      SMS_BRIDGE_ADMIN_LISTEN: "off",
      SMS_BRIDGE_BURST_WINDOW_MS: "0",
    };
    const pluginUrl = `${gateway.url.replace(/^ws/, "http")}/webhooks/sms`;
    const sentTo = (phone: string) => twilio.messages.filter(({ to }) => to === phone).length;
    /** Texts of everybody, each answered once. */
    const talk = async (who: string, targetUrl: string) => {
      twilio.connectWebhook({ publicUrl: PUBLIC_URL, targetUrl });
      for (const from of PEOPLE) {
        const before = sentTo(from);
        await twilio.inbound({ from, text: `[[say:${who} answers]]` });
        const { body } = await twilio.nextMessage(({ to }) => to === from, ANSWER_MS);
        assertStringIncludes(body, `${who} answers`);
        assertEquals(sentTo(from), before + 1);
      }
    };
    const bridge = async (...args: string[]) => {
      const context = createTestContext({
        clock: systemClock,
        random: systemRandom,
        variables: { ...env, PATH: "/nowhere" },
      });
      assertEquals(await runCli(args, context, COMMANDS), 0, context.err);
      return context.out + context.err;
    };
    try {
      await t.step("the plugin pairs two people, and answers them", async () => {
        await untilServed(pluginUrl, true);
        twilio.connectWebhook({ publicUrl: PUBLIC_URL, targetUrl: pluginUrl });
        for (const from of PEOPLE) {
          await twilio.inbound({ from, text: "hello" });
          const { body } = await twilio.nextMessage(({ to }) => to === from, ANSWER_MS);
          const [code] = body.match(/\b[A-HJ-NP-Z2-9]{8}\b/) ?? [];
          assert(code !== undefined, body);
          assert(await openclaw(env, "pairing", "approve", "sms", code), `approve ${code}`);
        }
        await talk("the plugin", pluginUrl);
      });
      await t.step(
        "the bridge answers both without a code, and only what comes to it",
        async () => {
          assertMatch(await bridge("config", "adopt", "--yes"), /2 people let in as before/);
          await untilServed(pluginUrl, false);
          const program = await startProgram(env);
          try {
            await talk("the bridge", `http://127.0.0.1:${program.port}/webhooks/sms`);
          } finally {
            await program.end("SIGTERM");
          }
        },
      );
      await t.step("given back, the plugin answers both", async () => {
        await bridge("config", "return", "--yes");
        await untilServed(pluginUrl, true);
        await talk("the plugin again", pluginUrl);
        for (const phone of PEOPLE) assertEquals(sentTo(phone), 4, "a code and three answers");
      });
    } finally {
      await killGateway(gateway);
      await model.stop();
      await twilio.close();
      await Deno.remove(runDir, { recursive: true });
    }
  },
});
