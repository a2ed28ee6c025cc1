/**
 * `version`: which program this is, and what it runs on.
 *
 * @module
 */
import { VERSION } from "../system/version.ts";
import { type Command, JSON_OPTION } from "./command.ts";
import { printJson } from "./output.ts";

/** The command `version`. */
export const versionCommand: Command = {
  path: ["version"],
  group: "Other",
  summary: "show the version of the program and of what it runs on",
  options: [JSON_OPTION],
  examples: ["version", "version --json"],
  run(context, parsed) {
    const facts = { version: VERSION, deno: Deno.version.deno, target: Deno.build.target };
    if (parsed.flag("json")) printJson(context, facts);
    else context.stdout(`sms-bridge ${VERSION} (Deno ${facts.deno}, ${facts.target})\n`);
    return 0;
  },
};
