/**
 * The fake Gateway's nodes: their approval, their tools, and calls of these.
 *
 * @module
 */
import type { Json, Reply } from "./gateway_methods.ts";
import { fault, ok } from "./gateway_methods.ts";

/** What a call of a tool came to. */
export type ToolAnswer =
  | { readonly ok: true; readonly payload: Json }
  | { readonly ok: false; readonly message: string };

/** A connection that a node speaks over. */
export type Send = (frame: Json) => void;

/** The nodes of a Gateway. */
export interface Nodes {
  connect(send: Send, params: Json): void;
  disconnect(send: Send): void;
  /** Answers a method of nodes or of their approval; null when it is none. */
  handle(send: Send, method: string, params: Json): Reply | null;
  /** Calls the tool that is published, as a model does; resolves to what the model reads. */
  call(args: Json, more?: { sessionKey?: string; key?: string }): Promise<ToolAnswer>;
  /** Names of the tools that are published now. */
  readonly tools: readonly string[];
}

interface Node {
  readonly id: string;
  tools: Json[];
}

const MCP_COMMAND = "mcp.tools.call.v1";

/** Makes the nodes of a Gateway that allows these commands besides the one for MCP tools. */
export function createNodes(allowedCommands: readonly string[]): Nodes {
  const nodes = new Map<Send, Node>();
  const approved = new Set<string>();
  const pending = new Map<string, string>();
  const calls = new Map<string, (answer: ToolAnswer) => void>();
  let next = 1;

  function update(node: Node, { tools }: Json): Reply {
    node.tools = !approved.has(node.id)
      ? []
      : (tools as Json[]).filter(({ command }) =>
        command === MCP_COMMAND || allowedCommands.includes(String(command))
      );
    return ok({ nodeId: node.id, tools: node.tools });
  }

  function finish(params: Json): Reply {
    const settle = calls.get(String(params.id));
    if (settle === undefined) return fault("INVALID_REQUEST", "unknown invocation");
    calls.delete(String(params.id));
    const message = String((params.error as Json | undefined)?.message ?? "");
    settle(
      params.ok === true ? { ok: true, payload: params.payload as Json } : { ok: false, message },
    );
    return ok({});
  }

  return {
    connect(send, params) {
      const id = String((params.device as Json | undefined)?.id);
      nodes.set(send, { id, tools: [] });
      if (!approved.has(id)) pending.set(`request-${next++}`, id);
    },
    disconnect: (send) => void nodes.delete(send),
    handle(send, method, params) {
      const node = nodes.get(send);
      switch (method) {
        case "node.pair.list":
          return ok({
            pending: [...pending].map(([requestId, nodeId]) => ({ requestId, nodeId })),
          });
        case "node.pair.approve": {
          const id = pending.get(String(params.requestId));
          if (id === undefined) return fault("INVALID_REQUEST", "unknown request");
          pending.delete(String(params.requestId));
          approved.add(id);
          return ok({});
        }
        case "node.pluginTools.update":
          return node === undefined ? fault("FORBIDDEN", "not a node") : update(node, params);
        case "node.invoke.result":
          return finish(params);
        default:
          return null;
      }
    },
    call(args, { sessionKey, key = `call-${next++}` } = {}) {
      const [send, node] = [...nodes].find(([, { tools }]) => tools.length > 0) ?? [];
      const tool = node?.tools[0];
      if (send === undefined || tool === undefined) {
        return Promise.resolve({ ok: false, message: "Unknown tool id" });
      }
      const id = `invoke-${next++}`;
      const answer = Promise.withResolvers<ToolAnswer>();
      calls.set(id, answer.resolve);
      const mcp = tool.mcp as Json | undefined;
      const params = mcp === undefined ? args : { ...mcp, arguments: args };
      const payload = {
        id,
        nodeId: node!.id,
        command: tool.command,
        paramsJSON: JSON.stringify(params),
        timeoutMs: 30_000,
        idempotencyKey: key,
        ...(sessionKey === undefined ? {} : { sessionKey }),
      };
      send({ type: "event", event: "node.invoke.request", payload });
      return answer.promise;
    },
    get tools() {
      return [...nodes.values()].flatMap(({ tools }) => tools.map(({ name }) => String(name)));
    },
  };
}
