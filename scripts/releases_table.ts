/**
 * README's table of releases: what each run of the contract tests against real Gateways found.
 *
 * @module
 */
import { type Release, RELEASES } from "./releases.ts";

const README = new URL("../README.md", import.meta.url);
const [BEGIN, END] = ["<!-- releases -->", "<!-- /releases -->"];
const NOT_RUN = "not run yet";

const SERVED: Readonly<Record<Release["served"], string>> = {
  full: "works",
  reduced: "answers texts; nothing unasked, no `sms_send`",
  refused: "refused",
};

/** What the table says of each release so far. */
function readRuns(text: string): Map<string, string> {
  const rows = text.matchAll(/^\| ([\d.]+) \|[^|]*\| ([^|]*) \|$/gm);
  return new Map([...rows].map(([, version, run]) => [version!, run!.trim()]));
}

/** What came of a run; `skipped` when it could not be had. */
export type RunResult = "passed" | "failed" | "skipped";

/** Writes what came of a run of this release into the table. */
export function noteRun(version: string, result: RunResult, at: Date): void {
  const readme = Deno.readTextFileSync(README);
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < 0) throw new Error("Cannot write the table: README has no place for it");
  const runs = readRuns(readme.slice(begin, end));
  runs.set(version, `${result} ${at.toISOString().slice(0, 10)}`);
  const rows = RELEASES.map(({ version, served, reason }) => {
    const how = reason === undefined ? SERVED[served] : `${SERVED[served]}: it ${reason}`;
    return `| ${version} | ${how} | ${runs.get(version) ?? NOT_RUN} |`;
  });
  const table = ["| OpenClaw | The bridge | The contract tests |", "| --- | --- | --- |", ...rows];
  const written = `${readme.slice(0, begin)}${BEGIN}\n\n${table.join("\n")}\n\n${
    readme.slice(end)
  }`;
  Deno.writeTextFileSync(README, written);
}
