/**
 * `admin url`: a link to the admin page.
 *
 * @module
 */
import { ADMIN_LINK_TTL_MS } from "../../system/limits.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  STATE_DIR_OPTION,
} from "../command.ts";
import { withOperations } from "../operations_client.ts";
import { printJson } from "../terminal/output.ts";
import { formatDuration } from "../../text/amounts.ts";

/** The command `admin url`. */
export const adminUrlCommand: Command = {
  path: ["admin", "url"],
  group: "Find out",
  summary: "print a link that opens the admin page once",
  details:
    "The page shows how the bridge is and who waits to be let in. The link serves one browser of\n" +
    "this machine, for a few minutes; the browser then stays in until the bridge restarts.",
  options: [CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION],
  examples: ["admin url"],
  async run(context, parsed): Promise<ExitCode> {
    const result = await withOperations(context, parsed, (bridge) => bridge.ask("adminUrl", {}));
    if (parsed.flag("json")) printJson(context, { ...result, validMs: ADMIN_LINK_TTL_MS });
    else {
      context.stdout(`${result.url}\n`);
      context.stderr(`It works once, within ${formatDuration(ADMIN_LINK_TTL_MS)}.\n`);
    }
    return 0;
  },
};
