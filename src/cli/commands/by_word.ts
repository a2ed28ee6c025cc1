/**
 * Commands by their first word, so that a command line loads the source of its own command alone.
 *
 * @module
 */
import type { Command } from "../command.ts";
import { parseCommandLine } from "../parse.ts";

/** The commands that are run often, by scripts above all. */
export const BY_WORD: Readonly<Record<string, () => Promise<readonly Command[]>>> = {
  messages: async () => [(await import("./messages.ts")).messagesCommand],
  async pair() {
    const [{ PAIR_COMMANDS }, { PEOPLE_COMMANDS }, { STANDING_COMMANDS }] = await Promise.all([
      import("../people/pair.ts"),
      import("../people/people.ts"),
      import("../people/standing.ts"),
    ]);
    const named = PEOPLE_COMMANDS.filter(({ path }) => path[0] === "pair");
    return [...PAIR_COMMANDS, ...named, ...STANDING_COMMANDS];
  },
  send: async () => [(await import("./send.ts")).sendCommand],
  serve: async () => [(await import("./serve.ts")).serveCommand],
  status: async () => [(await import("./status.ts")).statusCommand],
  text: async () => [(await import("./text.ts")).textPreviewCommand],
  version: async () => [(await import("./version.ts")).versionCommand],
};

/** The commands that a command line may mean: all of them, unless it is right with those of its first word. */
export async function commandsFor(args: readonly string[]): Promise<readonly Command[]> {
  const [word = ""] = args;
  if (Object.hasOwn(BY_WORD, word)) {
    const commands = await BY_WORD[word]!();
    if (parseCommandLine(commands, args).kind === "run") return commands;
  }
  return (await import("./table.ts")).COMMANDS;
}
