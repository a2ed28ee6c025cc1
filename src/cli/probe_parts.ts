/**
 * What a probe is made with when no daemon runs: clients and a link of the command's own.
 *
 * @module
 */
import type { ProbeParts } from "../checks/probe.ts";
import type { Operations } from "../operations/operations.ts";
import { Failure } from "../system/failure.ts";
import type { Settings } from "../config/settings.ts";
import { createLink } from "../gateway/link.ts";
import { publicRequest } from "../server/public_request.ts";
import { silentLog } from "../system/log.ts";
import { VERSION } from "../system/version.ts";
import type { Context } from "./terminal/context.ts";
import { twilioClients } from "../daemon/twilio_clients.ts";

/** What the bridge that runs here answers to a nonce. */
export function proofOf(running: Operations | null): ProbeParts["instanceProof"] {
  return async (nonce) => {
    if (running === null) return null;
    const answer = await running.ask("proveInstance", { nonce });
    return answer instanceof Failure ? undefined : answer.proof;
  };
}

/** Makes them from the settings of a command. */
export function probeParts(
  { clock, random }: Context,
  settings: Settings,
  running: Operations | null = null,
): ProbeParts {
  return {
    settings,
    clock,
    random,
    twilio: twilioClients({ settings: () => settings, clock, random }),
    async withLink(use) {
      const link = createLink({
        ...settings.gateway,
        version: VERSION,
        clock,
        random,
        log: silentLog,
      });
      try {
        return await use(link);
      } finally {
        await link.close();
      }
    },
    request: publicRequest,
    instanceProof: proofOf(running),
    listen: settings.bridge.listen,
  };
}
