/**
 * What the agent asks in the middle of a text's turn reaches an owner by SMS, with a word to answer it with;
 * where no owner can be asked, the agent is told no at once.
 *
 * @module
 */
import type { GatewayEvent } from "../gateway/connection.ts";
import {
  type AgentQuestion,
  answerQuestion,
  type Decision,
  endedQuestion,
  listQuestions,
  readQuestion,
} from "../gateway/questions.ts";
import type { Link } from "../gateway/link.ts";
import { ownMessageSid } from "../gateway/unasked.ts";
import type { Phone } from "../policy/phone.ts";
import { errorText } from "../system/failure.ts";
import {
  OWNER_COMMAND_CHARS_MAX,
  OWNER_QUESTION_TTL_MS,
  OWNER_QUESTIONS_PER_DAY_MAX,
} from "../system/limits.ts";
import { maskNumber } from "../system/redact.ts";
import { renderReply } from "../text/sms/render.ts";
import { inboxRows } from "../store/inbox.ts";
import type { InboxRow } from "../store/inbox_row.ts";
import type { BridgeContext } from "../bridge/context.ts";
import type { Deliverer } from "../outbound/deliver.ts";
import { toOutbox } from "../outbound/compose.ts";
import { enqueue } from "../outbound/enqueue.ts";
import { ownersToTell } from "../people/owner.ts";
import { hasWord, issueWords } from "../people/owner_words.ts";
import { readAnswer, renderQuestion, unclearText } from "./question_text.ts";

/** An answer whose word has been spent. */
interface Given {
  readonly account: string;
  readonly owner: Phone;
  readonly question: string;
  readonly answer: string;
}

/** The agent's questions. */
export interface OwnerQuestions {
  /** Begins to hear of them, where the settings say so. */
  start(): void;
  /** Asks what another bridge may not have asked, which did so until now. */
  askAgain(): void;
  /** What is not clear about an answer, for the owner; null when it is clear, or nobody asks any more. */
  unclear(question: string, answer: string): string | null;
  /** Answers the agent, and tells the owner what came of it. */
  take(given: Given): void;
  stop(): Promise<void>;
}

/** What they work with. */
export interface QuestionParts {
  readonly context: BridgeContext;
  /** Opens a link that is shown approvals. */
  readonly openLink: () => Link;
  readonly deliverer: Pick<Deliverer, "wake">;
  /** Whether it is this bridge that asks; all that share a store take answers. */
  readonly asks: () => boolean;
}

const DONE: Readonly<Record<Decision["kind"], string | null>> = {
  allow: "Allowed: it runs now.",
  refuse: "Refused: it is not run.",
  answers: null,
};
const TOO_LATE =
  "That came too late: it had been answered before, or nobody waits for it any more.";
const AWAY = "The assistant cannot be reached now. You are asked again if it still wants to know.";

/** The text whose turn asks, or the Gateway goes on with; null when it is none: that is answered elsewhere. */
async function textBehind(
  { store }: BridgeContext,
  { runId, channel, sessionKey }: AgentQuestion,
): Promise<InboxRow | null> {
  const sid = ownMessageSid(runId);
  for await (const { value: row } of inboxRows(store)) {
    if (row.messageSid === sid) return row;
    const here = sid === null && channel === "sms" && sessionKey !== null;
    if (here && row.started?.sessionKey === sessionKey) return row;
  }
  return null;
}

/** Why owners are not asked something at all; null when they may be. */
function whyNot(question: AgentQuestion): string | null {
  if (question.kind === "question") {
    return question.parts.length === 0 ? "it asks for a secret" : null;
  }
  return question.command.length > OWNER_COMMAND_CHARS_MAX ? "the command is too long" : null;
}

/** Hears of questions, asks owners, and hands their answers on. */
class Watch implements OwnerQuestions {
  #parts: QuestionParts;
  #link: Link | undefined;
  /** Why the link was refused last. */
  #refused: string | undefined;
  /** Those that wait, by their id. */
  #open = new Map<string, AgentQuestion>();
  #work = new Set<Promise<void>>();

  constructor(parts: QuestionParts) {
    this.#parts = parts;
  }

  start(): void {
    if (!this.#parts.context.settings().bridge.ownerQuestions) return;
    const link = this.#link = this.#parts.openLink();
    link.onEvent((event) => this.#hear(event));
    link.onState((state) => {
      if (state.kind === "ready") this.#do(() => this.#catchUp(link));
      else if (state.kind === "refused" && state.why !== this.#refused) {
        const hint = "the Gateway must give the admin scope to show what is asked";
        this.#parts.context.log.error("question.not-heard", { why: state.why, hint });
      }
      this.#refused = state.kind === "refused" ? state.why : this.#refused;
    });
  }

  askAgain(): void {
    for (const [id, question] of [...this.#open]) {
      this.#open.delete(id);
      this.#do(() => this.#ask(question));
    }
  }

  unclear(id: string, answer: string): string | null {
    const question = this.#open.get(id);
    if (question === undefined) return null;
    return readAnswer(question, answer) === null ? unclearText(question) : null;
  }

  take(given: Given): void {
    this.#do(() => this.#answer(given));
  }

  async stop(): Promise<void> {
    await this.#link?.close();
    await Promise.all(this.#work);
  }

  #do(job: () => Promise<void>): void {
    const done = job().catch((error) =>
      this.#parts.context.log.error("question.failed", { error: errorText(error) })
    );
    this.#work.add(done);
    done.then(() => this.#work.delete(done));
  }

  #hear(event: GatewayEvent): void {
    const ended = endedQuestion(event);
    if (ended !== null) this.#open.delete(ended);
    const question = readQuestion(event);
    if (question !== null) this.#do(() => this.#ask(question));
  }

  async #catchUp(link: Link): Promise<void> {
    for (const question of await listQuestions(link)) await this.#ask(question);
  }

  async #ask(question: AgentQuestion): Promise<void> {
    const { context } = this.#parts;
    if (this.#open.has(question.id)) return;
    this.#open.set(question.id, question);
    if (!this.#parts.asks()) return;
    // Some releases end the text's turn first, and go on once there is an answer.
    if (await this.#wasAsked(question)) return;
    const text = await textBehind(context, question);
    if (text === null && ownMessageSid(question.runId) === null) {
      this.#open.delete(question.id);
      return;
    }
    const why = text === null ? "its text is given up" : whyNot(question);
    const asked = text === null || why !== null ? 0 : await this.#text(question, text);
    if (asked > 0) {
      return context.log.info("question.asked", { kind: question.kind, owners: asked });
    }
    const reason = why ?? "no owner can be asked now";
    const hint = "owners: bridge.ownerAllowFrom, or `sms-bridge pair approve <CODE> --owner`";
    context.log.warn("question.refused", { kind: question.kind, reason, hint });
    this.#open.delete(question.id);
    await answerQuestion(this.#link!, question, { kind: "refuse" });
  }

  /** Whether owners have words for it, from before a restart. */
  async #wasAsked({ id }: AgentQuestion): Promise<boolean> {
    const { context } = this.#parts;
    for (const account of context.settings().accounts) {
      if (await hasWord(context, account.id, { kind: "question", id })) return true;
    }
    return false;
  }

  /** Texts a question to owners: the one whose turn it is, else all. Returns how many were asked. */
  async #text(question: AgentQuestion, { account, from: who }: InboxRow): Promise<number> {
    const { context } = this.#parts;
    const owners = await ownersToTell(context, account);
    const asker = owners.find((owner) => owner === who);
    const ttlMs = Math.min(question.waitsMs, OWNER_QUESTION_TTL_MS);
    const issued = await issueWords(context, account, {
      purpose: { kind: "question", id: question.id },
      owners: asker === undefined ? owners : [asker],
      ttlMs,
      perDayMax: OWNER_QUESTIONS_PER_DAY_MAX,
    });
    let asked = 0;
    for (const { owner, word } of issued) {
      const from = owner === who ? "yours" : `the number that ends in ${who.slice(-4)}`;
      const { chunks } = renderQuestion(question, { word, from, forMs: ttlMs });
      if (await this.#send(account, owner, { chunks }, context.clock.now() + ttlMs)) asked++;
    }
    return asked;
  }

  async #send(
    account: string,
    to: Phone,
    rendered: Pick<ReturnType<typeof renderReply>, "chunks">,
    notAfterMs?: number,
  ): Promise<boolean> {
    const { context, deliverer } = this.#parts;
    const envelope = { account, to, kind: "proactive", inReplyTo: null, notAfterMs } as const;
    const queued = await enqueue(context, toOutbox(context, envelope, rendered));
    if (queued.kind !== "posted") return false;
    queued.wake.forEach(deliverer.wake);
    return true;
  }

  async #answer({ account, owner, question: id, answer }: Given): Promise<void> {
    const { log } = this.#parts.context;
    const question = this.#open.get(id);
    const decision = question === undefined ? null : readAnswer(question, answer);
    const came = question === undefined || decision === null || this.#link === undefined
      ? "late"
      : await answerQuestion(this.#link, question, decision);
    this.#open.delete(id);
    log.info("question.answered", { kind: question?.kind, by: maskNumber(owner), came });
    const told = came === "done"
      ? DONE[decision?.kind ?? "answers"]
      : came === "late"
      ? TOO_LATE
      : AWAY;
    if (told !== null) await this.#send(account, owner, renderReply(told));
  }
}

/** Makes the watch over the agent's questions. */
export function createOwnerQuestions(parts: QuestionParts): OwnerQuestions {
  return new Watch(parts);
}
