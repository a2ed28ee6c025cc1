/**
 * The questions of `setup`: each is asked until its answer is right, or kept in spite of a warning.
 *
 * @module
 */
import type { Check } from "../../checks/check.ts";
import { type Failure, failure } from "../../system/failure.ts";
import { renderCheck } from "../terminal/checks.ts";
import type { Context } from "../terminal/context.ts";
import { textColumns } from "../terminal/facts.ts";
import { paint } from "../terminal/output.ts";
import { startProgress } from "../terminal/progress.ts";
import { wrapText } from "../terminal/width.ts";

/** What was made of an answer: its value, or what is wrong with it. */
export type Reading<T> = { readonly value: T } | { readonly wrong: string };

/** One question. */
export interface Question<T> {
  readonly prompt: string;
  /** Not shown while it is typed. */
  readonly secret?: boolean;
  /** What Enter alone stands for, as shown; left out when there is nothing. */
  readonly normal?: { readonly shown: string; readonly value: T };
  readonly read: (text: string) => Reading<T>;
  /** Tries the answer out. */
  readonly test?: (value: T) => Promise<readonly Check[]>;
  /** What the test is called while it runs. */
  readonly testing?: string;
}

/** The dialogue. Everything is written to stderr: there is no result on stdout to be piped. */
export interface Dialogue {
  /** Says something, wrapped. */
  say(text: string): void;
  /** Says a command that is to be copied, in one line. */
  command(text: string): void;
  heading(text: string): void;
  /** What ends setup where Ctrl-C came elsewhere. */
  ended(): Failure;
  /** Notes what has been written or changed, for whoever ends setup early. */
  done(text: string): void;
  ask<T>(question: Question<T>): Promise<T>;
  /** Waits for Enter. */
  pause(prompt: string): Promise<void>;
  /** Asks for yes or no. */
  confirm(prompt: string, normal: boolean): Promise<boolean>;
  /** The same, where nobody who is left to answer means no. */
  offer(prompt: string): Promise<boolean>;
  /** Runs a test and shows what it found; whether nothing was a problem. */
  test(testing: string, run: () => Promise<readonly Check[]>): Promise<boolean>;
}

/** Tells what has been done by the time setup is ended. */
function ended(done: readonly string[]): Failure {
  return failure(
    "interrupted",
    "setup-ended",
    done.length === 0
      ? "Setup was ended; nothing was written"
      : `Setup was ended. Done by then: ${done.join("; ")}. The rest was not`,
    "run `sms-bridge setup` again: it offers what stands",
  );
}

/** Opens a dialogue on the terminal, whose questions throw a {@linkcode Failure} once it is ended. */
export function openDialogue(context: Context): Dialogue {
  const style = paint(context.colour && context.terminal.stderr);
  const columns = textColumns(context.columns);
  const line = (text: string) => context.stderr(`${text}\n`);
  const done: string[] = [];

  async function typed(prompt: string, secret = false): Promise<string> {
    const answer = await (secret ? context.askSecret(prompt) : context.ask(prompt));
    if (answer === null || context.signal.aborted) {
      line("");
      throw ended(done);
    }
    return answer.trim();
  }

  async function test(testing: string, run: () => Promise<readonly Check[]>): Promise<boolean> {
    const progress = startProgress(context, testing);
    const checks = await run().finally(() => progress.end());
    for (const check of checks) context.stderr(renderCheck(check, { paint: style, columns }));
    return checks.every(({ state }) => state !== "problem");
  }

  async function confirm(prompt: string, normal: boolean): Promise<boolean> {
    for (;;) {
      const asked = wrapText(`${prompt} ${normal ? "[Y/n]" : "[y/N]"}`, columns - 1);
      const answer = await typed(`${asked.join("\n")} `);
      if (answer === "") return normal;
      if (/^y(es)?$/i.test(answer)) return true;
      if (/^no?$/i.test(answer)) return false;
      line("  Please answer y or n.");
    }
  }

  async function read<T>({ prompt, secret, normal, read }: Question<T>): Promise<T> {
    for (;;) {
      const hint = normal === undefined ? "" : ` [${normal.shown}]`;
      const answer = await typed(`${prompt}${hint}: `, secret);
      if (answer === "" && normal !== undefined) return normal.value;
      const reading = read(answer);
      if ("value" in reading) return reading.value;
      line(`  ${style.red("✗")} ${reading.wrong}`);
    }
  }

  return {
    say: (text) => wrapText(text, columns).forEach(line),
    command: (text) => line(`\n  ${style.bold(text)}\n`),
    ended: () => ended(done),
    done: (text) => void done.push(text),
    heading: (text) => line(`\n${style.bold(text)}`),
    confirm,
    async offer(prompt) {
      const answer = await context.ask(`${wrapText(`${prompt} [Y/n]`, columns - 1).join("\n")} `);
      if (context.signal.aborted) {
        line("");
        throw ended(done);
      }
      return answer !== null && /^(y(es)?)?$/i.test(answer.trim());
    },
    test,
    async pause(prompt) {
      await typed(prompt);
    },
    async ask(question) {
      for (;;) {
        const value = await read(question);
        const run = question.test;
        if (run === undefined || await test(question.testing ?? "testing", () => run(value))) {
          return value;
        }
        if (await confirm("Keep it all the same?", false)) return value;
      }
    },
  };
}
