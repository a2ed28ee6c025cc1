/**
 * What the bridge needs to know of the Gateway's own configuration.
 *
 * @module
 */
import { asObject, asString } from "./frames.ts";
import type { Link } from "./link.ts";
import { DM_SCOPES, type DmScope } from "./session_key.ts";

/** The parts of `openclaw.json` that concern texts. */
export interface GatewayView {
  readonly dmScope: DmScope;
  readonly mainKey: string;
  readonly agentId: string;
  /** `commands.ownerAllowFrom`, entries such as `sms:+15551234567`. */
  readonly ownerAllowFrom: readonly string[];
}

/** The Gateway's defaults, where its configuration says nothing. */
const DEFAULT_VIEW: GatewayView = {
  dmScope: "main",
  mainKey: "main",
  agentId: "main",
  ownerAllowFrom: [],
};

function defaultAgent(agents: unknown): string | undefined {
  const list = asObject(agents).list;
  if (!Array.isArray(list)) return undefined;
  const rows = list.map(asObject);
  return asString((rows.find((row) => row.default === true) ?? rows[0])?.id);
}

/** Reads the answer of `config.get`. What is missing or odd takes the Gateway's default. */
function viewOf(payload: unknown): GatewayView {
  const config = asObject(asObject(payload).config);
  const session = asObject(config.session);
  const owners = asObject(config.commands).ownerAllowFrom;
  return {
    dmScope: DM_SCOPES.find((scope) => scope === session.dmScope) ?? DEFAULT_VIEW.dmScope,
    mainKey: asString(session.mainKey) ?? DEFAULT_VIEW.mainKey,
    agentId: defaultAgent(config.agents) ?? DEFAULT_VIEW.agentId,
    ownerAllowFrom: Array.isArray(owners) ? owners.filter((one) => typeof one === "string") : [],
  };
}

/** Asks the Gateway; null when it does not answer. */
export async function readGatewayView(link: Pick<Link, "request">): Promise<GatewayView | null> {
  const answer = await link.request("config.get", {});
  return answer.kind === "ok" ? viewOf(answer.payload) : null;
}
