import { commandsFor } from "./src/cli/commands/by_word.ts";
import { runCli } from "./src/cli/run.ts";
import { createSystemContext } from "./src/cli/terminal/system_context.ts";

const commands = await commandsFor(Deno.args);
Deno.exit(await runCli(Deno.args, createSystemContext(Deno.args), commands));
