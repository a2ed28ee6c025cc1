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
import type { Context } from "../terminal/context.ts";
import { formatDuration } from "../../text/amounts.ts";

/** The line that brings the page to the machine from which somebody came over SSH; null when nobody did. */
export function tunnelLine({ env }: Pick<Context, "env">, url: string): string | null {
  const [, , server, sshPort] = env("SSH_CONNECTION")?.split(" ") ?? [];
  // What stands in a variable is copied into a shell: nothing but an address and a port may.
  if (server === undefined || !/^[0-9a-f.:]+$/i.test(server)) return null;
  const { port, hostname } = new URL(url);
  const user = env("USER") ?? "";
  const at = /^[\w.-]+$/.test(user) ? `${user}@${server}` : server;
  const via = sshPort === undefined || sshPort === "22" || !/^\d+$/.test(sshPort)
    ? ""
    : ` -p ${sshPort}`;
  return `ssh -N -L ${port}:${hostname}:${port}${via} ${at}`;
}

/** The command `admin url`. */
export const adminUrlCommand: Command = {
  path: ["admin", "url"],
  group: "Find out",
  summary: "print a link that opens the admin page once",
  details:
    "The link serves one browser, for a few minutes; the browser then stays in until the bridge\n" +
    "restarts. Over SSH it says how to reach the page from your own machine; with bridge.adminHosts\n" +
    "it has a link for your tailnet, too.",
  options: [CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION],
  examples: ["admin url"],
  async run(context, parsed): Promise<ExitCode> {
    const result = await withOperations(context, parsed, (bridge) => bridge.ask("adminUrl", {}));
    if (parsed.flag("json")) printJson(context, { ...result, validMs: ADMIN_LINK_TTL_MS });
    else {
      context.stdout(`${[result.url, ...result.tailnet].join("\n")}\n`);
      const tunnel = tunnelLine(context, result.url);
      if (tunnel !== null) {
        context.stderr(`This is a server. On your own machine, before you open it:\n  ${tunnel}\n`);
      }
      context.stderr(`It works once, within ${formatDuration(ADMIN_LINK_TTL_MS)}.\n`);
    }
    return 0;
  },
};
