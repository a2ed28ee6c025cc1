/**
 * Configurations of a Gateway, with who answers a number in each: the session that OpenClaw's own plugin
 * uses. `tests/contract/real_routes_test.ts` compares them with the resolver of a real release.
 */

/** One configuration and what comes of it. */
export interface RouteCase {
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** The account that was texted, when it is not `default`. */
  readonly accountId?: string;
  /** The session of {@linkcode ANN}'s text; null when nobody answers it. */
  readonly session: string | null;
  /** Whether nobody answers with a release whose `systemAgent` is for other work. */
  readonly bySystemAgent?: true;
}

/** Who texts in all of them. */
export const ANN = "+12025550101";
const BOB = "+12025550102";
const work = { entries: { main: { default: true }, work: {} } };

function bind(match: Record<string, unknown>, session?: Record<string, unknown>, agentId = "work") {
  return { agentId, match: { channel: "sms", ...match }, ...session ? { session } : {} };
}
const peer = (id: string, kind = "direct") => ({ peer: { kind, id } });
const per = (dmScope: string) => ({ dmScope });

/** All of them. */
export const ROUTE_CASES: readonly RouteCase[] = [
  { name: "nothing is said", config: {}, session: "agent:main:main" },
  {
    name: "per-peer",
    config: { session: per("per-peer") },
    session: `agent:main:direct:${ANN}`,
  },
  {
    name: "per-channel-peer",
    config: { session: per("per-channel-peer") },
    session: `agent:main:sms:direct:${ANN}`,
  },
  {
    name: "per-account-channel-peer",
    config: { session: per("per-account-channel-peer") },
    session: `agent:main:sms:default:direct:${ANN}`,
  },
  {
    name: "per-account-channel-peer, and an account in capitals",
    config: { session: per("per-account-channel-peer") },
    accountId: "Work Phone",
    session: `agent:main:sms:work-phone:direct:${ANN}`,
  },
  {
    name: "one agent that is not called main",
    config: { agents: { entries: { helper: {} } } },
    session: "agent:helper:main",
  },
  {
    name: "one agent in a list",
    config: { agents: { list: [{ id: "helper" }] } },
    session: "agent:helper:main",
  },
  {
    name: "one agent in capitals",
    config: { agents: { list: [{ id: "Helper" }] } },
    session: "agent:helper:main",
  },
  { name: "a default among entries", config: { agents: work }, session: "agent:main:main" },
  {
    name: "a default in a list",
    config: { agents: { list: [{ id: "first" }, { id: "second", default: true }] } },
    session: "agent:second:main",
  },
  {
    name: "a system agent of a fleet",
    config: {
      agents: {
        ownership: "explicit",
        defaults: { systemAgent: { agentId: "helper" } },
        entries: { main: {}, helper: {} },
      },
    },
    session: "agent:helper:main",
    bySystemAgent: true,
  },
  {
    name: "several agents and no default",
    config: { agents: { entries: { a: {}, b: {} } } },
    session: null,
  },
  {
    name: "the exact number",
    config: { agents: work, bindings: [bind(peer(ANN))] },
    session: "agent:work:main",
  },
  {
    name: "the exact number, called dm",
    config: { agents: work, bindings: [bind(peer(ANN, "dm"))] },
    session: "agent:work:main",
  },
  {
    name: "another number",
    config: { agents: work, bindings: [bind(peer(BOB))] },
    session: "agent:main:main",
  },
  {
    name: "the exact number before any number, whichever stands first",
    config: {
      agents: work,
      bindings: [bind(peer("*"), undefined, "main"), bind(peer(ANN))],
    },
    session: "agent:work:main",
  },
  {
    name: "any number",
    config: { agents: work, bindings: [bind(peer("*"))] },
    session: "agent:work:main",
  },
  {
    name: "any number before the account",
    config: {
      agents: work,
      bindings: [bind({ accountId: "default" }, undefined, "main"), bind(peer("*"))],
    },
    session: "agent:work:main",
  },
  {
    name: "any group is nobody who texts",
    config: { agents: work, bindings: [bind(peer("*", "group"))] },
    session: "agent:main:main",
  },
  {
    name: "the account",
    config: { agents: work, bindings: [bind({ accountId: "office" })] },
    accountId: "office",
    session: "agent:work:main",
  },
  {
    name: "another account",
    config: { agents: work, bindings: [bind({ accountId: "office" })] },
    session: "agent:main:main",
  },
  {
    name: "a binding without an account is for the default one",
    config: { agents: work, bindings: [bind({})] },
    session: "agent:work:main",
  },
  {
    name: "a binding without an account is for no other",
    config: { agents: work, bindings: [bind({})] },
    accountId: "office",
    session: "agent:main:main",
  },
  {
    name: "all accounts of the channel",
    config: { agents: work, bindings: [bind({ accountId: "*" })] },
    accountId: "office",
    session: "agent:work:main",
  },
  {
    name: "the account before the channel",
    config: {
      agents: work,
      bindings: [bind({ accountId: "*" }, undefined, "main"), bind({ accountId: "office" })],
    },
    accountId: "office",
    session: "agent:work:main",
  },
  {
    name: "the first of two that fit alike",
    config: { agents: work, bindings: [bind(peer(ANN)), bind(peer(ANN), undefined, "main")] },
    session: "agent:work:main",
  },
  {
    name: "a binding of another channel",
    config: {
      agents: work,
      bindings: [{ agentId: "work", match: { channel: "whatsapp", ...peer(ANN) } }],
    },
    session: "agent:main:main",
  },
  {
    name: "a number of one account only",
    config: { agents: work, bindings: [bind({ ...peer(ANN), accountId: "office" })] },
    session: "agent:main:main",
  },
  {
    name: "a binding with a scope of its own",
    config: { agents: work, bindings: [bind(peer(ANN), per("per-channel-peer"))] },
    session: `agent:work:sms:direct:${ANN}`,
  },
  {
    name: "a binding that joins what the session parts",
    config: {
      agents: work,
      session: per("per-channel-peer"),
      bindings: [bind(peer(ANN), per("main"))],
    },
    session: "agent:work:main",
  },
  {
    name: "a binding to an agent that is not there",
    config: { agents: work, bindings: [bind(peer(ANN), undefined, "gone")] },
    session: null,
  },
  {
    name: "a linked person",
    config: {
      session: { ...per("per-peer"), identityLinks: { Ann: ["telegram:1", `sms:${ANN}`] } },
    },
    session: "agent:main:direct:ann",
  },
  {
    name: "a person linked without the channel",
    config: { session: { ...per("per-channel-peer"), identityLinks: { ann: [ANN] } } },
    session: "agent:main:sms:direct:ann",
  },
  {
    name: "a link of another channel",
    config: { session: { ...per("per-peer"), identityLinks: { ann: [`whatsapp:${ANN}`] } } },
    session: `agent:main:direct:${ANN}`,
  },
  {
    name: "a main session of another name",
    config: { session: { mainKey: "Home" } },
    session: "agent:main:home",
  },
];
