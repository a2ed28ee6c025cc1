/**
 * Trying out a public URL, also before the bridge runs.
 *
 * @module
 */
import { type Check, checkOf } from "../../checks/check.ts";
import { checkPublicRequest, type PublicProbeParts } from "../../checks/probe_public.ts";
import { publicRequest } from "../../server/public_request.ts";
import { startWebhookServer, type WebhookRoute } from "../../server/webhook.ts";
import { Failure } from "../../system/failure.ts";
import { PROBE_TIMEOUT_MS } from "../../system/limits.ts";
import { silentLog } from "../../system/log.ts";
import { parseForm } from "../../twilio/form.ts";
import {
  createInstanceProof,
  INSTANCE_HEADER,
  type InstanceProof,
  probeNonce,
  probeProof,
  PROOF_HEADER,
} from "../../twilio/probe_form.ts";
import { verifySignature } from "../../twilio/signature.ts";
import type { Context } from "../terminal/context.ts";

/** Answers probes, and nothing else, as the bridge would. */
function probeRoute(
  { publicWebhookUrl, authToken }: PublicProbeParts["account"],
  instanceProof: InstanceProof,
): WebhookRoute {
  return (request) => {
    const pairs = parseForm(request.body);
    const verdict = verifySignature({
      authTokens: [authToken],
      signature: request.signature,
      publicUrl: publicWebhookUrl ?? "",
      requestQuery: request.query,
      content: { kind: "form", pairs },
    });
    const nonce = verdict.kind === "valid" ? probeNonce(pairs) : null;
    return Promise.resolve(
      nonce === null ? { kind: "refused", status: 403, reason: "signature" } : {
        kind: "accepted",
        headers: {
          [PROOF_HEADER]: probeProof(authToken, nonce),
          [INSTANCE_HEADER]: instanceProof(nonce),
        },
      },
    );
  };
}

/**
 * Sends a signed request through the public URL. Where no bridge listens yet, something that answers
 * in its place does so meanwhile.
 */
export async function tryPublicUrl(
  { clock, random }: Context,
  parts: Pick<PublicProbeParts, "account" | "listen" | "twilioIsLocal">,
  runningProof: PublicProbeParts["instanceProof"],
): Promise<Check> {
  const { account, listen } = parts;
  const ours = createInstanceProof((length) => random.bytes(length));
  const route = probeRoute(account, ours);
  const routeFor = (path: string) => path === account.webhookPath ? route : undefined;
  const server = await startWebhookServer({ listen, routeFor, clock, log: silentLog })
    .catch((error: unknown) => {
      if (error instanceof Failure) return error;
      throw error;
    });
  try {
    const check = await checkPublicRequest({
      ...parts,
      instanceProof: (nonce) =>
        server instanceof Failure ? runningProof(nonce) : Promise.resolve(ours(nonce)),
      random,
      request: publicRequest,
      timeoutMs: PROBE_TIMEOUT_MS,
    });
    return server instanceof Failure && check.state === "problem"
      ? checkOf(check.id, check.title, account.id).problem(
        `${check.detail}; ${server.message}`,
        check.fix ?? server.hint,
        check.command ?? undefined,
      )
      : check;
  } finally {
    if (!(server instanceof Failure)) await server.shutdown();
  }
}
