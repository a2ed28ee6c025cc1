import { runCli } from "./src/cli/run.ts";
import { createSystemContext } from "./src/cli/system_context.ts";

Deno.exit(await runCli(Deno.args, createSystemContext(Deno.args)));
