/**
 * What the fake Gateway's agent asks in the middle of a turn: commands to approve, and `ask_user`.
 *
 * @module
 */
import type { Clock } from "../system/clock.ts";
import { fault, type Json, ok, type Reply } from "./gateway_methods.ts";
import type { Asks } from "./gateway_replies.ts";
import type { AskingRun } from "./gateway_sessions.ts";

/** Who hears of an event, by scopes and capabilities. */
export type Hearer = (scopes: readonly string[], caps: readonly string[]) => boolean;

/** The questions that wait. */
export interface Questions {
  /** Asks, and gives what the tool tells the model. */
  ask(run: AskingRun, asks: Asks): Promise<string>;
  /** Answers a method; null when it is about something else. */
  handle(method: string, params: Json, scopes: readonly string[]): Reply | null;
  /** Forgets all of them, as a dying process does. */
  forget(): void;
}

interface Waiting {
  readonly kind: "exec" | "ask_user";
  readonly record: Json;
  readonly settle: (told: string) => void;
}

const APPROVAL_MS = 30 * 60_000;
const QUESTION_MS = 15 * 60_000;
const ADMIN = "operator.admin";

const hearsApprovals: Hearer = (scopes, caps) =>
  scopes.includes(ADMIN) && (caps.includes("approvals") || caps.includes("exec-approvals"));
const hearsQuestions: Hearer = (scopes) =>
  scopes.includes(ADMIN) || scopes.includes("operator.questions");

function missing(scope: string): Reply {
  return fault("FORBIDDEN", `missing scope: ${scope}`, {
    code: "MISSING_SCOPE",
    missingScope: scope,
  });
}

class Asked implements Questions {
  #clock: Clock;
  #emit: (event: string, payload: Json, hears: Hearer) => void;
  #waiting = new Map<string, Waiting>();
  #ended = new Set<string>();

  constructor(clock: Clock, emit: (event: string, payload: Json, hears: Hearer) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  ask(run: AskingRun, asks: Asks): Promise<string> {
    const scope = asks.kind === "exec" ? "operator.approvals" : "operator.questions";
    if (!run.scopes.includes(scope) && !run.scopes.includes(ADMIN)) {
      return Promise.resolve(
        asks.kind === "exec"
          ? `Exec approval registration failed: GatewayClientRequestError: missing scope: ${scope}`
          : "Session-scoped access requires a verified user profile.",
      );
    }
    const { runId, sessionKey, route } = run;
    const id = crypto.randomUUID();
    const createdAtMs = this.#clock.now();
    const forMs = asks.kind === "exec" ? APPROVAL_MS : QUESTION_MS;
    const life = { id, createdAtMs, expiresAtMs: createdAtMs + forMs };
    const record = asks.kind === "exec"
      ? {
        approvalKind: "exec",
        ...life,
        request: {
          command: asks.command,
          allowedDecisions: ["allow-once", "deny"],
          agentId: "main",
          sessionKey,
          runId,
          turnSourceChannel: route?.channel ?? null,
          turnSourceTo: route?.to ?? null,
          turnSourceAccountId: route?.accountId ?? null,
        },
      }
      : {
        ...life,
        questions: asks.questions.map(({ id: questionId, ...one }) => ({
          questionId,
          ...one,
          isOther: true,
        })),
        agentId: "main",
        sessionKey,
        runId,
        status: "pending",
      };
    return new Promise((resolve) => {
      const settle = (told: string) => {
        cancel();
        this.#waiting.delete(id);
        this.#ended.add(id);
        resolve(told);
      };
      const cancel = this.#clock.after(forMs, () => settle("No answer arrived"));
      this.#waiting.set(id, { kind: asks.kind, record, settle });
      if (asks.kind === "exec") this.#emit("exec.approval.requested", record, hearsApprovals);
      else this.#emit("question.requested", record, hearsQuestions);
    });
  }

  handle(method: string, params: Json, scopes: readonly string[]): Reply | null {
    const exec = method.startsWith("exec.approval.");
    if (!exec && !method.startsWith("question.")) return null;
    const scope = exec ? "operator.approvals" : "operator.questions";
    if (!scopes.includes(ADMIN) && !scopes.includes(scope)) return missing(scope);
    const kind = exec ? "exec" : "ask_user";
    if (method.endsWith(".list")) {
      const records = [...this.#waiting.values()].filter((one) => one.kind === kind)
        .map(({ record }) => record);
      return exec
        ? { ok: true, payload: scopes.includes(ADMIN) ? records : [] }
        : ok({ questions: records });
    }
    const id = String(params.id);
    const found = this.#waiting.get(id);
    if (found?.kind !== kind || (exec && !scopes.includes(ADMIN))) return this.#gone(id, exec);
    return exec ? this.#decide(found, params) : this.#resolve(found, params);
  }

  forget(): void {
    for (const { settle } of [...this.#waiting.values()]) settle("interrupted");
    this.#ended.clear();
  }

  #gone(id: string, exec: boolean): Reply {
    const ended = this.#ended.has(id);
    if (!exec) {
      return fault(
        "INVALID_REQUEST",
        `question '${id}' ${ended ? "is already answered" : "was not found"}`,
        {
          reason: ended ? "QUESTION_ALREADY_TERMINAL" : "QUESTION_NOT_FOUND",
        },
      );
    }
    return ended
      ? fault("INVALID_REQUEST", "approval already resolved", {
        reason: "APPROVAL_ALREADY_RESOLVED",
      })
      : fault("INVALID_REQUEST", "unknown or expired approval id", {
        reason: "APPROVAL_NOT_FOUND",
      });
  }

  #decide({ record, settle }: Waiting, { decision }: Json): Reply {
    if (decision !== "allow-once" && decision !== "deny") {
      return fault("INVALID_REQUEST", "invalid decision");
    }
    const { id, request } = record;
    const command = String((request as Json).command);
    settle(decision === "deny" ? "exec denied: user-denied" : command.replace(/^echo /, ""));
    this.#emit("exec.approval.resolved", { id, decision, request }, hearsApprovals);
    return ok({ ok: true });
  }

  #resolve({ record, settle }: Waiting, params: Json): Reply {
    const { id, questions } = record;
    if (params.cancel === true) {
      settle("The question was cancelled; proceed with best judgment.");
      this.#emit("question.resolved", { id, status: "cancelled" }, hearsQuestions);
      return ok({ status: "cancelled" });
    }
    const answers = ((params.answers as Json | undefined)?.answers ?? {}) as Record<
      string,
      string[]
    >;
    const asked = questions as { questionId: string; header: string }[];
    if (asked.some(({ questionId }) => !answers[questionId]?.length)) {
      return fault("INVALID_REQUEST", "requires an answer", { reason: "QUESTION_INVALID_ANSWER" });
    }
    settle(
      asked.map(({ questionId, header }) => `${header}: ${answers[questionId]!.join(", ")}`).join(
        "\n",
      ),
    );
    const given = { status: "answered", answers: { answers } };
    this.#emit("question.resolved", { id, ...given }, hearsQuestions);
    return ok(given);
  }
}

/** Makes the questions of a fake; `emit` tells those sockets that may hear. */
export function createQuestions(
  clock: Clock,
  emit: (event: string, payload: Json, hears: Hearer) => void,
): Questions {
  return new Asked(clock, emit);
}
