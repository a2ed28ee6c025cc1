import { runCli } from "./src/cli/run.ts";
import { createSystemContext } from "./src/cli/system_context.ts";

using context = createSystemContext(Deno.args);
Deno.exitCode = await runCli(Deno.args, context);
