/**
 * Running a program that answers with a secret: without a shell, with the variables it is given and no
 * others, within limits of time and output.
 *
 * @module
 */

/** A program with its limits. */
export interface ResolverProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly outputBytesMax: number;
}

/** Why there is no answer: it failed, took too long, said too much, or may not be run at all. */
export type ProgramFault = "failed" | "late" | "long" | "forbidden";

/** What a program says to `input`, or why it says nothing. */
export async function askProgram(
  { command, args, env, timeoutMs, outputBytesMax }: ResolverProgram,
  input: string,
): Promise<{ readonly text: string } | { readonly fault: ProgramFault }> {
  const child = spawn(command, args, env);
  if (typeof child === "string") return { fault: child };
  const reader = child.stdout.getReader();
  let fault: ProgramFault | null = null;
  const giveUp = (why: ProgramFault) => {
    fault ??= why;
    // A program of its own may hold the output open, so that its end alone does not end the reading.
    reader.cancel().catch(() => {});
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  };
  const timer = setTimeout(() => giveUp("late"), timeoutMs);
  const writing = say(child, input);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > outputBytesMax) giveUp("long");
    else chunks.push(part.value);
  }
  const { success } = await child.status;
  clearTimeout(timer);
  await writing;
  if (fault !== null) return { fault };
  return success ? { text: await new Blob(chunks as BlobPart[]).text() } : { fault: "failed" };
}

function spawn(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess | ProgramFault {
  try {
    return new Deno.Command(command, {
      args: [...args],
      env,
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch (error) {
    return error instanceof Deno.errors.NotCapable ? "forbidden" : "failed";
  }
}

/** Writes the request; a program that does not read it is its own fault. */
async function say(child: Deno.ChildProcess, input: string): Promise<void> {
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
}
