/**
 * What the agent asks in the middle of a turn: whether a command may run (an exec approval), or something
 * of the person who texts (`ask_user`). The turn waits until it is answered.
 *
 * Source: runs of 2026.9.6. A turn may ask when its connection has {@linkcode ASKING_SCOPES}; approvals are
 * shown to connections with the admin scope and {@linkcode APPROVALS_CAP} alone.
 *
 * @module
 */
import type { GatewayEvent } from "./connection.ts";
import { asObject, asString, type JsonObject } from "./frames.ts";
import type { Link } from "./link.ts";

/** What a connection needs for its turns to ask. */
export const ASKING_SCOPES = ["operator.approvals", "operator.questions"] as const;
/** The capability of who answers approvals. */
export const APPROVALS_CAP = "approvals";

/** One of the things that are asked at once. */
export interface AskedPart {
  readonly id: string;
  readonly text: string;
  readonly options: readonly string[];
  /** Whether other words than the options are taken. */
  readonly open: boolean;
  /** Whether several options may be named. */
  readonly several: boolean;
}

/** What the agent asks. */
export type AgentQuestion =
  & {
    readonly id: string;
    /** For how long it waits for an answer. */
    readonly waitsMs: number;
    readonly sessionKey: string | null;
    readonly runId: string | undefined;
    /** The channel that the turn came by, where that is told. */
    readonly channel: string | null;
  }
  & (
    | { readonly kind: "command"; readonly command: string; readonly warning: string | null }
    /** No parts: it asks for what must not be texted. */
    | { readonly kind: "question"; readonly parts: readonly AskedPart[] }
  );

/** How a question is answered. */
export type Decision =
  | { readonly kind: "allow" }
  | { readonly kind: "refuse" }
  | { readonly kind: "answers"; readonly answers: Readonly<Record<string, readonly string[]>> };

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}

function waitsMsOf({ createdAtMs, expiresAtMs }: JsonObject): number {
  return typeof createdAtMs === "number" && typeof expiresAtMs === "number"
    ? expiresAtMs - createdAtMs
    : 0;
}

function readCommand(payload: JsonObject): AgentQuestion | null {
  const request = asObject(payload.request);
  const [id, command] = [asString(payload.id), asString(request.command)];
  if (id === undefined || command === undefined) return null;
  return {
    kind: "command",
    id,
    command,
    warning: asString(request.warningText) ?? null,
    waitsMs: waitsMsOf(payload),
    sessionKey: asString(request.sessionKey) ?? null,
    runId: asString(request.runId),
    channel: asString(request.turnSourceChannel) ?? null,
  };
}

function readAsked(payload: JsonObject): AgentQuestion | null {
  const id = asString(payload.id);
  const asked = listOf(payload.questions);
  if (id === undefined || (payload.status ?? "pending") !== "pending") return null;
  const secret = asked.some((one) => one.isSecret === true || one.secretStore !== undefined);
  const parts = asked.map((one) => ({
    id: asString(one.questionId) ?? "",
    text: asString(one.question) ?? asString(one.header) ?? "",
    options: listOf(one.options).map(({ label }) => asString(label) ?? ""),
    open: one.isOther === true || listOf(one.options).length === 0,
    several: one.multiSelect === true,
  }));
  return {
    kind: "question",
    id,
    parts: secret ? [] : parts,
    waitsMs: waitsMsOf(payload),
    sessionKey: asString(payload.sessionKey) ?? null,
    runId: asString(payload.runId),
    channel: null,
  };
}

/** Reads what an event asks; null when it asks nothing. */
export function readQuestion({ event, payload }: GatewayEvent): AgentQuestion | null {
  if (event === "exec.approval.requested") return readCommand(payload);
  return event === "question.requested" ? readAsked(payload) : null;
}

/** The question that an event ends, by its id; null when it ends none. */
export function endedQuestion({ event, payload }: GatewayEvent): string | null {
  const ends = event === "exec.approval.resolved" || event === "question.resolved";
  return ends ? asString(payload.id) ?? null : null;
}

/** What waits for an answer now. */
export async function listQuestions(link: Pick<Link, "request">): Promise<AgentQuestion[]> {
  const [commands, asked] = await Promise.all([
    link.request("exec.approval.list", {}),
    link.request("question.list", {}),
  ]);
  return [
    ...commands.kind === "ok" ? listOf(commands.payload.list).map(readCommand) : [],
    ...asked.kind === "ok" ? listOf(asked.payload.questions).map(readAsked) : [],
  ].filter((question) => question !== null);
}

/** Answers a question; `late` when it waits no more, `unreachable` when nobody knows whether it was told. */
export async function answerQuestion(
  link: Pick<Link, "request">,
  { id, kind }: Pick<AgentQuestion, "id" | "kind">,
  decision: Decision,
): Promise<"done" | "late" | "unreachable"> {
  const resolvedBy = "sms-bridge";
  const answer = kind === "command"
    ? await link.request("exec.approval.resolve", {
      id,
      decision: decision.kind === "allow" ? "allow-once" : "deny",
    })
    : await link.request("question.resolve", {
      id,
      resolvedBy,
      ...decision.kind === "answers"
        ? { answers: { answers: decision.answers } }
        : { cancel: true },
    });
  if (answer.kind === "ok") return "done";
  return answer.kind === "error" ? "late" : "unreachable";
}
