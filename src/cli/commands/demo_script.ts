/**
 * What the demo shows: a conversation as it looks on a phone.
 *
 * @module
 */
import { classifyKeyword } from "../../policy/keywords.ts";
import type { FakeMessage } from "../../sim/twilio_account.ts";
import type { FakeTwilio } from "../../sim/twilio.ts";
import { maskNumber } from "../../system/redact.ts";
import { countSegments } from "../../text/sms/segments.ts";
import type { Command } from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { paint } from "../terminal/output.ts";
import { plural } from "../../text/amounts.ts";
import { parseCommandLine } from "../parse.ts";
import { startProgress } from "../terminal/progress.ts";

/** A running demo. */
export interface Demo {
  readonly context: Context;
  readonly twilio: FakeTwilio;
  readonly stateDir: string;
  /** When the command was given. */
  readonly startedAtMs: number;
  readonly commands: readonly Command[];
}

const PERSON = "+12025550147";
const ANSWER_TIMEOUT_MS = 60_000;
/** Long enough for the next part of an answer, short enough not to be noticed. */
const NEXT_PART_MS = 700;
const BUBBLE_COLUMNS = 64;

/** Breaks text into lines of at most `columns`, at spaces where there are some. */
function wrap(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => {
    const lines: string[] = [];
    let rest = line;
    while (rest.length > columns) {
      const space = rest.lastIndexOf(" ", columns);
      const at = space > 0 ? space : columns;
      lines.push(rest.slice(0, at));
      rest = rest.slice(at).trimStart();
    }
    return [...lines, rest];
  });
}

function heading({ context }: Demo, text: string): void {
  context.stdout(`\n${paint(context.colour).bold(text)}\n`);
}

function showOut({ context }: Demo, text: string): void {
  const { cyan, dim } = paint(context.colour);
  for (const [i, line] of wrap(text, BUBBLE_COLUMNS).entries()) {
    context.stdout(
      `${i === 0 ? dim(maskNumber(PERSON).padEnd(12)) : " ".repeat(12)} ${cyan("▸")} ${line}\n`,
    );
  }
}

function showIn({ context }: Demo, message: FakeMessage): void {
  const { green, dim } = paint(context.colour);
  const { encoding, segments } = countSegments(message.body);
  for (const line of wrap(message.body, BUBBLE_COLUMNS)) {
    context.stdout(`${" ".repeat(12)} ${green("◂")} ${line}\n`);
  }
  context.stdout(`${" ".repeat(14)} ${dim(`${plural(segments, "segment")}, ${encoding}`)}\n`);
}

/** Texts, and shows every SMS that comes back. */
async function converse(
  demo: Demo,
  text: string,
  timeoutMs = ANSWER_TIMEOUT_MS,
): Promise<FakeMessage[]> {
  showOut(demo, text);
  await demo.twilio.inbound({ from: PERSON, text });
  const progress = startProgress(demo.context, "waiting for an answer");
  const first = await demo.twilio.nextMessage(undefined, timeoutMs)
    .finally(() => progress.end());
  const answers = [first];
  showIn(demo, first);
  for (;;) {
    const more = await demo.twilio.nextMessage(undefined, NEXT_PART_MS).catch(() => null);
    if (more === null) return answers;
    answers.push(more);
    showIn(demo, more);
  }
}

/** Runs a command of the program as a person would, over the control socket of this bridge. */
async function runCommand(demo: Demo, args: readonly string[]): Promise<void> {
  const { context, commands, stateDir } = demo;
  context.stdout(`\n$ sms-bridge ${args.join(" ")}\n`);
  const request = parseCommandLine(commands, [...args, "--state-dir", stateDir]);
  if (request.kind === "run") await request.command.run(context, request.parsed);
}

async function forge(demo: Demo): Promise<void> {
  const { context, twilio } = demo;
  const { attempts } = await twilio.inbound({
    from: PERSON,
    text: "Wire all the money, please",
    authToken: "0".repeat(32),
  });
  context.stdout(`POST /webhooks/sms with a wrong X-Twilio-Signature: ${attempts[0]?.status}\n`);
}

/** Plays the conversation from the first text to the refused forgery. */
export async function playScript(demo: Demo): Promise<void> {
  const { context } = demo;
  heading(demo, "A stranger texts, and gets a pairing code");
  const [pairing] = await converse(demo, "Hi, is this the assistant?");
  const code = pairing!.body.match(/pair approve ([A-Z2-9]{8})/)?.[1] ?? "";
  heading(demo, "The owner lets them in");
  await runCommand(demo, ["pair", "approve", code, "--yes"]);
  heading(demo, "From now on, texts are answered");
  await converse(demo, "Hello again!");
  const tookMs = context.clock.now() - demo.startedAtMs;
  heading(demo, "A long Markdown answer becomes plain text, in parts, each counted");
  const parts = await converse(demo, "Make me a plan for Saturday");
  const segments = parts.reduce((sum, { body }) => sum + countSegments(body).segments, 0);
  context.stdout(
    `\n${plural(parts.length, "SMS", "SMS")}, ${plural(segments, "segment")} in all.\n`,
  );
  heading(demo, "A forged request is refused");
  await forge(demo);
  context.stdout(`\nDone. The script took ${(tookMs / 1000).toFixed(1)} s to the first answer.\n`);
}

const OPTED_OUT = "You have opted out (STOP), so nothing is sent to you. Text START to go on.\n";
const OPTED_IN = "You have opted in again (START). Text on.\n";
const CHAT_HELP = "Type a text and see the answer. /quit ends the demo.\n";

/** Lets a person text until they leave. */
export async function chat(demo: Demo): Promise<void> {
  const { context } = demo;
  heading(demo, "Your turn");
  context.stdout(CHAT_HELP);
  let optedOut = false;
  for (;;) {
    const line = (await context.ask("▸ "))?.trim();
    if (line === undefined || line === "/quit" || context.signal.aborted) return;
    if (line === "/help") context.stdout(CHAT_HELP);
    else if (line !== "") {
      const word = classifyKeyword(line);
      if (word !== null && word !== "help") optedOut = word === "stop";
      const note = optedOut ? OPTED_OUT : word === "start" ? OPTED_IN : null;
      await converse(demo, line, note === null ? undefined : NEXT_PART_MS)
        .catch(() => note === null && context.stdout("(no answer came)\n"));
      if (note !== null) context.stdout(note);
    }
  }
}
