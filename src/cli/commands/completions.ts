/**
 * `completions`: what a shell needs to complete our command lines.
 *
 * @module
 */
import type { Command } from "../command.ts";
import { renderCompletions, type Shell, SHELLS } from "../completions.ts";

/** The command `completions`, over a table that it is itself part of. */
export function completionsCommand(commands: () => readonly Command[]): Command {
  return {
    path: ["completions"],
    group: "Other",
    summary: "print a completion script for a shell",
    arguments: [{ name: "SHELL", choices: SHELLS, meaning: `one of ${SHELLS.join(", ")}` }],
    examples: [
      "completions bash > ~/.local/share/bash-completion/completions/sms-bridge",
      "completions fish > ~/.config/fish/completions/sms-bridge.fish",
    ],
    run(context, parsed) {
      context.stdout(renderCompletions(parsed.argument("SHELL") as Shell, commands()));
      return 0;
    },
  };
}
