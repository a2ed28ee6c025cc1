/**
 * Tidies up behind a script that is interrupted: its programs end with it, and its temporary files are gone.
 *
 * @module
 */

/** The processes that this one has started; none where the system does not tell. */
function childPids(): number[] {
  try {
    return [...Deno.readDirSync("/proc/self/task")].flatMap(({ name }) =>
      Deno.readTextFileSync(`/proc/self/task/${name}/children`).split(" ").map(Number)
    ).filter((pid) => pid > 0);
  } catch {
    return [];
  }
}

function tidyUp(folder: string): void {
  for (const pid of childPids()) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
  try {
    Deno.removeSync(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Has everything temporary below one folder from now on, which goes when the script ends, also by Ctrl-C.
 * Returns where temporary files stay that are for a person.
 */
export function tidyAtEnd(): string {
  const kept = Deno.env.get("TMPDIR") ?? "/tmp";
  // A short name: sockets are below it, and their paths may have 100 characters or so.
  const folder = `${kept}/sb${crypto.randomUUID().slice(0, 6)}`;
  Deno.mkdirSync(folder, { mode: 0o700 });
  Deno.env.set("TMPDIR", folder);
  for (const event of ["unload", "error", "unhandledrejection"]) {
    globalThis.addEventListener(event, () => tidyUp(folder));
  }
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => Deno.exit(signal === "SIGINT" ? 130 : 143));
  }
  return kept;
}
