/**
 * Rows of a session's transcript, as `chat.history` and `session.message` show them.
 *
 * @module
 */
import { asObject, asString, type JsonObject } from "./frames.ts";
import { contentText } from "./reply.ts";

/** How the Gateway's note begins that makes the model go on after a restart. */
const INTERRUPTED = "[System] Your previous turn was interrupted";

/** What the Gateway calls a model where it writes a row itself, or once more. */
const OWN_MODELS: ReadonlySet<string> = new Set(["gateway-injected", "delivery-mirror"]);
/** What is an agent's answer though the Gateway names itself as its provider. */
const ANSWERING_MODELS: ReadonlySet<string> = new Set(["acp-runtime", "automation-result"]);

/** Whether the Gateway wrote a row itself: as a model of its own that answers nobody. */
function isOwnModel({ provider, model }: JsonObject): boolean {
  const name = asString(model) ?? "";
  return OWN_MODELS.has(name) || (provider === "openclaw" && !ANSWERING_MODELS.has(name));
}

/** What the bridge looks at in a row. */
export interface TranscriptRow {
  readonly id: string;
  readonly role: string;
  readonly text: string;
  /** `<run>:user` of what a run was asked. */
  readonly key: string | undefined;
  readonly runId: string | undefined;
  readonly stopReason: string | undefined;
  /** Written by the Gateway itself, not by the model: a prompt of its own, or a command's answer. */
  readonly injected: boolean;
  /** What the Gateway itself asked the model, such as `inter_session`. */
  readonly provenance: string | undefined;
  /** The session that another session's message came from. */
  readonly source: string | undefined;
  /** By the Gateway's clock, in milliseconds. */
  readonly atMs: number;
}

/** Reads one row. What is missing or odd is empty. */
export function readRow(value: unknown): TranscriptRow {
  const row = asObject(value);
  const origin = asObject(row["__openclaw"]);
  const provenance = asObject(row.provenance);
  return {
    id: asString(origin.id) ?? "",
    role: asString(row.role) ?? "",
    text: contentText(row.content),
    key: asString(row.idempotencyKey),
    runId: asString(origin.runId),
    stopReason: asString(row.stopReason),
    injected: row.provenance !== undefined || isOwnModel(row),
    provenance: asString(provenance.kind),
    source: asString(provenance.sourceSessionKey),
    atMs: typeof row.timestamp === "number" ? row.timestamp : 0,
  };
}

/** The rows of an answer of `chat.history`, oldest first. */
export function readRows(payload: JsonObject): TranscriptRow[] {
  return (Array.isArray(payload.messages) ? payload.messages : []).map(readRow);
}

/** Whether a row is the end of what the model had to say. */
export function isReply(row: TranscriptRow): boolean {
  return row.role === "assistant" && row.stopReason === "stop" && !row.injected &&
    row.text.trim() !== "";
}

/** Whether a row is the note after which an interrupted turn goes on. */
export function isInterruption({ role, text }: TranscriptRow): boolean {
  return role === "user" && text.includes(INTERRUPTED);
}

/**
 * Whether a row is a prompt of the Gateway's own that some releases write as if a person had typed it: of a
 * scheduled job, or what came of a command that an owner has allowed.
 */
export function isOwnPrompt({ role, text, key }: TranscriptRow): boolean {
  return role === "user" && (key?.startsWith("exec-approval-followup:") === true ||
    /^(?:\[[^\]]*\] )?\[cron:[^\]]+\]/.test(text));
}

/** Whether a row tells what a sub-agent found: such a run has no prompt in the transcript. */
export function isAnnouncement({ runId }: Pick<TranscriptRow, "runId">): boolean {
  return runId?.startsWith("announce:") ?? false;
}
