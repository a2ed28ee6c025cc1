/**
 * A context for running commands in tests.
 *
 * @module
 */
import type { Context } from "../../src/cli/terminal/context.ts";
import { createSimClock } from "../../src/sim/clock.ts";
import { seededRandom } from "../../src/system/random.ts";

/** A context whose streams can be looked at. */
export interface TestContext extends Context {
  /** What went to stdout so far. */
  readonly out: string;
  /** What went to stderr so far. */
  readonly err: string;
  /** The questions asked, in order. */
  readonly asked: readonly string[];
}

/** What a test gives a command. */
export interface TestContextOptions extends Partial<Context> {
  readonly variables?: Readonly<Record<string, string>>;
  /** What is on standard input. */
  readonly input?: string;
  /** Answers to questions; then input has ended. */
  readonly answers?: readonly string[];
}

/** Makes a context without terminal, colours and environment, except as `options` say. */
export function createTestContext(options: TestContextOptions = {}): TestContext {
  const { variables = {}, input = "", answers = [], ...rest } = options;
  const asked: string[] = [];
  let out = "";
  let err = "";
  const ask = (question: string) => {
    asked.push(question);
    return Promise.resolve(answers[asked.length - 1] ?? null);
  };
  return {
    env: (name) => variables[name],
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    readStdin: (bytesMax) => Promise.resolve(input.length > bytesMax ? null : input),
    ask,
    askSecret: ask,
    terminal: { stdin: false, stdout: false, stderr: false },
    columns: 80,
    colour: false,
    clock: createSimClock(),
    random: seededRandom(1),
    signal: new AbortController().signal,
    ...rest,
    get out() {
      return out;
    },
    get err() {
      return err;
    },
    asked,
  };
}
