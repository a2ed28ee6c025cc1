/**
 * The real world as a command's context.
 *
 * @module
 */
import { typedSecret } from "./typed_secret.ts";
import { systemClock } from "../../system/clock.ts";
import { systemRandom } from "../../system/random.ts";
import { type Context, wantsColour } from "./context.ts";
import { writeAll } from "../../system/write_all.ts";
import { readWithin } from "./read_within.ts";

/** The real context, and how to stop listening for signals. */
export interface SystemContext extends Context {
  [Symbol.dispose](): void;
}

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM"];

function consoleSize(): { columns: number; rows: number | undefined } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || 80, rows: rows || undefined };
  } catch {
    return { columns: 80, rows: undefined };
  }
}

/** Reads lines that are typed on the terminal; what was typed ahead is kept for the next question. */
interface Typist {
  /** A line, as the terminal edits and shows it. */
  line(): Promise<string | null>;
  /** A line that is not shown. */
  secret(): Promise<string | null>;
}

function createTypist(stop: AbortController): Typist {
  const { signal } = stop;
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  const aborted = new Promise<null>((resolve) =>
    signal.addEventListener("abort", () => resolve(null), { once: true })
  );
  let text = "";
  async function until(end: RegExp): Promise<string | null> {
    for (;;) {
      const at = text.search(end);
      if (at >= 0) {
        const before = text.slice(0, at + 1);
        text = text.slice(at + (text.startsWith("\r\n", at) ? 2 : 1));
        return before;
      }
      const length = await Promise.race([Deno.stdin.read(buffer), aborted]);
      if (length === null) return null;
      text += decoder.decode(buffer.subarray(0, length), { stream: true });
    }
  }
  return {
    line: async () => (await until(/\n/))?.replace(/\r?\n$/, "") ?? null,
    async secret() {
      Deno.stdin.setRaw(true);
      try {
        // deno-lint-ignore no-control-regex
        const keys = await until(/[\r\n\x03\x04]/);
        const secret = keys === null ? null : typedSecret(keys);
        if (keys?.endsWith("\x03")) stop.abort("SIGINT");
        return secret;
      } finally {
        Deno.stdin.setRaw(false);
        writeAll(Deno.stderr, "\n");
      }
    },
  };
}

/** Listens to signals to stop, of which a second one ends the process; gives how to stop listening. */
function listen(stop: AbortController): () => void {
  const listeners = SIGNALS.map((name) => {
    const onSignal = () => {
      if (stop.signal.aborted) Deno.exit(130);
      stop.abort(name);
    };
    Deno.addSignalListener(name, onSignal);
    return () => Deno.removeSignalListener(name, onSignal);
  });
  return () => listeners.forEach((remove) => remove());
}

/** Makes the context of this process and listens to its signals. */
export function createSystemContext(args: readonly string[]): SystemContext {
  const stop = new AbortController();
  const unlisten = listen(stop);
  const terminal = {
    stdin: Deno.stdin.isTerminal(),
    stdout: Deno.stdout.isTerminal(),
    stderr: Deno.stderr.isTerminal(),
  };
  const env = (name: string) => Deno.env.get(name);
  let typist: Typist | undefined;
  let unread = false;
  return {
    env,
    stdout(text) {
      if (unread || writeAll(Deno.stdout, text)) return;
      unread = true;
      stop.abort("EPIPE");
    },
    stderr: (text) => void writeAll(Deno.stderr, text),
    readStdin: (bytesMax) => readWithin(Deno.stdin.readable, bytesMax),
    async ask(question) {
      if (!terminal.stdin) return null;
      writeAll(Deno.stderr, question);
      return await (typist ??= createTypist(stop)).line();
    },
    async askSecret(question) {
      if (!terminal.stdin) return null;
      writeAll(Deno.stderr, question);
      return await (typist ??= createTypist(stop)).secret();
    },
    terminal,
    ...consoleSize(),
    colour: !args.includes("--no-color") && wantsColour(env, terminal.stdout),
    clock: systemClock,
    random: systemRandom,
    signal: stop.signal,
    [Symbol.dispose]: unlisten,
  };
}
