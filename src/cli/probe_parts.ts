/**
 * What a probe is made with when no daemon runs: clients and a link of the command's own.
 *
 * @module
 */
import type { ProbeParts } from "../checks/probe.ts";
import type { Settings } from "../config/settings.ts";
import { createLink } from "../gateway/link.ts";
import { publicRequest } from "../server/public_request.ts";
import { silentLog } from "../system/log.ts";
import { VERSION } from "../system/version.ts";
import type { Context } from "./terminal/context.ts";
import { twilioClients } from "../daemon/twilio_clients.ts";

/** Makes them from the settings of a command. */
export function probeParts({ clock, random }: Context, settings: Settings): ProbeParts {
  return {
    settings,
    clock,
    random,
    twilio: twilioClients({ settings: () => settings, clock, random }),
    async withLink(use) {
      const { url, token } = settings.gateway;
      const link = createLink({ url, token, version: VERSION, clock, random, log: silentLog });
      try {
        return await use(link);
      } finally {
        await link.close();
      }
    },
    request: publicRequest,
    listen: settings.bridge.listen,
  };
}
