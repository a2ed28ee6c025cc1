/**
 * The node: a second connection on which the bridge offers the agent a tool.
 *
 * A node's command surface has to be approved once; with the shared token the bridge does so itself. The
 * tool is published again after each connection, as it vanishes with it. Where the operator has allowed
 * the command `sms.send`, that is used, else the form for MCP tools, which needs no change of the
 * Gateway's configuration.
 *
 * @module
 */
import type { Log } from "../system/log.ts";
import { parseOutsideJson } from "../system/outside_json.ts";
import type { Challenge } from "./connection.ts";
import { asObject, asString, type JsonObject } from "./frames.ts";
import { type Identity, proveDevice } from "./identity.ts";
import { createLink, type Link, type LinkOptions } from "./link.ts";
import { isReduced } from "./link_state.ts";

/** One call of the tool by a model, or of the command by an operator. */
export interface Invocation {
  /** The same for the same call; another call may have it too when it says something else. */
  readonly key: string;
  /** The session whose run called it; null when an operator did. */
  readonly sessionKey: string | null;
  readonly arguments: JsonObject;
}

/** What the caller reads. */
export type InvocationResult =
  | { readonly ok: true; readonly payload: JsonObject }
  | { readonly ok: false; readonly message: string };

/** What a node works with. */
export interface NodeParts {
  readonly identity: Identity;
  /** How the Gateway is reached. */
  readonly link: Omit<LinkOptions, "connectParams" | "scopes">;
  readonly invoke: (invocation: Invocation) => Promise<InvocationResult>;
  readonly log: Log;
}

/** Where the Gateway is. */
type Target = Pick<LinkOptions, "url" | "token" | "caCerts">;

/** A node that keeps its connection up. */
export interface GatewayNode {
  /** Whether the tool is published now. */
  readonly published: boolean;
  redirect: Link["redirect"];
  close(): Promise<void>;
}

const COMMAND = "sms.send";
const MCP_COMMAND = "mcp.tools.call.v1";
const MCP = { server: "sms-bridge", tool: "send" };
const CLIENT = { id: "node-host", mode: "node" };
/** The Gateway lets only nodes of a desktop platform offer commands that it does not know. */
const PLATFORM = "linux";
/** How soon it is tried again to publish what was not taken: an operator may have to approve it. */
const RETRY_MS = 60_000;
/** A Gateway that takes a node takes an operator at once. */
const APPROVAL_TIMEOUT_MS = 10_000;

/** The tool as a model sees it. */
const TOOL = {
  pluginId: "sms-bridge",
  name: "sms_send",
  description:
    "Send a text message (SMS). Without `to` it goes to the person of this conversation, " +
    "or to the default number. Keep it short: each message is billed.",
  parameters: {
    type: "object",
    properties: {
      to: { type: "string", description: "The number in E.164, such as +15551234567." },
      text: { type: "string", description: "What to say, in plain text." },
      mediaUrl: { type: "string", description: "An https URL of a picture or file to send along." },
    },
    required: ["text"],
  },
};

async function nodeParams(
  identity: Identity,
  { token = "", version }: LinkOptions,
  challenge: Challenge,
): Promise<JsonObject> {
  const subject = {
    clientId: CLIENT.id,
    clientMode: CLIENT.mode,
    role: "node",
    scopes: [],
    platform: PLATFORM,
    token,
  };
  return {
    minProtocol: 4,
    maxProtocol: 4,
    client: { ...CLIENT, displayName: "SMS bridge", version, platform: PLATFORM },
    role: "node",
    scopes: [],
    auth: { token },
    caps: ["sms"],
    commands: [COMMAND, MCP_COMMAND],
    device: await proveDevice(identity, subject, challenge),
  };
}

/** Publishes the tool in the first form that the Gateway takes; false when it takes none. */
async function publish(link: Link): Promise<boolean> {
  for (const form of [{ command: COMMAND }, { command: MCP_COMMAND, mcp: MCP }]) {
    const answer = await link.request("node.pluginTools.update", { tools: [{ ...TOOL, ...form }] });
    if (answer.kind !== "ok") return false;
    const { tools } = answer.payload;
    if (Array.isArray(tools) && tools.length > 0) return true;
  }
  return false;
}

/** Approves what the node may be asked, as an operator with the shared token. */
async function approve(
  parts: NodeParts,
  target: Target,
  signal: AbortSignal,
): Promise<boolean> {
  const operator = createLink({ ...parts.link, ...target, scopes: ["operator.pairing"] });
  const late = new AbortController();
  const cancel = parts.link.clock.after(APPROVAL_TIMEOUT_MS, () => late.abort());
  try {
    if (await operator.ready(AbortSignal.any([late.signal, signal])) === null) return false;
    const listed = await operator.request("node.pair.list");
    if (listed.kind !== "ok" || !Array.isArray(listed.payload.pending)) return false;
    const own = listed.payload.pending.map(asObject).filter(({ nodeId }) =>
      nodeId === parts.identity.deviceId
    );
    for (const { requestId } of own) await operator.request("node.pair.approve", { requestId });
    return own.length > 0;
  } finally {
    cancel();
    await operator.close();
  }
}

function readArguments({ paramsJSON }: JsonObject): JsonObject {
  try {
    const params = asObject(parseOutsideJson(asString(paramsJSON) ?? "{}"));
    return params.arguments === undefined ? params : asObject(params.arguments);
  } catch {
    return {};
  }
}

async function answerInvocation(parts: NodeParts, link: Link, request: JsonObject): Promise<void> {
  const { id, nodeId, command, idempotencyKey, sessionKey } = request;
  const known = command === COMMAND || command === MCP_COMMAND;
  const result: InvocationResult = known
    ? await parts.invoke({
      key: asString(idempotencyKey) ?? String(id),
      sessionKey: asString(sessionKey) ?? null,
      arguments: readArguments(request),
    })
    : { ok: false, message: "this node knows no such command" };
  const outcome = result.ok
    ? { ok: true, payload: result.payload }
    : { ok: false, error: { code: "UNAVAILABLE", message: result.message } };
  await link.request("node.invoke.result", { id, nodeId, ...outcome });
}

/** Connects as a node, and stays one until it is closed. */
export function startNode(parts: NodeParts): GatewayNode {
  const { identity, log } = parts;
  const link = createLink({
    ...parts.link,
    connectParams: (options, challenge) => nodeParams(identity, options, challenge),
  });
  let { url, token, caCerts }: Target = parts.link;
  let published = false;
  let cancel = () => {};
  let offering: Promise<void> = Promise.resolve();
  const closed = new AbortController();
  const offer = async () => {
    published = await publish(link) ||
      (await approve(parts, { url, token, caCerts }, closed.signal) && await publish(link));
    if (closed.signal.aborted) return;
    if (published) return log.info("tool.published", { tool: TOOL.name });
    log.warn("tool.not-published", { hint: "`openclaw nodes pending` shows what to approve" });
    cancel = parts.link.clock.after(RETRY_MS, tryOffer);
  };
  const tryOffer = () => {
    cancel();
    const state = link.state();
    if (state.kind !== "ready") return;
    if (isReduced(state.session)) {
      return log.warn("tool.not-offered", {
        hint: "this release of the Gateway takes no tools; install OpenClaw 2026.8.1 or later",
      });
    }
    offering = offer().catch((error) => log.error("tool.failed", { error: String(error) }));
  };
  link.onState(({ kind }) => {
    if (kind === "ready") return tryOffer();
    published = false;
    cancel();
  });
  link.onEvent(({ event, payload }) => {
    if (event !== "node.invoke.request") return;
    answerInvocation(parts, link, payload).catch((error) =>
      log.error("tool.failed", { error: String(error) })
    );
  });
  return {
    get published() {
      return published;
    },
    redirect(target) {
      ({ url, token, caCerts } = target);
      link.redirect(target);
    },
    async close() {
      closed.abort();
      cancel();
      await link.close();
      await offering;
    },
  };
}
