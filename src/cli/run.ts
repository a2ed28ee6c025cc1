/**
 * Running a command line from its words to its exit code.
 *
 * @module
 */
import type { Command, ExitCode } from "./command.ts";
import type { Context } from "./terminal/context.ts";
import { tellFailure, toFailure } from "./failure.ts";
import { paint } from "./terminal/output.ts";
import { parseCommandLine } from "./parse.ts";

/** Whether errors are to be told as JSON; asked before the command line is known to be right. */
function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).includes("--json");
}

/** Runs one command line. Never rejects: what goes wrong is told on stderr and in the exit code. */
export async function runCli(
  args: readonly string[],
  context: Context,
  commands: readonly Command[],
): Promise<ExitCode> {
  const json = wantsJson(args);
  const request = parseCommandLine(commands, args);
  switch (request.kind) {
    case "help": {
      const { renderHelp } = await import("./help.ts");
      context.stdout(renderHelp(request.command, paint(context.colour), context.columns));
      return 0;
    }
    case "overview": {
      const { renderOverview } = await import("./help.ts");
      context.stdout(
        renderOverview(commands, request.words, paint(context.colour), context.columns),
      );
      return 0;
    }
    case "chapter": {
      const { chapterOf, renderChapter } = await import("./chapter.ts");
      const chapter = chapterOf(request.topic);
      context.stdout(renderChapter(chapter, paint(context.colour), context.columns));
      return 0;
    }
    case "failure":
      return tellFailure(context, request.error, json);
    case "run":
      try {
        return await request.command.run(context, request.parsed);
      } catch (error) {
        if (context.env("SMS_BRIDGE_DEBUG") && error instanceof Error) {
          context.stderr(`${error.stack}\n`);
        }
        // Whoever asked has gone, as `head` does.
        if (context.signal.reason === "EPIPE") return 0;
        return tellFailure(context, toFailure(error, context.signal.aborted), json);
      }
  }
}
