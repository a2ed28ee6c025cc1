/**
 * `setup`: walks a newcomer through Twilio, the Gateway and the public URL, tries each answer out, and
 * writes the configuration file.
 *
 * @module
 */
import { type EditValue, patchText } from "../../config/json5/edit.ts";
import { readText, writeConfigFile } from "../../config/files.ts";
import type { Loaded } from "../../config/load.ts";
import { DEFAULT_ACCOUNT_ID } from "../../config/sms_accounts.ts";
import type { ListenAddress } from "../../config/rows/kinds.ts";
import type { Phone } from "../../policy/phone.ts";
import { Failure, failure } from "../../system/failure.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { proofOf } from "../probe_parts.ts";
import { runningOperations, stateDirectory, withOperations } from "../operations_client.ts";
import { sleep } from "../../system/clock.ts";
import { takeOver } from "../host/handover.ts";
import { installService, RUNS_ALL_THE_SAME } from "../host/service.ts";
import { loadFor } from "../settings_source.ts";
import { openDialogue } from "./dialogue.ts";
import { askKeeping, type Keeping, writeSecrets, written } from "./secrets.ts";
import {
  askGateway,
  askOwner,
  askPublicUrl,
  askTwilio,
  type GatewayAnswers,
  offerWebhook,
  type TwilioAnswers,
} from "./steps.ts";
import type { Walk } from "./walk.ts";

/** How long a service that was just installed may take to answer. */
const READY_LOOKS = 20;
const READY_LOOK_MS = 500;
/** The variables of secrets. */
const AUTH_TOKEN = "TWILIO_AUTH_TOKEN";
const API_SECRET = "TWILIO_API_SECRET";
const GATEWAY_TOKEN = "OPENCLAW_GATEWAY_TOKEN";
const WEBHOOK_PATH = "/webhooks/sms";
const LISTEN: ListenAddress = { hostname: "127.0.0.1", port: 8787 };

/** What is configured under a path, right or wrong. */
function valueAt({ values }: Loaded, path: string): unknown {
  return values.find((one) => one.path === path)?.value;
}

function textAt(loaded: Loaded, path: string): string | undefined {
  const value = valueAt(loaded, path);
  return typeof value === "string" ? value : undefined;
}

function listenOf(loaded: Loaded): ListenAddress {
  if (loaded.settings !== null) return loaded.settings.bridge.listen;
  const [, hostname, port] = textAt(loaded, "bridge.listen")?.match(/^(.+):(\d+)$/) ?? [];
  return hostname === undefined
    ? LISTEN
    : { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
}

/** Stands in for what a newcomer has not configured yet, so that the rest can be loaded. */
const STAND_INS: Readonly<Record<string, string>> = {
  TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
  TWILIO_AUTH_TOKEN: "none",
  TWILIO_PHONE_NUMBER: "+12025550100",
  SMS_PUBLIC_WEBHOOK_URL: `https://example.com${WEBHOOK_PATH}`,
};

/** The secrets that are configured already, such as the Gateway's token in its own file. */
async function configuredSecrets(context: Context, parsed: Parsed, loaded: Loaded) {
  const env = (name: string) => loaded.env(name) ?? STAND_INS[name];
  const { settings } = await loadFor({ ...context, env }, parsed, { rivalAllowed: true });
  const account = settings?.accounts[0];
  const isSet = (key: string) => valueAt(loaded, `channels.sms.${key}`) !== undefined;
  return {
    gatewayToken: settings?.gateway.token,
    authToken: isSet("authToken") ? account?.authToken : undefined,
    apiKeySecret: isSet("apiKeySecret") ? account?.apiKeySecret : undefined,
  };
}

/** The secrets that are new, by the names of their variables. */
function newSecrets(twilio: TwilioAnswers, gateway: GatewayAnswers): Map<string, string> {
  const { apiKey } = twilio;
  return new Map([
    ...(twilio.tokenStands ? [] : [[AUTH_TOKEN, twilio.authToken] as const]),
    ...(apiKey === null || apiKey.stands ? [] : [[API_SECRET, apiKey.secret] as const]),
    ...(gateway.token === null ? [] : [[GATEWAY_TOKEN, gateway.token] as const]),
  ]);
}

/** What is written of the answers. */
function patchOf(
  { accountSid, apiKey, fromNumber, messagingServiceSid }: TwilioAnswers,
  gateway: GatewayAnswers,
  publicWebhookUrl: string,
  secrets: ReadonlyMap<string, string>,
  keeping: Keeping,
): EditValue {
  const secret = (key: string, name: string) => {
    const value = secrets.get(name);
    return value === undefined ? {} : { [key]: written(keeping, name, value) };
  };
  const token = secret("token", GATEWAY_TOKEN);
  return {
    channels: {
      sms: {
        enabled: true,
        accountSid,
        ...secret("authToken", AUTH_TOKEN),
        apiKeySid: apiKey?.sid ?? null,
        ...(apiKey === null ? { apiKeySecret: null } : secret("apiKeySecret", API_SECRET)),
        fromNumber,
        ...(messagingServiceSid === undefined ? {} : { messagingServiceSid }),
        publicWebhookUrl,
      },
    },
    gateway: { url: gateway.url, ...("token" in token ? { auth: token } : {}) },
  };
}

/** Who is an owner already; nobody where that cannot be known yet. */
async function ownersOf(context: Context, parsed: Parsed): Promise<Phone[]> {
  try {
    const { allowed } = await withOperations(
      context,
      parsed,
      (operations) => operations.ask("listAllowed", {}),
    );
    return allowed.filter(({ owner }) => owner).map(({ phone }) => phone);
  } catch (error) {
    if (error instanceof Failure) return [];
    throw error;
  }
}

/** Writes what was answered. */
async function write(
  walk: Walk,
  twilio: TwilioAnswers,
  gateway: GatewayAnswers,
  url: string,
): Promise<void> {
  const { dialogue, loaded: { ownPath } } = walk;
  const secrets = newSecrets(twilio, gateway);
  const keeping = secrets.size === 0 ? "plain" : await askKeeping(walk);
  if (!await dialogue.confirm(`Write ${ownPath}?`, true)) {
    throw failure("failed", "declined", "Nothing was written", "run `sms-bridge setup` again");
  }
  if (keeping === "env") await writeSecrets(walk, secrets);
  const patch = patchOf(twilio, gateway, url, secrets, keeping);
  await writeConfigFile(ownPath, patchText(readText(ownPath) ?? "", patch));
  dialogue.done(`${ownPath} was written`);
  dialogue.say(`Wrote ${ownPath}, for you alone to read.`);
}

async function letIn(context: Context, parsed: Parsed, phone: Phone): Promise<void> {
  const input = { number: phone, account: "default", owner: true };
  await withOperations(context, parsed, (operations) => operations.ask("allow", input));
}

const NEXT = `Next:

  sms-bridge serve              runs the bridge in this terminal, or
  sms-bridge service install    runs it as a service
  sms-bridge doctor             tells whether everything is right
`;

/** Where the Gateway serves SMS itself, takes it over. */
async function offerHandover({ dialogue, context, loaded }: Walk, parsed: Parsed): Promise<void> {
  if (!loaded.problems.some(({ problem }) => problem.startsWith("is enabled in"))) return;
  dialogue.say(
    "The Gateway serves SMS itself (channels.sms.enabled): one of the two may. This takes it over, " +
      "with everybody who was let in there:",
  );
  try {
    await takeOver(context, parsed);
    dialogue.done("SMS was taken over from the Gateway");
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.kind === "interrupted") throw dialogue.ended();
    dialogue.say(`${error.message}. The bridge serves once \`sms-bridge config adopt\` has run.`);
  }
}

/** Installs the service and waits until it answers; whether it does. */
async function offerService({ dialogue, context }: Walk, parsed: Parsed): Promise<boolean> {
  const stateDir = stateDirectory(context, parsed);
  const runs = async () => {
    const running = await runningOperations(context, stateDir);
    return running !== null && !(running instanceof Failure);
  };
  if (await runs()) {
    dialogue.say("The bridge runs, and takes the settings as they are now.");
    return true;
  }
  if (!await dialogue.offer("Install it as a service, which starts now and at boot?")) return false;
  try {
    await installService(context, parsed);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.kind === "interrupted") {
      if (error.message.endsWith(RUNS_ALL_THE_SAME)) dialogue.done(RUNS_ALL_THE_SAME);
      throw dialogue.ended();
    }
    dialogue.say(`${error.message}: ${error.hint}`);
    return false;
  }
  dialogue.done("the service was installed");
  for (let i = 0; i < READY_LOOKS && !context.signal.aborted; i++) {
    if (await runs()) return true;
    await sleep(context.clock, READY_LOOK_MS, context.signal);
  }
  dialogue.say(
    "It does not answer yet: `sms-bridge service logs` and `sms-bridge doctor` say why.",
  );
  return false;
}

async function offerTestText({ dialogue, context }: Walk, parsed: Parsed, to: Phone) {
  if (!await dialogue.offer(`Text ${to} now, to see that it works? It costs one SMS.`)) return;
  const text = "Your agent can be texted at this number now. Answer to talk to it.";
  try {
    await withOperations(
      context,
      parsed,
      (operations) => operations.ask("sendMessage", { to, text }),
    );
    dialogue.say("Sent. `sms-bridge messages` tells whether it was delivered.");
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    dialogue.say(`${error.message}: ${error.hint}`);
  }
}

/** Setup makes the account that is the channel itself: beside others it would be one more. @throws {Failure} */
function refuseOthers({ accountChoice: { ids }, ownPath }: Loaded): void {
  const [first] = ids;
  if (first === undefined || ids.includes(DEFAULT_ACCOUNT_ID)) return;
  throw failure(
    "conflict",
    "accounts-named",
    `Cannot set one account up beside those that are configured: ${ids.join(", ")}`,
    `change them in ${ownPath}, or: sms-bridge config set channels.sms.accounts.${first}.fromNumber …; ` +
      "`sms-bridge doctor` tries each of them",
  );
}

async function walkThrough(context: Context, parsed: Parsed): Promise<ExitCode> {
  const loaded = await loadFor(context, parsed);
  refuseOthers(loaded);
  const running = await runningOperations(context, stateDirectory(context, parsed));
  const dialogue = openDialogue(context);
  const walk: Walk = {
    context,
    dialogue,
    loaded,
    ...await configuredSecrets(context, parsed, loaded),
    owners: await ownersOf(context, parsed),
    twilioUrl: textAt(loaded, "bridge.twilioApiUrl"),
    listen: listenOf(loaded),
    runningProof: proofOf(running instanceof Failure ? null : running),
    webhookPath: textAt(loaded, "channels.sms.webhookPath") ?? WEBHOOK_PATH,
  };
  dialogue.say(
    `This asks for what the bridge needs, tries each answer out, and writes it to ${loaded.ownPath}. ` +
      "Ctrl-C ends it; nothing is written before the end.",
  );
  const twilio = await askTwilio(walk);
  const gateway = await askGateway(walk);
  const reached = await askPublicUrl(walk, twilio);
  const owner = await askOwner(walk);
  dialogue.heading("Done");
  await write(walk, twilio, gateway, reached.url);
  await offerHandover(walk, parsed);
  await offerWebhook(walk, twilio, reached);
  if (owner !== null) {
    await letIn(context, parsed, owner);
    dialogue.done(`${owner} was let in as the owner`);
  }
  const runs = await offerService(walk, parsed);
  if (runs && owner !== null) await offerTestText(walk, parsed, owner);
  if (!runs) context.stderr(`\n${NEXT}`);
  return 0;
}

/** The command `setup`. */
export const setupCommand: Command = {
  path: ["setup"],
  group: "Set up",
  summary: "walk through Twilio, the Gateway and the public URL",
  details: "Asks on a terminal, tries each answer out as it goes, and writes the configuration\n" +
    "file at the end. What is configured already is offered as the answer.",
  options: [CONFIG_OPTION, STATE_DIR_OPTION],
  examples: ["setup"],
  async run(context, parsed): Promise<ExitCode> {
    if (!context.terminal.stdin || !context.terminal.stderr) {
      throw failure(
        "usage",
        "no-terminal",
        "Cannot ask questions without a terminal",
        "set the variables, or `sms-bridge config patch --file FILE`; " +
          "`sms-bridge config example` shows a whole file",
      );
    }
    return await walkThrough(context, parsed);
  },
};
