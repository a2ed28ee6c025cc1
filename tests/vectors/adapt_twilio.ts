/**
 * The Twilio part of what the vector files are run against.
 *
 * @module
 */
import { parseAddress } from "../../src/policy/phone.ts";
import { type FormPair, parseForm as parsePairs } from "../../src/twilio/form.ts";
import { type AccountIdentity, classifyWebhook as classify } from "../../src/twilio/inbound.ts";
import type { SignatureCase } from "./signature_case.ts";

type Validate = (request: SignatureCase) => Promise<boolean>;

/** Asks a process of our own: the runner of the vectors may stand where the import map is unknown. */
function startProcess(): Validate {
  const root = new URL("../../", import.meta.url);
  const { stdin, stdout } = new Deno.Command(Deno.execPath(), {
    args: ["run", "--config", "deno.json", "tests/vectors/signature_process.ts"],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = stdin.getWriter();
  const answers = stdout.pipeThrough(new TextDecoderStream()).getReader();
  return async (request) => {
    await writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    return (await answers.read()).value === "true\n";
  };
}

let started: Promise<Validate> | undefined;

/** Whether the official validators' rules accept the request. */
export async function validate(request: SignatureCase): Promise<boolean> {
  started ??= import("./signature_case.ts").then(
    ({ validateCase }): Validate => (request) => Promise.resolve(validateCase(request)),
    startProcess,
  );
  return await (await started)(request);
}

/** The pairs of a form body. */
export function parseForm(body: string): FormPair[] {
  return parsePairs(body);
}

/** What the bridge makes of a signed body; `accepted` is whether its sender can be answered at all. */
export function classifyWebhook(body: string, identity: AccountIdentity): unknown {
  const inbound = classify(parsePairs(body), identity);
  if (inbound.kind === "report") return { ...inbound, kind: "status" };
  if (inbound.kind !== "message") return inbound;
  const { sender, from } = inbound;
  return {
    ...inbound,
    kind: "inbound",
    accepted: sender.kind === "phone",
    from: sender.kind === "phone" ? sender.phone : parseAddress(from)?.phone ?? from,
  };
}
