import { COMMANDS } from "./src/cli/commands/table.ts";
import { runCli } from "./src/cli/run.ts";
import { createSystemContext } from "./src/cli/terminal/system_context.ts";

Deno.exit(await runCli(Deno.args, createSystemContext(Deno.args), COMMANDS));
