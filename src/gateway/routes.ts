/**
 * Who answers a number: the agent and the scope of its session, decided as the Gateway decides for its own
 * channels.
 *
 * Source: the routing rules of OpenClaw's documentation (channels/channel-routing, concepts/multi-agent), as
 * its releases 2026.8.1 to 2026.9.6 carry them out. The Gateway has no method that answers this question.
 *
 * @module
 */
import { isPhone, type Phone } from "../policy/phone.ts";
import { asObject, asString, type JsonObject } from "./frames.ts";

/** OpenClaw's `session.dmScope`; `main` is its default. */
const DM_SCOPES = [
  "main",
  "per-peer",
  "per-channel-peer",
  "per-account-channel-peer",
] as const;
/** How the Gateway parts the conversations of different senders. */
export type DmScope = typeof DM_SCOPES[number];

/** One of the Gateway's `bindings`, as far as it may concern people who text. */
export interface RouteBinding {
  readonly agentId: string;
  /** An account's id, or `*` for all. */
  readonly account: string;
  /** The number it is for, `*` for all people; null when it names none. */
  readonly peer: string | null;
  /** What it says in place of `session.dmScope`. */
  readonly dmScope: DmScope | null;
}

/** What decides who answers. */
export interface Routing {
  readonly dmScope: DmScope;
  readonly mainKey: string;
  /** `session.identityLinks`: a person's name with the ids that are theirs. */
  readonly identityLinks: Readonly<Record<string, readonly string[]>>;
  readonly bindings: readonly RouteBinding[];
  /** Null when there are several agents and none of them is the default. */
  readonly defaultAgent: string | null;
  readonly agents: readonly string[];
}

/** By which rule an agent was found, the most specific first. */
export type RouteRule = "peer" | "any-peer" | "setting" | "account" | "channel" | "default";

/** Who answers; `nobody` when the Gateway names no agent, or one that is not there. */
export type Route =
  | {
    readonly kind: "agent";
    readonly agentId: string;
    readonly dmScope: DmScope;
    readonly rule: RouteRule;
  }
  | { readonly kind: "nobody"; readonly why: string };

/** A text that is to be answered. */
export interface RouteQuestion {
  /** Null for anybody. */
  readonly phone: Phone | null;
  /** The account that was texted. */
  readonly accountId: string;
  /** The agent that the bridge's own settings name for the account. */
  readonly agent: string | undefined;
}

/** An id as the Gateway writes it in its keys: lower case, without odd characters. */
export function normalId(id: string, fallback: string): string {
  const trimmed = id.trim().toLowerCase();
  if (/^[a-z0-9][a-z0-9_-]{0,63}$/.test(trimmed)) return trimmed;
  const plain = trimmed.replace(/[^a-z0-9_-]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 64);
  return plain === "" ? fallback : plain;
}

function scopeOf(value: unknown): DmScope | null {
  return DM_SCOPES.find((scope) => scope === value) ?? null;
}

function text(value: unknown): string {
  return typeof value === "number" ? String(value) : asString(value)?.trim() ?? "";
}

/** One binding; null when it can never be about a person who texts. */
function bindingOf(value: unknown): RouteBinding | null {
  const binding = asObject(value);
  const match = asObject(binding.match);
  if (binding.type === "acp" || text(match.channel).toLowerCase() !== "sms") return null;
  // They are about other channels, and all that a binding names must fit.
  if (text(match.guildId) !== "" || text(match.teamId) !== "") return null;
  if (Array.isArray(match.roles) && match.roles.length > 0) return null;
  const peer = asObject(match.peer);
  const kind = text(peer.kind).toLowerCase();
  const named = match.peer !== undefined && match.peer !== null;
  if (named && (!["direct", "dm"].includes(kind) || text(peer.id) === "")) return null;
  const account = text(match.accountId);
  return {
    agentId: normalId(text(binding.agentId), "main"),
    account: account === "*" ? account : normalId(account, "default"),
    peer: named ? text(peer.id) : null,
    dmScope: scopeOf(asObject(binding.session).dmScope),
  };
}

function linksOf(value: unknown): Routing["identityLinks"] {
  return Object.fromEntries(
    Object.entries(asObject(value)).flatMap(([name, ids]) =>
      name.trim() === "" || !Array.isArray(ids)
        ? []
        : [[name.trim(), ids.map((id) => text(id).toLowerCase()).filter((id) => id !== "")]]
    ),
  );
}

function agentIds(agents: unknown): string[] {
  return (Array.isArray(agents) ? agents : []).map((agent) => text(asObject(agent).id))
    .filter((id) => id !== "").map((id) => normalId(id, "main"));
}

/** Reads what decides from the Gateway's configuration and its answer to `agents.list`. */
export function readRouting(config: JsonObject, agentsList: JsonObject): Routing {
  const session = asObject(config.session);
  const { bindings } = config;
  const mainKey = text(agentsList.mainKey) || text(session.mainKey) || "main";
  const defaultId = text(agentsList.defaultId);
  return {
    dmScope: scopeOf(session.dmScope) ?? "main",
    mainKey: mainKey.toLowerCase(),
    identityLinks: linksOf(session.identityLinks),
    bindings: (Array.isArray(bindings) ? bindings : []).map(bindingOf)
      .filter((binding) => binding !== null),
    defaultAgent: agentsList.selectionRequired === true || defaultId === ""
      ? null
      : normalId(defaultId, "main"),
    agents: agentIds(agentsList.agents),
  };
}

/** The first binding of the most specific kind that fits, and the bridge's own setting among them. */
function choose(
  { bindings, dmScope, defaultAgent }: Routing,
  { phone, accountId, agent }: RouteQuestion,
): { agentId: string; dmScope: DmScope; rule: RouteRule } | null {
  const account = normalId(accountId, "default");
  const here = bindings.filter((one) => one.account === "*" || one.account === account);
  const found = (rule: RouteRule, fits: (binding: RouteBinding) => boolean) => {
    const binding = here.find(fits);
    return binding && { agentId: binding.agentId, dmScope: binding.dmScope ?? dmScope, rule };
  };
  return found("peer", ({ peer }) => phone !== null && peer === phone) ??
    found("any-peer", ({ peer }) => peer === "*") ??
    (agent === undefined
      ? undefined
      : { agentId: normalId(agent, "main"), dmScope, rule: "setting" as const }) ??
    found("account", (one) => one.peer === null && one.account !== "*") ??
    found("channel", (one) => one.peer === null) ??
    (defaultAgent === null ? null : { agentId: defaultAgent, dmScope, rule: "default" });
}

/** Finds who answers. Nobody does in place of an agent that is not there: it may have been a restricted one. */
export function findRoute(routing: Routing, question: RouteQuestion): Route {
  const chosen = choose(routing, question);
  if (chosen === null) {
    return { kind: "nobody", why: "the Gateway has several agents and none of them is for SMS" };
  }
  if (!routing.agents.includes(chosen.agentId)) {
    return { kind: "nobody", why: `the Gateway has no agent "${chosen.agentId}"` };
  }
  return { kind: "agent", ...chosen };
}

/** How a number is called in session keys: by the name of the person it is linked to. */
export function peerNameOf(
  { identityLinks }: Pick<Routing, "identityLinks">,
  phone: Phone,
): string {
  const linked = Object.entries(identityLinks).find(([, ids]) =>
    ids.includes(phone) || ids.includes(`sms:${phone}`)
  );
  return (linked?.[0] ?? phone).toLowerCase();
}

/** The numbers behind a name in a session key: its own when it is one, else those that are linked to it. */
export function phonesOf(
  { identityLinks }: Pick<Routing, "identityLinks">,
  peer: string,
): readonly Phone[] {
  if (isPhone(peer)) return [peer];
  const linked = Object.entries(identityLinks).find(([name]) => name.toLowerCase() === peer);
  return (linked?.[1] ?? []).map((id) => id.replace(/^sms:/, "")).filter(isPhone);
}
