/**
 * The questions of `setup` about secrets besides the Auth Token: an API key to send with, and where
 * secrets are kept.
 *
 * @module
 */
import { checkOf } from "../../checks/check.ts";
import { readText, writeConfigFile } from "../../config/files.ts";
import type { EditValue } from "../../config/json5/edit.ts";
import { PROBE_TIMEOUT_MS } from "../../system/limits.ts";
import { withVariables } from "../host/env_file.ts";
import { twilioFor } from "./trials.ts";
import { known, normal, readToken, type Walk } from "./walk.ts";

/** An API key. */
export interface ApiKey {
  readonly sid: string;
  readonly secret: string;
  /** Whether it is configured already. */
  readonly stands: boolean;
}

/** Asks for an API key, which Twilio's REST API takes in place of the Auth Token; null for none. */
export async function askApiKey(walk: Walk, accountSid: string): Promise<ApiKey | null> {
  const { context, dialogue, loaded, twilioUrl, apiKeySecret: configured } = walk;
  dialogue.say(
    "Texts can be sent with an API key, which is revoked alone. Signatures need the Auth Token " +
      "all the same.",
  );
  for (;;) {
    const sid = await dialogue.ask<string>({
      prompt: "API key SID",
      ...normal(known(loaded, "channels.sms.apiKeySid") ?? "none"),
      read: (text) =>
        /^(SK[0-9a-f]{32}|none)$/i.test(text)
          ? { value: text }
          : { wrong: 'An API key SID is "SK" and 32 hexadecimal digits; or answer none.' },
    });
    if (/^none$/i.test(sid)) return null;
    const secret = await dialogue.ask({
      prompt: "API key secret (not shown)",
      secret: true,
      ...(configured === undefined ? {} : { normal: { shown: "as it is set", value: configured } }),
      read: readToken,
    });
    const twilio = twilioFor(context, { accountSid, username: sid, password: secret }, twilioUrl);
    // Not the account itself: a standard key may not read that.
    const run = async () => {
      const check = checkOf("twilio.api-key", "API key");
      const read = await twilio.listIncomingNumbers(AbortSignal.timeout(PROBE_TIMEOUT_MS));
      return [
        read.kind === "ok" ? check.ok("Twilio takes it") : check.problem(
          `Twilio does not take it (${read.message})`,
          "copy its SID and secret from the Twilio Console, Account, API keys",
        ),
      ];
    };
    const answers = { sid, secret, stands: secret === configured };
    if (await dialogue.test("asking Twilio", run)) return answers;
    if (await dialogue.confirm("Keep it all the same?", false)) return answers;
  }
}

/** Where new secrets go. */
export type Keeping = "plain" | "env";

/** Asks whether new secrets are written into the file itself. */
export async function askKeeping(
  { dialogue, loaded: { ownPath, dotenvPath } }: Walk,
): Promise<Keeping> {
  dialogue.say(
    `Secrets can stand in ${ownPath} itself (plain), or in ${dotenvPath}, which the Gateway reads as ` +
      "well, with only their names in the configuration (env). Nobody else may read either file.",
  );
  return await dialogue.ask<Keeping>({
    prompt: "Write secrets plain or env",
    normal: { shown: "plain", value: "plain" },
    read: (text) =>
      /^plain$/i.test(text)
        ? { value: "plain" }
        : /^env$/i.test(text)
        ? { value: "env" }
        : { wrong: "Answer plain or env." },
  });
}

/** What stands in the configuration for a secret. */
export function written(keeping: Keeping, name: string, value: string): EditValue {
  return keeping === "plain" ? value : { source: "env", provider: "default", id: name };
}

/** Writes secrets into the file of the Gateway's variables. */
export async function writeSecrets(
  { dialogue, loaded: { dotenvPath } }: Walk,
  secrets: ReadonlyMap<string, string>,
): Promise<void> {
  await writeConfigFile(dotenvPath, withVariables(readText(dotenvPath) ?? "", secrets));
  const names = [...secrets.keys()].join(", ");
  dialogue.done(`${names} went into ${dotenvPath}`);
  dialogue.say(`Wrote ${names} into ${dotenvPath}.`);
}
