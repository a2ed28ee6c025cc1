/**
 * `webhook verify` and `webhook simulate`: why a signature does not match, and what a text would lead to.
 *
 * @module
 */
import type { AccountSettings, Settings } from "../config/settings.ts";
import { parsePhone } from "../policy/phone.ts";
import { Failure, failure } from "../system/failure.ts";
import { maskNumber } from "../system/redact.ts";
import { parseForm } from "../twilio/form.ts";
import { type SignatureVerdict, signForm, verifySignature } from "../twilio/signature.ts";
import {
  ACCOUNT_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type Parsed,
  STATE_DIR_OPTION,
} from "./command.ts";
import type { Context } from "./context.ts";
import { stateDirectory, withOperations } from "./operations_client.ts";
import { printJson } from "./output.ts";
import { effectiveSettings } from "./settings_source.ts";

const BODY_BYTES_MAX = 64 * 1024;
const ANSWER_TIMEOUT_MS = 5_000;
const OUTCOME_TIMEOUT_MS = 30_000;

function accountGiven(settings: Settings, parsed: Parsed): AccountSettings {
  const id = parsed.text("account") ?? settings.defaultAccount;
  const account = settings.accounts.find((one) => one.id === id);
  if (account !== undefined) return account;
  const known = settings.accounts.map((one) => one.id).join(", ");
  throw failure("not-found", "account-unknown", `There is no account ${id}`, `there are: ${known}`);
}

async function bodyGiven(context: Context, parsed: Parsed): Promise<Uint8Array<ArrayBuffer>> {
  const file = parsed.text("body");
  if (file === undefined) return new Uint8Array();
  if (file === "-") {
    const text = await context.readStdin(BODY_BYTES_MAX);
    return new TextEncoder().encode((text ?? "").replace(/\r?\n$/, ""));
  }
  try {
    const bytes = await Deno.readFile(file);
    const end = bytes.at(-1) === 10 ? bytes.length - 1 : bytes.length;
    return bytes.slice(0, end);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw failure(
      "not-found",
      "file-not-found",
      `There is no file ${file}`,
      "- reads standard input",
    );
  }
}

const FAULTS: Readonly<Record<(SignatureVerdict & { kind: "invalid" })["fault"], string>> = {
  "no-token": "there is no Auth Token to check with",
  "missing": "no signature was given",
  "malformed": "the signature is not 28 characters of base64, so it is none of Twilio's",
  "bad-url": "the URL is not an http or https URL",
  "mismatch": "it was made with another token, over another URL, or over another body",
  "body-hash": "the URL's bodySHA256 is not the body's",
};

const verify: Command = {
  path: ["webhook", "verify"],
  group: "Find out",
  summary: "tell whether a signature matches, and if not, why",
  details:
    "Give the URL as Twilio has it and the header X-Twilio-Signature, with the posted form in a\n" +
    "file. Nothing is sent. Ends with 0 when it matches, else with 4.",
  options: [
    { name: "url", kind: "string", value: "URL", meaning: "the signed URL (publicWebhookUrl)" },
    { name: "signature", kind: "string", value: "S", meaning: "the header X-Twilio-Signature" },
    { name: "body", kind: "string", value: "FILE", meaning: "the posted form; - is stdin" },
    ACCOUNT_OPTION,
    CONFIG_OPTION,
    STATE_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ["webhook verify --signature 0/KCTR6DLpKmkAf8muzZqo1nDgQ= --body form.txt"],
  async run(context, parsed): Promise<ExitCode> {
    const { settings } = await effectiveSettings(context, parsed);
    const account = accountGiven(settings, parsed);
    const body = await bodyGiven(context, parsed);
    const publicUrl = parsed.text("url") ?? account.publicWebhookUrl ?? "";
    const tokens = [account.authToken, account.authTokenNext].filter((one) => one !== undefined);
    const json = body[0] === 123;
    const verdict = verifySignature({
      authTokens: tokens,
      signature: parsed.text("signature") ?? null,
      publicUrl,
      content: json ? { kind: "json", body } : { kind: "form", pairs: parseForm(body) },
    });
    const names = ["authToken", "authTokenNext"] as const;
    if (parsed.flag("json")) {
      printJson(
        context,
        verdict.kind === "valid"
          ? { valid: true, url: verdict.url, token: names[verdict.tokenIndex] }
          : { valid: false, fault: verdict.fault, triedUrls: verdict.triedUrls },
      );
    } else if (verdict.kind === "valid") {
      context.stdout(`The signature is right: ${names[verdict.tokenIndex]}, over ${verdict.url}\n`);
    } else {
      context.stdout(`The signature does not match: ${FAULTS[verdict.fault]}.\n`);
      for (const url of verdict.triedUrls) context.stdout(`  tried ${url}\n`);
      context.stdout(
        `  with ${tokens.map((_, i) => names[i]).join(" and ")} of account ${account.id}\n`,
      );
    }
    return verdict.kind === "valid" ? 0 : 4;
  },
};

const ANSWERS: Readonly<Record<number, string>> = {
  200: "taken: it is on disk",
  400: "signed, but no text",
  403: "refused: the signature does not match the running bridge's token or URL",
  404: "refused: no account has this path",
  413: "refused: too long",
  429: "refused for now: too many",
  503: "refused: it could not be stored",
};

async function post(
  settings: Settings,
  account: AccountSettings,
  form: [string, string][],
): Promise<number> {
  const { hostname, port } = settings.bridge.listen;
  const url = account.publicWebhookUrl?.replace(/#.*$/s, "") ?? "";
  const response = await fetch(`http://${hostname}:${port}${account.webhookPath}`, {
    method: "POST",
    headers: { "x-twilio-signature": signForm(account.authToken, url, form) },
    body: new URLSearchParams(form),
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  }).catch(() => null);
  await response?.body?.cancel();
  if (response !== null) return response.status;
  throw failure(
    "unreachable",
    "bridge-not-running",
    `Nobody answers on ${hostname}:${port}`,
    "start the bridge: `sms-bridge serve`",
  );
}

/** What became of a text, as soon as the history tells. */
async function outcomeOf(
  context: Context,
  parsed: Parsed,
  from: string,
  sinceMs: number,
): Promise<string | null> {
  const deadlineMs = context.clock.now() + OUTCOME_TIMEOUT_MS;
  while (context.clock.now() < deadlineMs && !context.signal.aborted) {
    const found = await withOperations(
      context,
      stateDirectory(context, parsed),
      (operations) => operations.listMessages({ with: from, sinceMs }),
    );
    if (found instanceof Failure) throw found;
    const text = found.messages.find(({ direction }) => direction === "in");
    if (text !== undefined) return text.status;
    await new Promise<void>((resolve) => void context.clock.after(250, resolve));
  }
  return null;
}

const simulate: Command = {
  path: ["webhook", "simulate"],
  group: "Find out",
  summary: "send the bridge a signed text, and show what happens to it",
  details:
    "The text is a real one for the bridge: a paired sender's reaches the agent, and the answer is\n" +
    "sent by SMS.",
  options: [
    { name: "from", kind: "string", value: "NUMBER", meaning: "the sender, in E.164" },
    { name: "text", kind: "string", value: "TEXT", meaning: "what the sender writes" },
    ACCOUNT_OPTION,
    CONFIG_OPTION,
    STATE_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: ['webhook simulate --from +15551234567 --text "hi"'],
  async run(context, parsed): Promise<ExitCode> {
    const { settings } = await effectiveSettings(context, parsed);
    const account = accountGiven(settings, parsed);
    const from = parsePhone(parsed.text("from") ?? "");
    if (from === null) {
      throw failure(
        "usage",
        "number-invalid",
        "Cannot simulate without a sender",
        "--from +15551234567",
      );
    }
    const messageSid = `SM${crypto.randomUUID().replaceAll("-", "")}`;
    const form: [string, string][] = [
      ["MessageSid", messageSid],
      ["AccountSid", account.accountSid],
      ["From", from],
      ["To", account.fromNumber ?? ""],
      ...(account.messagingServiceSid === undefined
        ? []
        : [["MessagingServiceSid", account.messagingServiceSid] as [string, string]]),
      ["Body", parsed.text("text") ?? "hi"],
      ["NumMedia", "0"],
    ];
    const sinceMs = context.clock.now();
    const json = parsed.flag("json");
    const say = (text: string) => json ? undefined : context.stdout(text);
    say(`1. Signed as Twilio does, for account ${account.id}\n`);
    const status = await post(settings, account, form);
    say(`2. Answered ${status}: ${ANSWERS[status] ?? "unexpected"}\n`);
    if (status !== 200) {
      if (json) printJson(context, { messageSid, status, stored: false, outcome: null });
      return 1;
    }
    const stored = await isStored(context, parsed, from);
    say(`3. ${stored.sentence}\n`);
    const outcome = stored.allowed ? await outcomeOf(context, parsed, from, sinceMs) : null;
    if (stored.allowed) {
      say(
        `4. ${
          outcome === null ? "No answer yet; see `sms-bridge status`" : `The text was ${outcome}`
        }\n`,
      );
    }
    if (json) printJson(context, { messageSid, status, stored: stored.allowed, outcome });
    return 0;
  },
};

/** Whether a sender's texts reach the agent, in words. */
async function isStored(
  context: Context,
  parsed: Parsed,
  from: string,
): Promise<{ allowed: boolean; sentence: string }> {
  const { pending, messages, queued } = await withOperations(
    context,
    stateDirectory(context, parsed),
    async (operations) => {
      const listed = await operations.listMessages({ with: from, limit: 20 });
      if (listed instanceof Failure) return listed;
      return {
        pending: (await operations.listPending({})).pending,
        messages: listed.messages,
        queued: (await operations.status({})).inbox.rows,
      };
    },
  );
  const code = pending.find(({ phone }) => phone === from)?.code;
  if (code !== undefined) {
    const who = maskNumber(from);
    return {
      allowed: false,
      sentence: `${who} is not let in yet: \`sms-bridge pair approve ${code}\``,
    };
  }
  const allowed = queued > 0 || messages.some(({ direction }) => direction === "in");
  return allowed
    ? { allowed, sentence: "The sender is let in: the text goes to the agent" }
    : { allowed, sentence: "The sender is not let in (or opted out): nothing is kept of it" };
}

/** The commands of `webhook`. */
export const WEBHOOK_COMMANDS: readonly Command[] = [verify, simulate];
