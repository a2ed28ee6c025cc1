/**
 * `version`: which program this is, and what it runs on.
 *
 * @module
 */
import { readCommit } from "../../system/commit.ts";
import { RUNTIME_MIN } from "../../system/runtime.ts";
import { VERSION } from "../../system/version.ts";
import { type Command, JSON_OPTION } from "../command.ts";
import { printJson } from "../terminal/output.ts";

/** The command `version`. */
export const versionCommand: Command = {
  path: ["version"],
  group: "Other",
  summary: "show the version of the program and of what it runs on",
  options: [JSON_OPTION],
  examples: ["version", "version --json"],
  run(context, parsed) {
    const { version: { deno }, build: { target } } = Deno;
    const commit = readCommit();
    if (parsed.flag("json")) printJson(context, { version: VERSION, commit, deno, target });
    else {
      const made = commit === null ? "" : `commit ${commit.slice(0, 12)}, `;
      context.stdout(
        `sms-bridge ${VERSION} (${made}Deno ${deno}, ${target})\n` +
          `safe to be reached by strangers on Deno ${RUNTIME_MIN} or later\n`,
      );
    }
    return 0;
  },
};
