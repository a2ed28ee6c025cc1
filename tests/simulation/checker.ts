/**
 * The checker: compares what people texted, what the Gateway was asked, and what people got, with what
 * the program promises.
 */
import { FAILED_SENTENCE } from "../../src/gateway/reply.ts";
import type { Scenario } from "./scenario.ts";
import type { World } from "./world.ts";

/** How the bridge says that it does not know. */
const UNCERTAIN = "Sorry, I cannot tell";
const MARK = /aq\d+x\d+\.\d+|same-answer/g;
const TOKEN = /(?<!a)q\d+x\d+/g;

/** A text that was sent, as it ended up. */
interface Sent {
  readonly sid: string;
  readonly from: string;
  readonly token: string;
  readonly createdAtMs: number;
  readonly acknowledgedAtMs: number;
}

function sentTexts(world: World): Sent[] {
  return world.twilio.account.messages.filter(({ direction }) => direction === "inbound").map((
    one,
  ) => ({
    sid: one.sid,
    from: one.from,
    token: one.body.match(TOKEN)?.[0] ?? "",
    createdAtMs: one.createdAtMs,
    acknowledgedAtMs: world.twilio.acknowledgedAtMs.get(one.sid) ?? Infinity,
  }));
}

interface Turn {
  readonly key: string;
  readonly tokens: readonly string[];
}

function turnsOf(world: World): Turn[] {
  return world.gateway.sessions.turns.map(({ key, message }) => ({
    key,
    tokens: message.match(TOKEN) ?? [],
  }));
}

function* checkTurns(
  texts: readonly Sent[],
  turns: readonly Turn[],
  stranger: string,
): Generator<string> {
  const at = new Map<string, number>();
  for (const [index, { tokens }] of turns.entries()) {
    for (const token of tokens) {
      if (at.has(token)) yield `${token} was given to the agent twice`;
      at.set(token, index);
    }
  }
  for (const { from, token } of texts) {
    if (from === stranger && at.has(token)) yield `${token} of a stranger reached the agent`;
    if (from !== stranger && !at.has(token)) yield `${token} never reached the agent`;
  }
  for (const a of texts) {
    for (const b of texts) {
      if (a.from !== b.from || a.acknowledgedAtMs >= b.createdAtMs) continue;
      if (at.get(a.token)! > at.get(b.token)!) yield `${b.token} overtook ${a.token}`;
    }
  }
}

/** What should have come to a phone, and what did, in marks. */
function* checkReplies(
  world: World,
  scenario: Scenario,
  phone: string,
  turns: readonly Turn[],
): Generator<string> {
  const bodies = world.twilio.account.messages
    .filter(({ direction, to }) => direction === "outbound-api" && to === phone)
    .map(({ body }) => body);
  const got = bodies.flatMap((body) => body.match(MARK) ?? []);
  const texts = new Map(scenario.texts.map((text) => [text.token, text]));
  const due: string[] = [];
  let uncertain = 0;
  let failed = 0;
  for (const { key, tokens } of turns) {
    const text = texts.get(tokens[0] ?? "");
    if (text?.from !== phone) continue;
    const { marks } = text;
    const cut = world.interrupted.has(key);
    if (cut && scenario.recoverAfterMs === null) uncertain++;
    else if (marks.length === 0) failed += cut ? 0 : 1;
    else if (marks.every((mark, i) => got[due.length + i] === mark)) due.push(...marks);
    else return yield `${phone} got ${got.join(" ")}, not ${[...due, ...marks].join(" ")}`;
  }
  if (got.length > due.length) yield `${phone} got ${got.join(" ")} instead of ${due.join(" ")}`;
  const count = (start: string) => bodies.filter((body) => body.startsWith(start)).length;
  if (count(UNCERTAIN) !== uncertain) {
    yield `${phone} was told ${
      count(UNCERTAIN)
    } times that the bridge does not know, not ${uncertain}`;
  }
  if (count(FAILED_SENTENCE) !== failed) {
    yield `${phone} was told ${count(FAILED_SENTENCE)} times of a failure, not ${failed}`;
  }
}

/** A stranger is given one code, at most. */
function* checkStranger(world: World, stranger: string): Generator<string> {
  const { messages } = world.twilio.account;
  const texted = messages.some(({ from }) => from === stranger);
  const codes = messages.filter(({ to, direction }) =>
    to === stranger && direction === "outbound-api"
  );
  if (codes.length !== (texted ? 1 : 0)) yield `the stranger got ${codes.length} messages`;
}

function* checkDisk(world: World): Generator<string> {
  for (const { key } of world.disk.rows.values()) {
    if (key[0] === "inbox" || key[0] === "outbox") yield `${key[0]} still holds a row`;
  }
}

function* checkLog(world: World, scenario: Scenario): Generator<string> {
  const secret = new RegExp(
    [...scenario.phones, scenario.stranger].map((phone) => phone.slice(1)).join("|") +
      "|q\\d+x\\d+",
  );
  for (const line of world.logged) if (secret.test(line)) yield `the log tells too much: ${line}`;
}

/** Everything that is not as promised; empty when all is well. */
export function check(world: World, scenario: Scenario): string[] {
  const texts = sentTexts(world);
  const turns = turnsOf(world);
  return [
    ...checkTurns(texts, turns, scenario.stranger),
    ...scenario.phones.flatMap((phone) => [...checkReplies(world, scenario, phone, turns)]),
    ...checkStranger(world, scenario.stranger),
    ...checkDisk(world),
    ...checkLog(world, scenario),
  ];
}
