/**
 * Who may talk to the agent: OpenClaw's policies, decided as OpenClaw decides them.
 *
 * @module
 */
import { parsePhone, type Phone } from "./phone.ts";

/** How texts of senders are dealt with. */
export type DmPolicy = "pairing" | "allowlist" | "open" | "disabled";

/** Every {@linkcode DmPolicy}; the first is the default. */
export const DM_POLICIES: readonly DmPolicy[] = ["pairing", "allowlist", "open", "disabled"];

/** An entry of OpenClaw's `accessGroups`. */
export interface AccessGroup {
  /** Only `message.senders` names senders; any other type admits nobody here. */
  readonly type: string;
  /** Lists of senders by channel; those of `sms` and of `*` count. */
  readonly members?: Readonly<Record<string, readonly string[]>>;
}

/** Access groups by name. */
export type AccessGroups = Readonly<Record<string, AccessGroup>>;

/** Whom the configuration admits. */
export interface AccessRules {
  /** What is configured; absent means `pairing`, anything unknown counts as `allowlist`. */
  readonly dmPolicy: DmPolicy | (string & Record<never, never>) | null | undefined;
  /** Numbers as people write them, `"*"`, and `accessGroup:<name>`. */
  readonly allowFrom: readonly string[];
  /** What `accessGroup:<name>` refers to. */
  readonly accessGroups?: AccessGroups | undefined;
}

/** What {@linkcode decideAccess} looks at. */
export interface AccessInput extends AccessRules {
  /** The sender. */
  readonly from: Phone;
  /** Whether the sender was let in by a pairing code or by hand. Counts under `pairing` only. */
  readonly paired: boolean;
}

/** Whether a text goes to the agent, and by which rule. */
export type Access =
  | { readonly kind: "allow"; readonly reason: "open" | "allowlisted" | "paired" }
  | { readonly kind: "pair"; readonly reason: "pairing-required" }
  | { readonly kind: "refuse"; readonly reason: "disabled" | "not-allowlisted" };

const ANYONE = "*";
const CHANNEL = "sms";
const GROUP_ENTRY = /^\s*accessGroup:(.*)$/s;

function groupName(entry: string): string | null {
  return entry.match(GROUP_ENTRY)?.[1]?.trim() ?? null;
}

/** The senders an access group lists for SMS, or why it lists none. */
function groupMembers(
  name: string,
  groups: AccessGroups | undefined,
): readonly (readonly string[])[] | "missing" | "unsupported" {
  const group = groups !== undefined && Object.hasOwn(groups, name) ? groups[name] : undefined;
  if (group === undefined) return "missing";
  if (group.type !== "message.senders") return "unsupported";
  const members = group.members ?? {};
  return [ANYONE, CHANNEL].flatMap((key) => Object.hasOwn(members, key) ? [members[key]!] : []);
}

function isAnyone(entry: string): boolean {
  return entry.trim() === ANYONE;
}

/** What a list names. */
interface Named {
  readonly anyone: boolean;
  readonly phones: ReadonlySet<Phone | null>;
  readonly groups: readonly string[];
}

/** Each list is read once; one that is changed is another. */
const NAMED = new WeakMap<readonly string[], Named>();

function namedBy(list: readonly string[]): Named {
  const known = NAMED.get(list);
  if (known !== undefined) return known;
  const named = {
    anyone: list.some(isAnyone),
    phones: new Set(list.map(parsePhone)),
    groups: list.map(groupName).filter((name) => name !== null),
  };
  NAMED.set(list, named);
  return named;
}

function names(list: readonly string[], from: Phone): boolean {
  const { anyone, phones } = namedBy(list);
  return anyone || phones.has(from);
}

function isListed({ allowFrom, accessGroups }: AccessRules, from: Phone): boolean {
  return names(allowFrom, from) || namedBy(allowFrom).groups.some((name) => {
    const lists = groupMembers(name, accessGroups);
    return typeof lists !== "string" && lists.some((list) => names(list, from));
  });
}

/**
 * Decides as OpenClaw does: `disabled` refuses everyone; `open` admits those that `allowFrom` names,
 * everyone only with `"*"`; `allowlist` the same, whoever was paired; `pairing` admits also the
 * paired and asks the others for a code.
 */
export function decideAccess(input: AccessInput): Access {
  const policy = input.dmPolicy ?? "pairing";
  if (policy === "disabled") return { kind: "refuse", reason: "disabled" };
  if (policy === "open" && namedBy(input.allowFrom).anyone) {
    return { kind: "allow", reason: "open" };
  }
  if (isListed(input, input.from)) return { kind: "allow", reason: "allowlisted" };
  if (policy !== "pairing") return { kind: "refuse", reason: "not-allowlisted" };
  return input.paired
    ? { kind: "allow", reason: "paired" }
    : { kind: "pair", reason: "pairing-required" };
}

/** Something about {@linkcode AccessRules} that its owner cannot have meant. */
export type AccessProblem =
  | { readonly kind: "unknown-policy" | "empty-allowlist" | "open-without-wildcard" }
  | {
    readonly kind: "unreadable-entry" | "missing-group" | "unsupported-group";
    readonly entry: string;
  };

function entryProblem(entry: string, groups: AccessGroups | undefined): AccessProblem[] {
  const name = groupName(entry);
  if (name !== null) {
    const members = groupMembers(name, groups);
    return typeof members === "string" ? [{ kind: `${members}-group`, entry }] : [];
  }
  const readable = isAnyone(entry) || parsePhone(entry) !== null;
  return readable ? [] : [{ kind: "unreadable-entry", entry }];
}

/** What to warn of at the start: rules that admit nobody, and entries that match nobody. */
export function accessProblems(rules: AccessRules): AccessProblem[] {
  const policy = rules.dmPolicy ?? "pairing";
  const problems: AccessProblem[] = [];
  if (!DM_POLICIES.some((known) => known === policy)) problems.push({ kind: "unknown-policy" });
  if (policy === "allowlist" && rules.allowFrom.length === 0) {
    problems.push({ kind: "empty-allowlist" });
  }
  if (policy === "open" && !rules.allowFrom.some(isAnyone)) {
    problems.push({ kind: "open-without-wildcard" });
  }
  return [
    ...problems,
    ...rules.allowFrom.flatMap((entry) => entryProblem(entry, rules.accessGroups)),
  ];
}
