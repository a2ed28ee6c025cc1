/**
 * `webhook verify`: whether a signature of Twilio's matches, and why not.
 *
 * @module
 */
import { Failure, failure } from "../../system/failure.ts";
import { WEBHOOK_BODY_BYTES_MAX } from "../../system/limits.ts";
import { parseForm } from "../../twilio/form.ts";
import type { SignatureFault, SignedContent } from "../../twilio/signature.ts";
import { diagnoseSignature, type SignatureDiagnosis } from "../../twilio/signature_diagnosis.ts";
import {
  ACCOUNT_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type OptionSpec,
} from "../command.ts";
import { accountMeant } from "../account.ts";
import type { Context } from "../terminal/context.ts";
import { hanging, textColumns } from "../terminal/facts.ts";
import { paint, printJson } from "../terminal/output.ts";
import { readFileWithin } from "../terminal/read_within.ts";
import { effectiveSettings } from "../settings_source.ts";

const OPTIONS: readonly OptionSpec[] = [
  {
    name: "url",
    kind: "string",
    value: "URL",
    meaning: "the URL that Twilio called; publicWebhookUrl when left out",
  },
  {
    name: "signature",
    kind: "string",
    value: "S",
    meaning: "the header X-Twilio-Signature of the request",
  },
  {
    name: "body",
    kind: "string",
    value: "FILE",
    meaning: "the request's body as it came; - reads standard input",
  },
];

const TOKENS = ["authToken", "authTokenNext"];

const FAULTS: Readonly<Record<SignatureFault, readonly [why: string, fix: string]>> = {
  "missing": ["there is no signature", "copy the header X-Twilio-Signature whole"],
  "malformed": [
    "it is not a signature of Twilio's: those have 28 characters and end with =",
    "copy the header X-Twilio-Signature whole",
  ],
  "shared-key": [
    "it was made with HMAC-SHA256 and the shared key of a webhook rule at Twilio; " +
    "the bridge takes signatures that are made with the Auth Token only",
    "turn the shared key off in the webhook rule in the Twilio Console, so that Twilio signs with " +
    "the Auth Token again",
  ],
  "no-token": ["there is no Auth Token to check it with", "set TWILIO_AUTH_TOKEN"],
  "bad-url": ["the URL is not valid", "give the whole URL, with https://"],
  "body-hash": [
    "the signature is right, but the body is not the one that bodySHA256 in the URL stands for",
    "give the body as it came, byte for byte",
  ],
  "mismatch": [
    "it was made over another URL or body, or with another Auth Token",
    "compare the URL with Twilio's webhook URL byte for byte (`sms-bridge doctor` does), " +
    "and the Auth Token with the one in the Twilio Console",
  ],
};

/** What mends the part that a small change was made to. */
const NEAR_FIXES: Readonly<Record<NonNullable<SignatureDiagnosis["near"]>["of"], string>> = {
  url: "set publicWebhookUrl (SMS_PUBLIC_WEBHOOK_URL) to exactly what Twilio calls",
  body: "the settings are right: give the body as it came; editors and echo add a line break, " +
    "printf %s does not",
};

/** What `webhook verify --json` prints. */
interface Verification {
  readonly valid: boolean;
  readonly fault: SignatureFault | null;
  /** The URL as it was signed; null when it does not match. */
  readonly url: string | null;
  /** Which token signed it: `authToken` or `authTokenNext`. */
  readonly token: string | null;
  readonly tokensTried: readonly string[];
  readonly urlsTried: readonly string[];
  /** The change under which it would match; null when none was found. */
  readonly near: { readonly change: string; readonly url: string; readonly token: string } | null;
  readonly message: string;
  readonly fix: string | null;
}

function verificationOf(
  { verdict, near }: SignatureDiagnosis,
  tokensTried: readonly string[],
): Verification {
  if (verdict.kind === "valid") {
    const token = TOKENS[verdict.tokenIndex]!;
    const message = `the signature is right: made over ${verdict.url} with ${token}`;
    const { url } = verdict;
    return {
      valid: true,
      fault: null,
      url,
      token,
      tokensTried,
      urlsTried: [url],
      near: null,
      message,
      fix: null,
    };
  }
  const { fault, triedUrls: urlsTried } = verdict;
  const [why, fix] = FAULTS[fault];
  const shared = { valid: false, fault, url: null, token: null, tokensTried, urlsTried };
  if (near === null) {
    return { ...shared, near, message: `the signature does not match: ${why}`, fix };
  }
  const { change, url, tokenIndex } = near;
  return {
    ...shared,
    near: { change, url, token: TOKENS[tokenIndex]! },
    message: `the signature does not match, but it would with ${change}: ${url}`,
    fix: NEAR_FIXES[near.of],
  };
}

async function readBody(context: Context, file: string | undefined): Promise<string> {
  if (file === undefined) return "";
  const tooLarge = () =>
    failure(
      "usage",
      "body-too-large",
      `Cannot check a body of more than ${WEBHOOK_BODY_BYTES_MAX} bytes`,
    );
  try {
    const text = file === "-"
      ? await context.readStdin(WEBHOOK_BODY_BYTES_MAX)
      : await readFileWithin(file, WEBHOOK_BODY_BYTES_MAX);
    if (text === null) throw tooLarge();
    return text;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      const message = `Cannot find the file ${file}`;
      throw failure("not-found", "body-not-found", message, "check its path");
    }
    if (error instanceof Failure) throw error;
    const message = `Cannot read ${file}: it is not a file that this user may read`;
    throw failure("usage", "body-unreadable", message, "name the file that holds the body");
  }
}

function contentOf(body: string, url: string): SignedContent {
  return /[?&]bodySHA256=/.test(url)
    ? { kind: "json", body: new TextEncoder().encode(body) }
    : { kind: "form", pairs: parseForm(body) };
}

function print(context: Context, verification: Verification): void {
  const { valid, message, fix, urlsTried, tokensTried } = verification;
  const columns = textColumns(context.columns);
  const { green, red, cyan, dim } = paint(context.colour);
  const tried = valid || urlsTried.length === 0 ? [] : [
    dim(`Tried with ${tokensTried.join(" and ")}, over:`),
    ...urlsTried.map((url) => `  ${url}`),
  ];
  const lines = [
    ...hanging(`${valid ? green("✓") : red("✗")} `, message, columns),
    ...(fix === null ? [] : hanging(`  ${cyan("→")} `, fix, columns)),
    ...tried,
  ];
  context.stdout(lines.map((line) => `${line}\n`).join(""));
}

/** The command `webhook verify`. */
export const webhookVerifyCommand: Command = {
  path: ["webhook", "verify"],
  group: "Find out",
  summary: "check a signature of Twilio's and say why it does not match",
  details: "Uses the Auth Tokens of the configuration. Exits with 4 when it does not match.",
  options: [...OPTIONS, ACCOUNT_OPTION, CONFIG_OPTION, JSON_OPTION],
  examples: [
    "webhook verify --url https://box.example.ts.net/webhooks/sms --signature 0/KCTR6DLpKmkAf8muzZqo1nDgQ= --body request.txt",
  ],
  async run(context, parsed): Promise<ExitCode> {
    const signature = parsed.text("signature");
    if (signature === undefined) {
      throw failure(
        "usage",
        "missing-option",
        "Cannot verify without --signature",
        "give the header X-Twilio-Signature of the request",
      );
    }
    const { settings: { accounts, accountChoice } } = await effectiveSettings(context, parsed);
    const id = await accountMeant(context, parsed, accountChoice);
    const account = accounts.find((one) => one.id === id)!;
    const { authToken, authTokenNext, publicWebhookUrl } = account;
    const publicUrl = parsed.text("url") ?? publicWebhookUrl ?? "";
    const body = await readBody(context, parsed.text("body"));
    const trimmed = body.trim();
    const authTokens = [authToken, authTokenNext].filter((token) => token !== undefined);
    const diagnosis = diagnoseSignature({
      authTokens,
      signature: signature.trim(),
      publicUrl,
      content: contentOf(body, publicUrl),
      configuredUrl: publicWebhookUrl,
      ...(body === trimmed ? {} : { trimmed: contentOf(trimmed, publicUrl) }),
    });
    const verification = verificationOf(diagnosis, TOKENS.slice(0, authTokens.length));
    if (parsed.flag("json")) printJson(context, verification);
    else print(context, verification);
    return verification.valid ? 0 : 4;
  },
};
