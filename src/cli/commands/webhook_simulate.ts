/**
 * `webhook simulate`: sends a text of our own to the running bridge and shows what becomes of it.
 *
 * @module
 */
import type { Operations } from "../../operations/operations.ts";
import type { Simulated } from "../../operations/simulate.ts";
import type { Trace, TracedMessage } from "../../operations/trace.ts";
import { sleep } from "../../system/clock.ts";
import { Failure, failure } from "../../system/failure.ts";
import { maskNumber } from "../../system/redact.ts";
import { isFinal } from "../../twilio/delivery.ts";
import {
  ACCOUNT_OPTION,
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type OptionSpec,
  STATE_DIR_OPTION,
} from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { accountOfBridge } from "../account.ts";
import { runningOperations, stateDirectory } from "../operations_client.ts";
import { paint, printJson } from "../terminal/output.ts";
import { formatDuration, plural } from "../../text/amounts.ts";

const OPTIONS: readonly OptionSpec[] = [
  { name: "from", kind: "string", value: "NUMBER", meaning: "who is to have texted, in E.164" },
  { name: "text", kind: "string", value: "TEXT", meaning: "what the text says" },
  {
    name: "timeout",
    kind: "number",
    value: "SECONDS",
    meaning: "how long to follow it; 120 when left out",
  },
];
const POLL_MS = 200;
const TIMEOUT_S = 120;

/** One thing that happened to the text. */
export interface SimulationStep {
  /** A fixed word, such as `posted`, `stored`, `turn`, `ended`, `sent`, `delivery`. */
  readonly step: string;
  /** Since the text was posted. */
  readonly afterMs: number;
  readonly message: string;
}

function chunkSteps(message: TracedMessage, of: string): [step: string, message: string][] {
  const { chunks, segments, sids, statuses, givenUp } = message;
  return [
    ["reply", `${of}: ${plural(chunks, "SMS", "SMS")}, ${plural(segments, "segment")}`],
    ...sids.map((sid, i): [string, string] => [
      "sent",
      `${of}: Twilio took ${i + 1} of ${chunks} (${sid})`,
    ]),
    ...sids.flatMap((sid, i): [string, string][] => {
      const status = statuses[i]!;
      return isFinal(status) ? [["delivery", `${of}: ${status} (${sid})`]] : [];
    }),
    ...(givenUp === null
      ? []
      : [["given-up", `${of}: not sent, ${givenUp}`]] as [string, string][]),
  ];
}

const OUTCOMES: Readonly<Record<string, string>> = {
  answered: "the agent answered",
  silent: "the agent had nothing to say",
  refused: "the sender is not let in any more",
  failed: "the agent could not answer; the Gateway's log says why",
  uncertain: "it is not known whether the turn ran; it is a dead letter",
  "too-old": "it waited a day for the Gateway; it is a dead letter",
};

/** Why a text that was answered with 200 is not for the agent. */
function notTaken({ optedOut, pairing }: Trace): string {
  if (optedOut) return "not for the agent: the sender has said STOP";
  return pairing
    ? "not for the agent: the sender is not let in, and has a pairing code (`pair list`)"
    : "not for the agent: the sender is not let in (dmPolicy), or the text is STOP, START or HELP";
}

/** All that a trace says, in order; it only ever grows. */
function stepsOf(trace: Trace): [step: string, message: string][] {
  const { taken, turnBeganAtMs, outcome, messages } = trace;
  const steps: [string, string][] = [
    taken ? ["stored", "on disk, for the agent"] : ["refused", notTaken(trace)],
  ];
  if (turnBeganAtMs !== null || outcome !== null) steps.push(["turn", "the agent's turn began"]);
  if (outcome !== null) steps.push(["ended", OUTCOMES[outcome] ?? outcome]);
  for (const [i, message] of messages.toReversed().entries()) {
    steps.push(...chunkSteps(message, messages.length === 1 ? "reply" : `reply ${i + 1}`));
  }
  return steps;
}

/** Whether nothing further will happen. */
function isOver({ taken, outcome, messages }: Trace): boolean {
  if (taken && outcome === null) return false;
  return messages.every(({ givenUp, sids, chunks, statuses }) =>
    givenUp !== null ||
    (sids.length === chunks && statuses.every(isFinal))
  );
}

/** Whether the text came to its end, but for what carriers say. */
function isSettled({ taken, outcome, messages }: Trace): boolean {
  return (!taken || outcome !== null) &&
    messages.every(({ givenUp, sids, chunks }) => givenUp !== null || sids.length === chunks);
}

/** Follows the text until nothing further happens; tells each step once. */
async function follow(
  context: Context,
  operations: Operations,
  posted: Simulated,
  timeoutMs: number,
  tell: (step: SimulationStep) => void,
): Promise<Trace> {
  const { account, phone, messageSid, atMs } = posted;
  const { clock, signal } = context;
  const told = new Set<string>();
  for (;;) {
    const trace = await operations.ask("trace", { account, phone, messageSid, sinceMs: atMs });
    if (trace instanceof Failure) throw trace;
    const afterMs = clock.now() - atMs;
    for (const [step, message] of stepsOf(trace)) {
      if (told.has(message)) continue;
      told.add(message);
      tell({ step, afterMs, message });
    }
    if (isOver(trace) || afterMs > timeoutMs || signal.aborted) return trace;
    await sleep(clock, POLL_MS, signal);
  }
}

function need(value: string | undefined, option: string, hint: string): string {
  if (value !== undefined && value !== "") return value;
  throw failure("usage", "missing-option", `Cannot simulate a text without --${option}`, hint);
}

function postedStep({ url, status, tookMs }: Simulated): SimulationStep {
  const answer = status === null ? "no answer" : `${status}, in ${tookMs} ms`;
  return { step: "posted", afterMs: tookMs, message: `POST ${url}: ${answer}` };
}

const notRunning = () =>
  failure(
    "unreachable",
    "not-running",
    "Cannot simulate a text as the bridge does not run",
    "start it with `sms-bridge serve`, then run this again",
  );

/** The command `webhook simulate`. */
export const webhookSimulateCommand: Command = {
  path: ["webhook", "simulate"],
  group: "Find out",
  summary: "send the bridge a text of your own and follow it",
  details: "The text is signed as Twilio would and posted to the running bridge. All that\n" +
    "follows is real: the agent answers, and the answer is texted and billed.",
  options: [...OPTIONS, ACCOUNT_OPTION, CONFIG_OPTION, STATE_DIR_OPTION, JSON_OPTION],
  examples: ["webhook simulate --from +15551234567 --text hi"],
  async run(context, parsed): Promise<ExitCode> {
    const from = need(parsed.text("from"), "from", "as in --from +15551234567");
    const text = need(parsed.text("text"), "text", "as in --text hi");
    const operations = await runningOperations(context, stateDirectory(context, parsed));
    if (operations === null) throw notRunning();
    if (operations instanceof Failure) throw operations;
    const account = await accountOfBridge(context, parsed, operations);
    const posted = await operations.ask("simulate", { from, text, account });
    if (posted instanceof Failure) throw posted;
    const json = parsed.flag("json");
    const steps: SimulationStep[] = [];
    const { dim } = paint(context.colour);
    const tell = (step: SimulationStep) => {
      steps.push(step);
      const after = formatDuration(step.afterMs).padStart(8);
      if (!json) context.stdout(`${dim(after)}  ${step.message}\n`);
    };
    if (!json) context.stdout(`A text from ${maskNumber(posted.phone)}, not sent by anybody:\n`);
    tell(postedStep(posted));
    const accepted = posted.status === 200;
    const timeoutMs = (parsed.number("timeout") ?? TIMEOUT_S) * 1_000;
    const trace = accepted ? await follow(context, operations, posted, timeoutMs, tell) : null;
    const ok = trace !== null && isSettled(trace) &&
      trace.messages.every(({ givenUp }) => givenUp === null);
    if (json) {
      printJson(context, { ok, account: posted.account, messageSid: posted.messageSid, steps });
    } else if (!accepted) {
      context.stderr("The bridge refused it: `sms-bridge doctor` says why.\n");
    } else if (!ok) context.stderr("It did not come to a good end in time: `sms-bridge status`.\n");
    return context.signal.aborted ? 130 : ok ? 0 : 1;
  },
};
