/**
 * The checker: compares what people texted, what the Gateway was asked, and what people got, with what
 * the program promises.
 */
import { FAILED_SENTENCE } from "../../src/gateway/reply.ts";
import type { BegunTurn } from "../../src/sim/gateway_sessions.ts";
import type { FakeMessage } from "../../src/sim/twilio_account.ts";
import { CHOOSER, type Scenario } from "./scenario.ts";

/** What happened at both ends. */
export interface Histories {
  /** Everything in Twilio's list, in order. */
  readonly messages: readonly FakeMessage[];
  /** When each text was acknowledged first, by MessageSid. */
  readonly acknowledgedAtMs: ReadonlyMap<string, number>;
  /** MessageSids whose webhook a bridge took in once Twilio had given up on it. */
  readonly takenLate: ReadonlySet<string>;
  /** Runs that the Gateway began, in order. */
  readonly turns: readonly BegunTurn[];
  /** Keys of runs that a restart of the Gateway cut off. */
  readonly interrupted: ReadonlySet<string>;
  /** Tokens of texts that wait for room in a budget. */
  readonly held?: ReadonlySet<string>;
  /** What the bridge logged. */
  readonly logged: readonly string[];
}

/** Who texted what, and what was to be said. */
export type Expected = Pick<
  Scenario,
  "phones" | "stranger" | "texts" | "recoverAfterMs" | "admittedAtMs" | "choices" | "loop"
>;

/** What the stranger texts once let in. */
export const ADMITTED_TOKEN = "q9x3";

/** Sentences about a spent budget do not count in segments; their own number is bounded. */
export const ABOUT_BUDGET = /budget for (this hour|today) is used up|too long to be sent/;
/** What {@linkcode CHOOSER} texts at last. */
export const CHOSEN_TOKEN = "q7x1";
/** Turns of a machine after an hour of texts by the clock, of dozens: some between two pauses, */
const LATE_LOOP_TURNS_MAX = 8;
/** or of so long: a fault that delays texts breaks their rhythm, which is then counted from there. */
const LATE_LOOP_MS_MAX = 10 * 60_000;

/** How the bridge says that it does not know. */
const UNCERTAIN = "Sorry, I cannot tell";
/** What is said of a text that waits, or takes long. */
const WAITS = /^(Your text has arrived|The assistant is still working)/;
const MARK = /aq\d+x\d+\.\d+|same-answer/g;
/** What tells a text that somebody sends. */
export const TOKEN = /(?<!a)q\d+x\d+/g;

/** A text that was sent, as it ended up. */
interface Sent {
  readonly sid: string;
  readonly from: string;
  readonly token: string;
  readonly createdAtMs: number;
  readonly acknowledgedAtMs: number;
}

function sentTexts(happened: Histories): Sent[] {
  return happened.messages.filter(({ direction }) => direction === "inbound").map((
    one,
  ) => ({
    sid: one.sid,
    from: one.from,
    token: one.body.match(TOKEN)?.[0] ?? "",
    createdAtMs: one.createdAtMs,
    acknowledgedAtMs: happened.acknowledgedAtMs.get(one.sid) ?? Infinity,
  }));
}

interface Turn {
  readonly key: string;
  readonly tokens: readonly string[];
}

function turnsOf(happened: Histories): Turn[] {
  return happened.turns.map(({ key, message }) => ({
    key,
    tokens: message.match(TOKEN) ?? [],
  }));
}

function* checkTurns(
  texts: readonly Sent[],
  turns: readonly Turn[],
  { stranger, choices, admittedAtMs }: Expected,
  { held = new Set(), takenLate }: Histories,
): Generator<string> {
  const at = new Map<string, number>();
  for (const [index, { tokens }] of turns.entries()) {
    for (const token of tokens) {
      if (at.has(token)) yield `${token} was given to the agent twice`;
      at.set(token, index);
    }
  }
  const known = new Set(texts.map(({ token }) => token));
  for (const token of at.keys()) if (!known.has(token)) yield `${token} was forged`;
  for (const { sid, from, token } of texts) {
    if (token === "") continue;
    // A webhook does not tell when its text was sent: one that waits in a bridge that is paused counts as new.
    if (from === stranger && admittedAtMs !== null && takenLate.has(sid)) continue;
    const isOut = from === CHOOSER && choices.at(-1)?.word === "STOP";
    const isKept = (from === stranger && token !== ADMITTED_TOKEN) || isOut || held.has(token);
    if (isKept && at.has(token)) yield `${token} of ${from} reached the agent`;
    if (!isKept && !at.has(token)) yield `${token} never reached the agent`;
  }
  for (const a of texts) {
    for (const b of texts) {
      if (
        a.from !== b.from || a.token === "" || b.token === "" || a.acknowledgedAtMs >= b.createdAtMs
      ) continue;
      if (at.get(a.token)! > at.get(b.token)!) yield `${b.token} overtook ${a.token}`;
    }
  }
}

/** What should have come to a phone, and what did, in marks. */
function* checkReplies(
  happened: Histories,
  expected: Expected,
  phone: string,
  turns: readonly Turn[],
  tight: boolean,
): Generator<string> {
  const bodies = happened.messages
    .filter(({ direction, to }) => direction === "outbound-api" && to === phone)
    .map(({ body }) => body);
  const got = bodies.flatMap((body) => body.match(MARK) ?? []);
  const texts = new Map(expected.texts.map((text) => [text.token, text]));
  const due: string[] = [];
  let uncertain = 0;
  let failed = 0;
  for (const { key, tokens } of turns) {
    const text = texts.get(tokens[0] ?? "");
    if (text?.from !== phone) continue;
    const { marks } = text;
    const cut = happened.interrupted.has(key);
    if (cut && expected.recoverAfterMs === null) uncertain++;
    else if (marks.length === 0) failed += cut ? 0 : 1;
    else if (marks.every((mark, i) => got[due.length + i] === mark)) due.push(...marks);
    else if (tight && got[due.length] !== marks[0]) continue;
    else return yield `${phone} got ${got.join(" ")}, not ${[...due, ...marks].join(" ")}`;
  }
  if (got.length > due.length) yield `${phone} got ${got.join(" ")} instead of ${due.join(" ")}`;
  const count = (start: string) => bodies.filter((body) => body.startsWith(start)).length;
  if (tight) return;
  if (count(UNCERTAIN) !== uncertain) {
    yield `${phone} was told ${
      count(UNCERTAIN)
    } times that the bridge does not know, not ${uncertain}`;
  }
  if (count(FAILED_SENTENCE) !== failed) {
    yield `${phone} was told ${count(FAILED_SENTENCE)} times of a failure, not ${failed}`;
  }
}

/**
 * A stranger is given one code, at most, before being let in. Catch-up does not reach behind that, so a
 * text that never arrived before need not be answered by one.
 */
function* checkStranger(
  { messages, acknowledgedAtMs }: Histories,
  { stranger, admittedAtMs }: Expected,
  tight: boolean,
): Generator<string> {
  const texts = messages.filter(({ from, body }) => from === stranger && body !== ADMITTED_TOKEN);
  const codes = messages.filter(({ to, direction, body }) =>
    to === stranger && direction === "outbound-api" && !(tight && ABOUT_BUDGET.test(body)) &&
    !(admittedAtMs !== null && WAITS.test(body))
  );
  const isOpen = tight ||
    (admittedAtMs !== null && !texts.some(({ sid }) => acknowledgedAtMs.has(sid)));
  const due = texts.length === 0 ? 0 : 1;
  if (codes.length !== due && !(isOpen && codes.length === 0)) {
    yield `the stranger got ${codes.length} messages`;
  }
}

/** A machine is found, and no turns are run for it then. */
function* checkLoop(happened: Histories, { loop }: Expected): Generator<string> {
  if (loop === null) return;
  const late = happened.turns.filter(({ message }) =>
    Number(message.match(/^thought (\d+)/)?.[1] ?? 0) * loop.everyMs > 65 * 60_000
  );
  if (late.length > Math.max(LATE_LOOP_TURNS_MAX, LATE_LOOP_MS_MAX / loop.everyMs)) {
    yield `the loop had ${late.length} turns after an hour`;
  }
}

function* checkLog(happened: Histories, expected: Expected): Generator<string> {
  const secret = new RegExp(
    [...expected.phones, expected.stranger].map((phone) => phone.slice(1)).join("|") +
      "|q\\d+x\\d+",
  );
  for (const line of happened.logged) {
    if (secret.test(line)) yield `the log tells too much: ${line}`;
  }
}

/**
 * Everything that is not as promised; empty when all is well.
 *
 * @param tight Some replies may have had no room in a budget: each is whole, or was not sent.
 */
export function check(happened: Histories, expected: Expected, tight = false): string[] {
  const texts = sentTexts(happened);
  const turns = turnsOf(happened);
  return [
    ...checkTurns(texts, turns, expected, happened),
    ...checkLoop(happened, expected),
    ...expected.phones.flatMap((phone) => [
      ...checkReplies(happened, expected, phone, turns, tight),
    ]),
    ...checkStranger(happened, expected, tight),
    ...checkLog(happened, expected),
  ];
}
