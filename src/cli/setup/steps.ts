/**
 * The steps of `setup`: Twilio, the Gateway, the public URL, and the first person.
 *
 * @module
 */
import { checkOf } from "../../checks/check.ts";
import { checkPublicUrl } from "../../checks/probe_public.ts";
import { checkCredentials, checkSender, type TwilioProbeParts } from "../../checks/probe_twilio.ts";
import { funnelCommand } from "../../checks/public_route.ts";
import { printable, redactText, shownUrl } from "../../system/redact.ts";
import { parsePhone, type Phone } from "../../policy/phone.ts";
import { publicRequest } from "../../server/public_request.ts";
import { PROBE_TIMEOUT_MS } from "../../system/limits.ts";
import { isLoopbackUrl } from "../../twilio/media_url.ts";
import type { TwilioClient } from "../../twilio/rest.ts";
import { runProgram } from "../host/run_program.ts";
import { tailscaleName } from "../host/tailscale.ts";
import { tryPublicUrl } from "../host/try_public_url.ts";
import type { Reading } from "./dialogue.ts";
import { type ApiKey, askApiKey } from "./secrets.ts";
import { known, normal, readToken, type Walk } from "./walk.ts";
import { tryGateway, twilioFor } from "./trials.ts";

/** What was answered about Twilio. */
export interface TwilioAnswers {
  readonly accountSid: string;
  readonly authToken: string;
  /** Whether the token stays where it is configured already. */
  readonly tokenStands: boolean;
  /** Sends in place of the Auth Token. */
  readonly apiKey: ApiKey | null;
  readonly fromNumber: Phone;
  /** The Messaging Service that the number is in, if texts are to go through one. */
  readonly messagingServiceSid?: string;
}

/** What was answered about the Gateway. */
export interface GatewayAnswers {
  readonly url: string;
  /** Null when the token stays where it is configured already. */
  readonly token: string | null;
}

function readSid(text: string): Reading<string> {
  return /^AC[0-9a-f]{32}$/i.test(text)
    ? { value: text }
    : { wrong: 'An Account SID is "AC" and 32 hexadecimal digits.' };
}

function readPhone(text: string): Reading<Phone> {
  const phone = parsePhone(text);
  return phone === null
    ? { wrong: "Write it with country code, as in +15551234567." }
    : { value: phone };
}

function readGatewayUrl(text: string): Reading<string> {
  return /^wss?:\/\/[^/\s]/i.test(text) && URL.canParse(text)
    ? { value: text.replace(/\/+$/, "") }
    : { wrong: "It begins with ws:// or wss://, as in ws://127.0.0.1:18789." };
}

/** A URL with or without scheme and path, made whole. */
function readPublicUrl(webhookPath: string): (text: string) => Reading<string> {
  return (text) => {
    const full = /^https?:\/\//i.test(text) ? text : `https://${text}`;
    if (/\s/.test(text) || !URL.canParse(full) || new URL(full).username !== "") {
      return { wrong: `Write it as in https://box.example.ts.net${webhookPath}.` };
    }
    const { pathname, origin } = new URL(full);
    return { value: pathname === "/" ? `${origin}${webhookPath}` : full };
  };
}

function twilioParts(
  { context: { clock }, loaded }: Walk,
  twilio: TwilioClient,
  fromNumber?: Phone,
): TwilioProbeParts {
  return {
    account: {
      id: "default",
      fromNumber,
      messagingServiceSid: undefined,
      publicWebhookUrl: undefined,
      textChunkLimit: loaded.settings?.accounts[0]?.textChunkLimit ?? Infinity,
    },
    twilio,
    clock,
    signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
  };
}

/** A client with the Auth Token, which may do everything. */
function asAccount(
  { context, twilioUrl }: Walk,
  { accountSid, authToken: password }: { readonly accountSid: string; readonly authToken: string },
): TwilioClient {
  return twilioFor(context, { accountSid, username: accountSid, password }, twilioUrl);
}

async function askCredentials(
  walk: Walk,
): Promise<Pick<TwilioAnswers, "accountSid" | "authToken" | "tokenStands">> {
  const { dialogue, loaded, authToken: configured } = walk;
  for (;;) {
    const accountSid = await dialogue.ask({
      prompt: "Account SID",
      ...normal(known(loaded, "channels.sms.accountSid")),
      read: readSid,
    });
    const authToken = await dialogue.ask({
      prompt: "Auth Token (not shown)",
      secret: true,
      ...(configured === undefined ? {} : { normal: { shown: "as it is set", value: configured } }),
      read: readToken,
    });
    const answers = { accountSid, authToken, tokenStands: authToken === configured };
    const twilio = asAccount(walk, answers);
    const run = async () => [await checkCredentials(twilioParts(walk, twilio))];
    if (await dialogue.test("asking Twilio", run)) return answers;
    if (await dialogue.confirm("Keep them all the same?", false)) return answers;
  }
}

/** What a list offers under a number: 1 for the first; null for any other answer. */
function chosen<T>(list: readonly T[], answer: string): T | null {
  return /^[1-9]\d?$/.test(answer) ? list[Number(answer) - 1] ?? null : null;
}

/** Lists what can be chosen by its place. */
function sayList({ dialogue }: Walk, title: string, lines: readonly string[]): void {
  dialogue.say(title);
  lines.forEach((line, i) => dialogue.say(`${i + 1}: ${line}`));
}

/** Lists the account's numbers. */
async function listedNumbers(walk: Walk, twilio: TwilioClient): Promise<readonly Phone[]> {
  const listed = await twilio.listIncomingNumbers(AbortSignal.timeout(PROBE_TIMEOUT_MS));
  if (listed.kind !== "ok") return [];
  const numbers = listed.value.map(({ phoneNumber }) => parsePhone(phoneNumber))
    .filter((phone) => phone !== null);
  if (numbers.length > 0) sayList(walk, "The account's numbers:", numbers);
  return numbers;
}

/** Asks whether texts go through one of the account's Messaging Services, where it has any. */
async function askService(walk: Walk, twilio: TwilioClient): Promise<string | undefined> {
  const listed = await twilio.listServices(AbortSignal.timeout(PROBE_TIMEOUT_MS));
  if (listed.kind !== "ok" || listed.value.length === 0) return undefined;
  const services = listed.value;
  const names = services.map(({ sid, friendlyName }) =>
    `${sid} ${printable(redactText(friendlyName), 40)}`
  );
  sayList(walk, "The account's Messaging Services:", names);
  const normal = known(walk.loaded, "channels.sms.messagingServiceSid") ?? "none";
  const answer = await walk.dialogue.ask<string>({
    prompt: "Send through one of them",
    normal: { shown: normal, value: normal },
    read: (text) => {
      const found = chosen(services, text)?.sid ?? services.find(({ sid }) => sid === text)?.sid ??
        (/^none$/i.test(text) ? "none" : null);
      return found === null
        ? { wrong: "Give its place in the list, its SID, or none." }
        : { value: found };
    },
  });
  return answer === "none" ? undefined : answer;
}

/** Asks for the account and the number that people text. */
export async function askTwilio(walk: Walk): Promise<TwilioAnswers> {
  const { dialogue, loaded } = walk;
  dialogue.heading("1 of 4: Twilio");
  dialogue.say(
    "Account SID and Auth Token stand in the Twilio Console (https://console.twilio.com), " +
      "Account Info.",
  );
  const credentials = await askCredentials(walk);
  const apiKey = await askApiKey(walk, credentials.accountSid);
  const twilio = asAccount(walk, credentials);
  const numbers = await listedNumbers(walk, twilio);
  const only = numbers.length === 1 ? numbers[0] : undefined;
  const fromNumber = await dialogue.ask<Phone>({
    prompt: "Your Twilio number",
    ...normal(parsePhone(known(loaded, "channels.sms.fromNumber") ?? "") ?? only),
    read: (text) => {
      const listed = chosen(numbers, text);
      return listed === null ? readPhone(text) : { value: listed };
    },
    testing: "asking Twilio for the number",
    test: async (number) => (await checkSender(twilioParts(walk, twilio, number))).slice(0, 1),
  });
  const service = await askService(walk, twilio);
  return {
    ...credentials,
    apiKey,
    fromNumber,
    ...(service === undefined ? {} : { messagingServiceSid: service }),
  };
}

/** Asks for the Gateway; its token is taken from its own file where that is there. */
export async function askGateway(walk: Walk): Promise<GatewayAnswers> {
  const { context, dialogue, loaded, gatewayToken: configured } = walk;
  dialogue.heading("2 of 4: The Gateway");
  for (;;) {
    const url = await dialogue.ask({
      prompt: "Its WebSocket",
      ...normal(known(loaded, "gateway.url") ?? "ws://127.0.0.1:18789"),
      read: readGatewayUrl,
    });
    if (configured !== undefined) dialogue.say("Its token is configured already.");
    const token = configured ?? await dialogue.ask({
      prompt: "Its token (gateway.auth.token of openclaw.json, not shown)",
      secret: true,
      read: readToken,
    });
    const answers = { url, token: configured === undefined ? token : null };
    const run = async () => [await tryGateway(context, { url, token })];
    if (await dialogue.test("shaking hands with the Gateway", run)) return answers;
    if (await dialogue.confirm("Keep it all the same?", false)) return answers;
  }
}

/** The public URL, and whether a signed request of ours came back through it. */
export interface PublicAnswer {
  readonly url: string;
  readonly proved: boolean;
}

/** Publishes the path, or waits until somebody has. */
async function publish({ context, dialogue }: Walk, command: string, byFunnel: boolean) {
  dialogue.say("Publish that path and nothing else. With Tailscale Funnel, in another terminal:");
  dialogue.command(command);
  if (byFunnel && await dialogue.confirm("Run it now?", true)) {
    const code = await runProgram(context, command.split(" "));
    if (code === 0) return;
  }
  await dialogue.pause("Press Enter when that is done ");
}

/** Asks for the public URL and, once it is published, whether a signed request arrives through it. */
export async function askPublicUrl(walk: Walk, twilio: TwilioAnswers): Promise<PublicAnswer> {
  const { context, dialogue, loaded, listen, webhookPath, twilioUrl } = walk;
  const twilioIsLocal = twilioUrl !== undefined && isLoopbackUrl(twilioUrl);
  const accountFor = (publicWebhookUrl: string | undefined) => ({
    id: "default",
    accountSid: twilio.accountSid,
    authToken: twilio.authToken,
    publicWebhookUrl,
    webhookPath,
  });
  dialogue.heading("3 of 4: The public URL");
  dialogue.say(
    "Twilio posts each text to an https URL that leads to this machine. With Tailscale, the " +
      "machine's name is in `tailscale status`; any tunnel or proxy will do.",
  );
  const before = known(loaded, "channels.sms.publicWebhookUrl");
  const tailnet = await tailscaleName(context);
  const ofTailnet = tailnet === null ? undefined : `https://${tailnet}${webhookPath}`;
  for (;;) {
    const url = await dialogue.ask({
      prompt: "The URL",
      ...normal(before ?? ofTailnet),
      read: readPublicUrl(webhookPath),
      test: (given) => {
        const parts = { account: accountFor(given), listen, twilioIsLocal };
        const { random } = context;
        const more = { random, request: publicRequest, timeoutMs: PROBE_TIMEOUT_MS };
        return Promise.resolve([checkPublicUrl({ ...parts, ...more })]);
      },
    });
    const account = accountFor(url);
    const run = async () => [
      await tryPublicUrl(context, { account, listen, twilioIsLocal }, walk.runningProof),
    ];
    const arrives = () => dialogue.test("sending a signed request through it", run);
    if (url === before && await arrives()) return { url, proved: true };
    const byFunnel = tailnet !== null && new URL(url).hostname === tailnet;
    await publish(walk, funnelCommand(account, listen), byFunnel);
    if (await arrives()) return { url, proved: true };
    if (!await dialogue.confirm("Try again?", true)) return { url, proved: false };
  }
}

/** Sets one of the number's URLs, and shows whether Twilio took it. */
async function tellTwilio(
  { dialogue }: Walk,
  what: string,
  url: string,
  set: () => ReturnType<TwilioClient["updateNumber"]>,
): Promise<void> {
  await dialogue.test("telling Twilio", async () => {
    const check = checkOf("twilio.webhook-url", what);
    const done = await set();
    if (done.kind === "ok") dialogue.done(`${what} was set`);
    return [
      done.kind === "ok" ? check.ok(`set to ${url}, POST`) : check.problem(
        `Twilio did not take it (${done.message})`,
        `set it in the Twilio Console: "A message comes in", Webhook, ${url}, HTTP POST`,
      ),
    ];
  });
}

/** Offers to set the number's webhook at Twilio. */
export async function offerWebhook(
  walk: Walk,
  answers: TwilioAnswers,
  { url, proved }: PublicAnswer,
): Promise<void> {
  const { dialogue } = walk;
  const twilio = asAccount(walk, answers);
  const timeout = () => AbortSignal.timeout(PROBE_TIMEOUT_MS);
  const found = await twilio.findIncomingNumber(answers.fromNumber, timeout());
  if (found.kind !== "ok" || found.value === null) return;
  const { sid, smsUrl, smsMethod, smsApplicationSid, smsFallbackUrl } = found.value;
  const right = smsUrl === url && smsMethod === "POST" && smsApplicationSid === null;
  if (right) return dialogue.say("Twilio calls that URL already.");
  if (!proved) {
    return dialogue.say(
      "Twilio's webhook URL stays as it is, as nothing has come through the public URL yet. " +
        "`sms-bridge webhook set` sets it later.",
    );
  }
  // Where bridges share a store, another one may be called first.
  if (known(walk.loaded, "bridge.store") !== undefined && smsUrl !== "" && smsUrl !== url) {
    if (smsFallbackUrl === url) {
      return dialogue.say(`Twilio calls that URL when ${shownUrl(smsUrl)} does not answer.`);
    }
    dialogue.say(
      `Twilio calls ${
        shownUrl(smsUrl)
      } first: another bridge with which this one shares its store?`,
    );
    if (await dialogue.confirm("Have Twilio call this one when that does not answer?", true)) {
      const kept = { smsUrl, smsMethod: smsMethod === "GET" ? "GET" : "POST" } as const;
      const webhook = { ...kept, smsFallbackUrl: url, smsFallbackMethod: "POST" } as const;
      await tellTwilio(
        walk,
        "Twilio's fallback URL",
        url,
        () => twilio.updateNumber(sid, webhook, timeout()),
      );
      return;
    }
  }
  dialogue.say(
    smsUrl === ""
      ? "At Twilio the number has no webhook yet."
      : `Twilio calls ${shownUrl(smsUrl)} now.`,
  );
  if (!await dialogue.confirm("Set the number's webhook at Twilio to the new URL?", true)) return;
  const off = smsApplicationSid === null ? undefined : "" as const;
  const webhook = { smsUrl: url, smsMethod: "POST", smsApplicationSid: off } as const;
  await tellTwilio(
    walk,
    "Twilio's webhook URL",
    url,
    () => twilio.updateNumber(sid, webhook, timeout()),
  );
}

/** Asks who may text first; null for nobody yet. */
export async function askOwner({ dialogue, owners }: Walk): Promise<Phone | null> {
  dialogue.heading("4 of 4: You");
  dialogue.say(
    "Strangers get a pairing code and are let in by `sms-bridge pair approve`. Your own number can " +
      "be let in now, as the owner, whose texts such as /new and /status the Gateway runs. Caller " +
      "IDs can be forged: leave it empty if that is too much.",
  );
  return await dialogue.ask<Phone | null>({
    prompt: "Your own number",
    normal: { shown: owners.length === 0 ? "nobody yet" : owners.join(", "), value: null },
    read: readPhone,
  });
}
