// deno-lint-ignore-file no-console
/**
 * Breaks the program on purpose, one way at a time, in a copy, and plays the simulator on it: each break
 * must be found. What is not found is a promise that nothing watches over.
 *
 *     deno task mutants --seeds 2000
 *     deno task mutants --only "the 200"
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { tidyAtEnd } from "./long/tidy.ts";
import { checkCall } from "./long/usage.ts";

/** One way to break the program. */
interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Whether it takes several bridges on one store to find it. */
  readonly shared?: boolean;
}

/** The breaks. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "a text is stored again when its webhook comes again",
    file: "src/store/inbox.ts",
    from: "check: rows.map((row) => ({",
    to: "check: rows.slice(0, 0).map((row) => ({",
  },
  {
    name: "a restart forgets which texts wait",
    file: "src/store/inbox.ts",
    from: "const held = await heldSids(store, onRow);",
    to: "await heldSids(store, onRow);\n  const held = new Map<string, number>();",
  },
  {
    name: "an answered text's MessageSid is forgotten",
    file: "src/turn/carry_out.ts",
    from: "seenSet(row),",
    to: "",
  },
  {
    name: "a joined text's MessageSid is forgotten",
    file: "src/turn/burst.ts",
    from: "seenSet(value),",
    to: "",
  },
  {
    name: "a joined text stays in the inbox",
    file: "src/turn/burst.ts",
    from: "    ...removalOf(...others),\n",
    to: "",
  },
  {
    name: "the 200 goes out before the commit",
    file: "src/inbound/intake.ts",
    from: "const taken = await inbox.add(row);",
    to: 'const taken = "stored"; inbox.add(row).catch(() => {});',
  },
  {
    name: "a full disk is answered with 200",
    file: "src/inbound/receive.ts",
    from: 'return refuse(work, 503, "not-stored");',
    to: "return ACCEPTED;",
  },
  {
    name: "unsigned requests are taken",
    file: "src/inbound/receive.ts",
    from: 'if (verdict.kind === "valid") return pairs;',
    to: "return pairs;",
  },
  {
    name: "texts of a person are worked on side by side",
    file: "src/bridge/lanes.ts",
    from: "const before = tails.get(lane) ?? Promise.resolve();",
    to: "const before = Promise.resolve();",
  },
  {
    name: "the beginning of a turn is not on disk",
    file: "src/turn/converse.ts",
    from: "held.change((current) => begin(work, current, where))",
    to: "held.change((current) => Promise.resolve(where ? current : current))",
  },
  {
    name: "a turn whose fate is unknown is run again",
    file: "src/gateway/turn.ts",
    from: "this.started = turn.started;",
    to: "this.started = null;",
  },
  {
    name: "a turn without an answer in the transcript is run again",
    file: "src/gateway/turn_record.ts",
    from: 'readAfter(after, key) ?? open ?? { kind: "open", active };',
    to: 'readAfter(after, key) ?? open ?? { kind: "absent" };',
  },
  {
    name: "the answer of a run that the Gateway went on with is not recognised",
    file: "src/gateway/transcript.ts",
    from: "text.includes(INTERRUPTED)",
    to: "text.includes(INTERRUPTED) && false",
  },
  {
    name: "a text that the Gateway took and lost in a crash is not asked again",
    file: "src/gateway/faults.ts",
    from: "says: /submit a new turn/,",
    to: "says: /(?!)/,",
  },
  {
    name: "a session that changed while starting work counts as the end of the text",
    file: "src/gateway/faults.ts",
    from: "export const FAULT_ROWS: readonly FaultRow[] = [",
    to: `export const FAULT_ROWS: readonly FaultRow[] = [
  { kind: "final", says: /changed while starting work/, source: "" },`,
  },
  {
    name: "an answered text stays in the inbox",
    file: "src/turn/carry_out.ts",
    from: "    ...removalOf(entry),\n",
    to: "",
  },
  {
    name: "a chunk whose fate is unknown is sent again without a look",
    file: "src/outbound/decide.ts",
    from: "if (row.begunAtMs !== null) return",
    to: "if (false) return",
  },
  {
    name: "a commit for many tells each that it was done, though one did not hold",
    file: "src/store/own/group_commit.ts",
    from: "if (versionstamp !== null || group.length === 1) {",
    to:
      'if (group.length > 1) versionstamp ??= "0";\n  if (versionstamp !== null || group.length === 1) {',
  },
  {
    name: "an answer that goes out at once is not marked as begun",
    file: "src/outbound/deliver.ts",
    from: "const row = { ...plain, begunAtMs: clock.now() + waitMs };",
    to: "const row = { ...plain };",
  },
  {
    name: "an answer goes out at once though its commit failed",
    file: "src/turn/carry_out.ts",
    from: "claims[0]?.settle(posted);",
    to: 'claims[0]?.settle(posted ?? "0");',
  },
  {
    name: "a message that is not listed yet counts as not sent",
    file: "src/outbound/deliver.ts",
    from: "const absenceCounts = grace.isOver(row.id);",
    to: "const absenceCounts = true;",
  },
  {
    name: "a message with the same text is taken for the one that is looked for",
    file: "src/outbound/deliver.ts",
    from: "return delivery !== null && delivery.value.messageId !== null;",
    to: "return false;",
  },
  {
    name: "the cursor does not move on",
    file: "src/outbound/carry_out.ts",
    from: "const sids = [...row.sids, sid];",
    to:
      "const sids = row.sids.length === 0 ? [sid] : [...row.sids, sid, sid].slice(0, row.chunks.length);",
  },
  {
    name: "texts that came while the bridge was down are not looked for",
    file: "src/daemon/answering.ts",
    from: "startCatchUp({ ...parts.intake, context, converser }),",
    to: "",
  },
  {
    name: "what waits is not taken up at start",
    file: "src/daemon/answering.ts",
    from: "await converser.start(waiting);",
    to: "",
  },
  {
    name: "work ends at the first error of the disk",
    file: "src/bridge/steps.ts",
    from: "if (stopping.aborted) return unsure;",
    to: "return unsure;",
  },
  {
    name: "whole numbers are logged",
    file: "src/system/redact.ts",
    from: "export function maskNumber(",
    to:
      "export function maskNumber(address: string): string {\n  return address;\n}\nexport function masked(",
  },
  {
    name: "what a former holder writes is not checked",
    file: "src/store/shared/fence.ts",
    from: "const check = [{ key: EPOCH_KEY, versionstamp }, ...change.check ?? []];",
    to: "const check = [...change.check ?? []];",
    shared: true,
  },
  {
    name: "a lease goes by the time of day",
    file: "src/store/shared/lease.ts",
    from: "return new Keeper(parts);",
    to: "return new Keeper({ ...parts, steadyMs: parts.clock.now });",
    shared: true,
  },
  {
    name: "a takeover sends what was begun without a look at Twilio",
    file: "src/outbound/decide.ts",
    from:
      'if (row.begunAtMs !== null) return { kind: "look-up", account, begunAtMs: row.begunAtMs };',
    to: "",
    shared: true,
  },
  {
    name: "a commit whose answer was lost counts as failed",
    file: "src/store/shared/shared_store.ts",
    from: "if (now?.value === mark) return { versionstamp: at, at };",
    to: "",
    shared: true,
  },
  {
    name: "a holder that was paused sends what it had begun",
    file: "src/outbound/deliver.ts",
    from: 'if (!context.holds()) return "again";',
    to: "",
    shared: true,
  },
  {
    name: "a holder without a Gateway keeps the lease though another has one",
    file: "src/store/shared/lease.ts",
    from: "if (this.#isOutdone()) held.enough.abort();",
    to: "",
    shared: true,
  },
  {
    name: "a budget forgets what a bridge has spent whose clock is ahead",
    file: "src/policy/window.ts",
    from: "slot.startMs - nowMs <= windowMs && nowMs",
    to: "slot.startMs <= nowMs && nowMs",
    shared: true,
  },
  {
    name: "a takeover begins with an account that has spent nothing",
    file: "src/outbound/budget.ts",
    from: "const day = kept?.value ?? NOTHING_SPENT;",
    to: "const day = NOTHING_SPENT;",
    shared: true,
  },
  {
    name: "a text is taken in by each bridge that its webhook reaches",
    file: "src/store/shared/shared_inbox.ts",
    from: "const fresh = group.filter((_, i) => seen[i] === null);",
    to: "const fresh = group.filter((_, i) => seen[i] !== undefined);",
    shared: true,
  },
];

const root = new URL("../", import.meta.url).pathname;
const NEEDED = [
  "src",
  "tests/simulation",
  "scripts/sim.ts",
  "scripts/long",
  "deno.json",
  "deno.lock",
  "vendor",
];

async function run(command: string, args: readonly string[], cwd: string) {
  const output = await new Deno.Command(command, { args: [...args], cwd }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: output.code, text: text(output.stderr) + text(output.stdout) };
}

async function copyTree(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "sms-bridge-mutants-" });
  for (const path of NEEDED) {
    const target = `${folder}/${path}`;
    await Deno.mkdir(target.replace(/\/[^/]*$/, ""), { recursive: true });
    await run("cp", ["-r", `${root}${path}`, target], root);
  }
  return folder;
}

/** How the simulator ended on a mutant: the seed that found it, or null. */
async function play(folder: string, mutant: Mutant, seeds: string): Promise<string | null> {
  const path = `${folder}/${mutant.file}`;
  const source = await Deno.readTextFile(path);
  if (source.split(mutant.from).length !== 2) {
    throw new Error(`Cannot break ${mutant.file} as it must hold once: ${mutant.from}`);
  }
  await Deno.writeTextFile(path, source.replace(mutant.from, () => mutant.to));
  const args = ["run", "--quiet", "--no-check", "-A", "scripts/sim.ts", "--seeds", seeds];
  if (mutant.shared) args.push("--shared");
  const { code, text } = await run(Deno.execPath(), args, folder);
  await Deno.writeTextFile(path, source);
  if (code === 0) return null;
  const [found] = text.match(/^seed \d+: (?!trace ).*|^replay: .*/m) ?? [];
  // What does not even begin has found nothing.
  if (found === undefined) throw new Error(`Cannot play ${mutant.name}: ${text.slice(0, 500)}`);
  return found;
}

const USAGE = `deno task mutants [--only TEXT] [--seeds N]

  --only TEXT  only the mutants whose name has this
  --seeds N    seeds of the simulator for each (2000)

  deno task mutants --only lease`;

if (import.meta.main) {
  const unknown: string[] = [];
  const { seeds, only, help } = parseArgs(Deno.args, {
    string: ["seeds", "only"],
    boolean: ["help"],
    default: { seeds: "2000", only: "" },
    unknown: (word) => (unknown.push(word), false),
  });
  const mutants = MUTANTS.filter(({ name }) => name.includes(only));
  const wrong = mutants.length === 0
    ? `no mutant has "${only}" in its name; all are: ${MUTANTS.map(({ name }) => name).join(", ")}`
    : Number(seeds) > 0
    ? null
    : "--seeds is a number";
  checkCall({ task: "mutants", usage: USAGE, help, unknown, wrong });
  tidyAtEnd();
  const folder = await copyTree();
  let missed = 0;
  try {
    for (const mutant of mutants) {
      const found = await play(folder, mutant, seeds);
      if (found === null) missed++;
      console.log(`${found === null ? "NOT FOUND" : "found"}  ${mutant.name}: ${found ?? ""}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  console.log(`${mutants.length - missed} of ${mutants.length} found`);
  if (missed > 0) Deno.exit(1);
}
