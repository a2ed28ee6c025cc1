/**
 * The agent's tool in the running program: a node that follows the settings.
 *
 * @module
 */
import { createAgentTool } from "../unasked/agent_tool.ts";
import type { Bridge } from "./service.ts";
import type { Settings } from "../config/settings.ts";
import { type Identity, newIdentity } from "../gateway/identity.ts";
import { type GatewayNode, startNode } from "../gateway/node.ts";
import { bridgeKey } from "../store/keys.ts";
import type { Store } from "../store/kv.ts";
import { silentLog } from "../system/log.ts";
import { VERSION } from "../system/version.ts";

/** Offers the tool as long as the settings say so. */
export interface ToolNode {
  /** Takes other settings. */
  follow(settings: Settings): void;
  close(): Promise<void>;
}

const IDENTITY_KEY = bridgeKey<Identity>("node-identity");

/** The device that this store's bridge is known as; made once. */
export async function identityOf(store: Store): Promise<Identity> {
  for (;;) {
    const known = await store.get(IDENTITY_KEY);
    if (known !== null) return known.value;
    const value = await newIdentity();
    const check = [{ key: IDENTITY_KEY, versionstamp: null }];
    if (await store.commit({ check, set: [{ key: IDENTITY_KEY, value }] })) return value;
  }
}

/**
 * Starts offering the tool.
 *
 * @param begin What it waits for before it calls the Gateway.
 */
export function openToolNode(
  bridge: Bridge,
  identity: Identity,
  first: Settings,
  begin: Promise<void>,
): ToolNode {
  const { context, send, views } = bridge;
  const { clock, random, log } = context;
  const invoke = createAgentTool({ context, send, views });
  let node: GatewayNode | null = null;
  let changing = Promise.resolve();
  // One after the other: the Gateway must not see two nodes with the same key.
  const change = async ({ gateway, bridge: { agentTool } }: Settings) => {
    if (!agentTool || !bridge.answers()) {
      await node?.close();
      node = null;
    } else if (node !== null) node.redirect(gateway);
    else {
      const link = { ...gateway, version: VERSION, clock, random, log: silentLog, begin };
      node = startNode({ identity, link, invoke, log });
    }
  };
  let current = first;
  const follow = (settings: Settings) => {
    current = settings;
    changing = changing.then(() => change(settings));
  };
  bridge.onRole(() => follow(current));
  follow(first);
  return {
    follow,
    async close() {
      await changing;
      await node?.close();
    },
  };
}
