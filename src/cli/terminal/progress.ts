/**
 * Showing on a terminal that something is under way.
 *
 * @module
 */
import type { Context } from "./context.ts";

/** A line on the terminal that says what is going on. */
export interface Progress {
  /** Changes what it says. */
  say(text: string): void;
  /** Removes the line. */
  end(): void;
}

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const FRAME_MS = 80;

/** Shows a spinner on stderr until its end; nothing when stderr is not a terminal. */
export function startProgress(context: Context, text: string): Progress {
  if (!context.terminal.stderr) return { say() {}, end() {} };
  let said = text;
  let frame = 0;
  let cancel = () => {};
  const draw = () => {
    context.stderr(`\r\x1b[2K${FRAMES[frame++ % FRAMES.length]} ${said}`);
    cancel = context.clock.after(FRAME_MS, draw);
  };
  draw();
  return {
    say(next) {
      said = next;
    },
    end() {
      cancel();
      context.stderr("\r\x1b[2K");
    },
  };
}
