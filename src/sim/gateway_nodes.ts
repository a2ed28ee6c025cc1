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
  /** Answers a method of nodes or of their approval; null for other methods. */
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

class FakeNodes implements Nodes {
  #allowed: readonly string[];
  #nodes = new Map<Send, Node>();
  #approved = new Set<string>();
  #pending = new Map<string, string>();
  #calls = new Map<string, (answer: ToolAnswer) => void>();
  #next = 1;

  constructor(allowedCommands: readonly string[]) {
    this.#allowed = [MCP_COMMAND, ...allowedCommands];
  }

  get tools(): readonly string[] {
    return [...this.#nodes.values()].flatMap(({ tools }) => tools.map(({ name }) => String(name)));
  }

  connect(send: Send, params: Json): void {
    const id = String((params.device as Json | undefined)?.id);
    this.#nodes.set(send, { id, tools: [] });
    if (!this.#approved.has(id)) this.#pending.set(`request-${this.#next++}`, id);
  }

  disconnect(send: Send): void {
    this.#nodes.delete(send);
  }

  handle(send: Send, method: string, params: Json): Reply | null {
    switch (method) {
      case "node.pair.list":
        return ok({
          pending: [...this.#pending].map(([requestId, nodeId]) => ({ requestId, nodeId })),
        });
      case "node.pair.approve":
        return this.#approve(String(params.requestId));
      case "node.pluginTools.update":
        return this.#update(this.#nodes.get(send), params);
      case "node.invoke.result":
        return this.#finish(params);
      default:
        return null;
    }
  }

  call(args: Json, more: { sessionKey?: string; key?: string } = {}): Promise<ToolAnswer> {
    const { sessionKey, key = `call-${this.#next++}` } = more;
    const [send, node] = [...this.#nodes].find(([, { tools }]) => tools.length > 0) ?? [];
    const tool = node?.tools[0];
    if (send === undefined || node === undefined || tool === undefined) {
      return Promise.resolve({ ok: false, message: "Unknown tool id" });
    }
    const id = `invoke-${this.#next++}`;
    const answer = Promise.withResolvers<ToolAnswer>();
    this.#calls.set(id, answer.resolve);
    const params = tool.mcp === undefined ? args : { ...tool.mcp as Json, arguments: args };
    const payload = {
      id,
      nodeId: node.id,
      command: tool.command,
      paramsJSON: JSON.stringify(params),
      timeoutMs: 30_000,
      idempotencyKey: key,
      ...(sessionKey === undefined ? {} : { sessionKey }),
    };
    send({ type: "event", event: "node.invoke.request", payload });
    return answer.promise;
  }

  #approve(requestId: string): Reply {
    const id = this.#pending.get(requestId);
    if (id === undefined) return fault("INVALID_REQUEST", "unknown request");
    this.#pending.delete(requestId);
    this.#approved.add(id);
    return ok({});
  }

  #update(node: Node | undefined, { tools }: Json): Reply {
    if (node === undefined) return fault("FORBIDDEN", "not a node");
    node.tools = this.#approved.has(node.id)
      ? (tools as Json[]).filter(({ command }) => this.#allowed.includes(String(command)))
      : [];
    return ok({ nodeId: node.id, tools: node.tools });
  }

  #finish(params: Json): Reply {
    const settle = this.#calls.get(String(params.id));
    if (settle === undefined) return fault("INVALID_REQUEST", "unknown invocation");
    this.#calls.delete(String(params.id));
    const message = String((params.error as Json | undefined)?.message ?? "");
    settle(
      params.ok === true ? { ok: true, payload: params.payload as Json } : { ok: false, message },
    );
    return ok({});
  }
}

/** Makes the nodes of a Gateway that allows these commands besides the one for MCP tools. */
export function createNodes(allowedCommands: readonly string[]): Nodes {
  return new FakeNodes(allowedCommands);
}
