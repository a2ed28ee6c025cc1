/**
 * The methods of the fake Gateway: turns, waiting for them, transcripts.
 *
 * @module
 */
import type { Clock } from "../system/clock.ts";
import type { Dialect } from "./gateway_dialects.ts";
import type { Plan } from "./gateway_replies.ts";
import type { Run, Sessions, TurnFile } from "./gateway_sessions.ts";

/** A JSON object. */
export type Json = Record<string, unknown>;

/** The answer to one request. */
export type Reply =
  | { readonly ok: true; readonly payload: Json | readonly Json[] }
  | { readonly ok: false; readonly error: Json };

/** Sends one answer; `agent` sends two. */
export type Answering = (reply: Reply) => void;

/** What the methods work on. */
export interface MethodParts {
  readonly sessions: Sessions;
  readonly dialect: Dialect;
  readonly clock: Clock;
  readonly respond: (message: string, sessionKey: string) => Plan;
  /** What `config.get` shows. */
  readonly config: Json;
  /** Keys whose start failed: their answer is kept, as that of a run is. */
  readonly refused: Map<string, Reply>;
  /** What `agent` fails with, and how often. */
  failing: { readonly message: string; readonly times: number };
  /** Scheduled jobs. */
  readonly jobs: readonly Json[];
  /** Runs of scheduled jobs, newest first. */
  readonly runs: Json[];
  /** Calls `fn` after `delayMs`, unless the fake is closed before. */
  readonly later: (delayMs: number, fn: () => void) => void;
}

/** How long a finished run can be asked for again under its key. */
const CACHE_MS = 300_000;

/** A success. */
export const ok = (payload: Json): Reply => ({ ok: true, payload });
/** A failure as the Gateway words it. */
export const fault = (code: string, message: string, details: Json = {}): Reply => ({
  ok: false,
  error: { code, message, details },
});

function isGiven({ idempotencyKey, sessionKey, message }: Json): boolean {
  return [idempotencyKey, sessionKey, message].every((one) =>
    typeof one === "string" && one !== ""
  );
}

/** A file whose bytes begin with "broken" is refused by name, as the Gateway refuses what it cannot read. */
function refusedFile(params: Json): Reply | null {
  const files = (params.attachments ?? []) as TurnFile[];
  const refused = files.find(({ content }) => content.startsWith("YnJva2Vu"));
  if (refused === undefined) return null;
  return fault("INVALID_REQUEST", `Error: attachment ${refused.fileName}: invalid base64 content`);
}

function agent(
  parts: MethodParts,
  params: Json,
  answer: Answering,
  scopes: readonly string[],
): void {
  const { sessions, clock, respond } = parts;
  const { idempotencyKey: runId, sessionKey, message } = params;
  if (!isGiven(params)) return answer(fault("INVALID_REQUEST", "invalid agent params"));
  const { failing, dialect } = parts;
  if (params.channel === "sms" && !dialect.knowsSms) {
    return answer(fault("INVALID_REQUEST", "invalid agent params: unknown channel: sms"));
  }
  const owner = String(sessionKey).match(/^agent:([^:]+):/)?.[1];
  const agents = agentsList(parts).agents as Json[];
  if (owner !== undefined && !agents.some(({ id }) => id === owner)) {
    const gone = `Agent "${owner}" no longer exists in configuration`;
    return answer(fault("INVALID_REQUEST", gone));
  }
  if (failing.times > 0) {
    parts.failing = { ...failing, times: failing.times - 1 };
    return answer(fault("UNAVAILABLE", failing.message));
  }
  const files = (params.attachments ?? []) as TurnFile[];
  const unread = refusedFile(params);
  if (unread !== null) return answer(unread);
  const other = files.find(({ mimeType }) => !mimeType.startsWith("image/"));
  if (other !== undefined) {
    const unsupported = `non-image attachments (${other.mimeType}) are not supported`;
    return answer(fault("INVALID_REQUEST", `UnsupportedAttachmentError: ${unsupported}`));
  }
  if (isReset(String(message).trim())) {
    const details = { code: "MISSING_SCOPE", missingScope: "operator.admin" };
    return answer(fault("FORBIDDEN", "missing scope: operator.admin", details));
  }
  const key = String(runId);
  if (sessions.isOrphan(key)) {
    const lost = "Pending input ownership ended; submit a new turn to continue";
    return answer(fault("UNAVAILABLE", lost));
  }
  if (sessions.takeChanged(String(sessionKey))) {
    const changed = `Session "${sessionKey}" changed while starting work. Retry.`;
    parts.refused.set(key, fault("UNAVAILABLE", changed));
    answer(ok({ runId, sessionKey, status: "accepted", acceptedAt: clock.now() }));
  }
  const refused = parts.refused.get(key);
  if (refused !== undefined) return answer(refused);
  const known = sessions.run(key);
  if (known !== undefined && known.result === null) {
    return answer(ok({ runId, status: "in_flight" }));
  }
  if (known?.result && clock.now() - known.endedAtMs! < CACHE_MS) return answer(known.result);
  const [session, text] = [String(sessionKey), String(message)];
  const [channel, to, accountId] = [params.channel, params.to, params.accountId].map(String);
  if (params.channel !== undefined) {
    sessions.setRoute(session, { channel: channel!, to: to!, accountId: accountId! });
  }
  const run = sessions.begin({
    key,
    sessionKey: session,
    message: text,
    attachments: files,
    plan: respond(text, session),
    scopes,
    ...(scopes.includes("operator.admin") ? { ownerTools: true } : {}),
  });
  answer(ok({ runId, sessionKey, status: "accepted", acceptedAt: clock.now() }));
  run.done.then((result) => result === "interrupted" || answer(result));
}

/** What commands answer. */
const COMMANDS: Readonly<Record<string, string>> = {
  status: "🦞 OpenClaw 2026.9.6 (fake)",
  whoami: "🧭 Identity\nChannel: webchat\nUser id: gateway-client",
  help: "ℹ️ Help\n\nSession\n  /new  |  /reset",
  model: "Current: fake/fake-1",
};

function isReset(message: string): boolean {
  return /^\/(new|reset)\b/i.test(message);
}

/** Commands, and texts that only look like one: those are turns. */
function chatSend(parts: MethodParts, params: Json, scopes: readonly string[]): Reply {
  if (!isGiven(params)) return fault("INVALID_REQUEST", "invalid chat.send params");
  const unread = refusedFile(params);
  if (unread !== null) return unread;
  const { sessions, respond, dialect: { resetRefusal } } = parts;
  const [key, session, message] = ["idempotencyKey", "sessionKey", "message"].map((name) =>
    String(params[name])
  ) as [string, string, string];
  const rows = sessions.rows(session);
  if (rows.some(({ idempotencyKey }) => idempotencyKey === key)) {
    return ok({ runId: key, status: "ok" });
  }
  const word = message.match(/^\/(\w+)/)?.[1]?.toLowerCase() ?? "";
  if (word === "stop") {
    const runIds = sessions.stop(session).map(({ runId }) => runId);
    return ok({ ok: true, aborted: runIds.length > 0, runIds });
  }
  if (isReset(message)) {
    const allowed = scopes.includes("operator.admin");
    if (allowed) sessions.reset(session);
    const said = allowed ? "✅ New session started." : resetRefusal;
    if (said !== null) sessions.note(session, message, said, key);
  } else if (Object.hasOwn(COMMANDS, word)) {
    sessions.note(session, message, COMMANDS[word]!, key);
  } else if (sessions.run(key) === undefined) {
    sessions.begin({
      key,
      sessionKey: session,
      message,
      attachments: (params.attachments ?? []) as TurnFile[],
      plan: respond(message, session),
      byChat: true,
      scopes,
    });
  }
  return ok({ runId: key, status: "started" });
}

function terminal(run: Run, result: NonNullable<Run["result"]>, { namesRuns }: Dialect): Reply {
  const status = result.ok ? "ok" : "error";
  if (!namesRuns) return ok({ runId: run.runId, status });
  const payloads = result.ok ? (result.payload.result as Json).payloads as Json[] : [];
  const text = payloads[0]?.text;
  const terminalReply = { disposition: text ? "visible" : "silent", ...(text ? { text } : {}) };
  return ok({ runId: run.runId, status, terminalReply });
}

function wait({ sessions, later, dialect }: MethodParts, params: Json, answer: Answering): void {
  const runId = String(params.runId);
  const run = sessions.run(runId);
  const timeout = ok({ runId, status: "timeout" });
  if (run === undefined) return answer(timeout);
  let answered = false;
  const once = (reply: Reply) => {
    if (!answered) answer(reply);
    answered = true;
  };
  later(Number(params.timeoutMs ?? 30_000), () => once(timeout));
  run.done.then((result) => result === "interrupted" || once(terminal(run, result, dialect)));
}

function history({ sessions }: MethodParts, params: Json): Reply {
  const sessionKey = String(params.sessionKey);
  const rows = sessions.rows(sessionKey);
  const active = sessions.active(sessionKey);
  const current = active.find((run) => run.began);
  return ok({
    sessionKey,
    messages: rows.slice(-Number(params.limit ?? 200)),
    hasMore: rows.length > Number(params.limit ?? 200),
    ...(current ? { inFlightRun: { runId: current.runId, text: "" } } : {}),
    sessionInfo: {
      deliveryContext: sessions.route(sessionKey) ?? undefined,
      hasActiveRun: active.length > 0,
      activeRunIds: active.map((run) => run.runId),
    },
  });
}

/** Who answers by default, as `agents.list` tells it of a configuration. */
function agentsList({ config, dialect }: Pick<MethodParts, "config" | "dialect">): Json {
  const { agents = {}, session = {} } = config;
  const { entries, list, defaults } = agents as Json;
  const rows = Array.isArray(list)
    ? list as Json[]
    : Object.entries(entries ?? {}).map(([id, one]) => ({ id, ...one as Json }) as Json);
  const known = rows.length === 0 ? [{ id: "main" }] as Json[] : rows;
  const system = (defaults as Json | undefined)?.systemAgent as Json | undefined;
  const owner = known.find((row) => row.default === true)?.id ??
    (dialect.routesToSystemAgent ? system?.agentId : undefined);
  return {
    defaultId: owner ?? known[0]!.id,
    mainKey: (session as Json).mainKey ?? "main",
    scope: "per-sender",
    selectionRequired: owner === undefined && known.length > 1,
    agents: known.map(({ id }) => ({ id })),
  };
}

/** Carries out one request of a connection that shook hands. */
export function handleMethod(
  parts: MethodParts,
  method: string,
  params: Json,
  answer: Answering,
  scopes: readonly string[],
): void {
  if (method === "agent") agent(parts, params, answer, scopes);
  else if (method === "chat.send") answer(chatSend(parts, params, scopes));
  else if (method === "agent.wait") wait(parts, params, answer);
  else if (method === "chat.history") answer(history(parts, params));
  else if (method === "config.get") answer(ok({ config: parts.config }));
  else if (method === "agents.list") answer(ok(agentsList(parts)));
  else if (method === "cron.list") answer(ok({ jobs: parts.jobs }));
  else if (method === "cron.runs") {
    answer(ok({ entries: parts.runs.slice(0, Number(params.limit ?? 50)) }));
  } else answer(fault("INVALID_REQUEST", `unknown method: ${method}`));
}
