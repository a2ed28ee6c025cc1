/**
 * `config patch`: changing the bridge's own file by a patch.
 *
 * @module
 */
import { type EditValue, patchSteps, patchText } from "../../config/json5/edit.ts";
import { changeConfigFile, readText } from "../../config/files.ts";
import { parseJson5, valueOf } from "../../config/json5/json5.ts";
import { rowAt } from "../../config/describe.ts";
import { failure } from "../../system/failure.ts";
import { CONFIG_BYTES_MAX } from "../../system/limits.ts";
import {
  type Command,
  CONFIG_OPTION,
  type ExitCode,
  JSON_OPTION,
  type Parsed,
  STATE_DIR_OPTION,
} from "../command.ts";
import { checkValue, tellRemaining } from "./config.ts";
import type { Context } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";
import { plural } from "../../text/amounts.ts";
import { edited, loadFor } from "../settings_source.ts";

/** The patch's text, from a file or from stdin. @throws {Failure} */
async function patchGiven(
  context: Context,
  parsed: Parsed,
): Promise<{ name: string; text: string }> {
  const file = parsed.text("file");
  if ((file === undefined) === !parsed.flag("stdin")) {
    throw failure(
      "usage",
      "patch-missing",
      "Cannot patch without one patch",
      "give `--file ./sms.patch.json5` or `--stdin`",
    );
  }
  const text = file === undefined ? await context.readStdin(CONFIG_BYTES_MAX) : readText(file);
  if (text !== null) return { name: file ?? "stdin", text };
  throw file === undefined
    ? failure("usage", "patch-too-long", `Cannot patch with more than ${CONFIG_BYTES_MAX} bytes`)
    : failure("not-found", "patch-absent", `Cannot find ${file}`, "name a file that is there");
}

/** The patch, each of its values checked. @throws {Failure} */
function readPatch({ name, text }: { name: string; text: string }): EditValue {
  const read = parseJson5(text);
  if (read.kind === "fault") {
    const at = `${name}:${read.at.line}:${read.at.column}`;
    throw failure(
      "usage",
      "patch-invalid",
      `${at} is not JSON5: ${read.message}`,
      "correct it there",
    );
  }
  const patch = valueOf(read.node) as EditValue;
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) {
    throw failure(
      "usage",
      "patch-invalid",
      `${name} must hold one object`,
      "{ channels: { sms: { … } } }",
    );
  }
  for (const { path, value } of patchSteps(patch)) {
    const key = path.join(".");
    if (isSecretPart(path)) continue;
    if (value !== null) checkValue(key, value);
  }
  return patch;
}

/** Whether a path leads into a SecretRef. */
function isSecretPart(path: readonly string[]): boolean {
  return rowAt(path.slice(0, -1).join("."))?.kind.type === "secret";
}

/** What programs that give secrets are started with may be one itself. */
const GIVEN_TO_PROGRAMS = /^secrets\.providers\..+\.(env|args)\b/;

/** The paths that a patch changes, with what they become; secrets are not shown. */
function changes(patch: EditValue): { path: string; value: unknown }[] {
  return [...patchSteps(patch)].map(({ path, value }) => {
    const key = path.join(".");
    const secret = rowAt(key)?.kind.type === "secret" && typeof value === "string" ||
      GIVEN_TO_PROGRAMS.test(key);
    return { path: key, value: secret ? "•••" : value };
  });
}

/** `config patch`. */
export const configPatchCommand: Command = {
  path: ["config", "patch"],
  group: "Set up",
  summary: "merge a patch into the bridge's own file",
  details: "Objects merge, null takes a value out, lists are replaced; comments and layout stay.",
  options: [
    { name: "file", kind: "string", value: "FILE", meaning: "the patch, JSON5" },
    { name: "stdin", kind: "boolean", meaning: "read the patch from standard input" },
    { name: "dry-run", kind: "boolean", meaning: "show what would change, change nothing" },
    CONFIG_OPTION,
    STATE_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: [
    "config patch --file ./sms.patch.json5 --dry-run",
    "config patch --file ./sms.patch.json5",
  ],
  async run(context, parsed): Promise<ExitCode> {
    const patch = readPatch(await patchGiven(context, parsed));
    const { ownPath } = await loadFor(context, parsed);
    const patched = (text: string) => edited(ownPath, () => patchText(text, patch));
    const dryRun = parsed.flag("dry-run");
    const text = readText(ownPath) ?? "";
    const { before, after } = dryRun
      ? { before: text, after: patched(text) }
      : await changeConfigFile(ownPath, patched);
    const changed = after !== before;
    const list = changes(patch);
    if (parsed.flag("json")) {
      const problems = dryRun ? undefined : (await loadFor(context, parsed)).problems;
      printJson(context, { path: ownPath, dryRun, changed, changes: list, problems });
      return 0;
    }
    for (const { path, value } of list) {
      context.stdout(value === null ? `- ${path}\n` : `+ ${path}: ${JSON.stringify(value)}\n`);
    }
    const count = plural(list.length, "value");
    if (!changed) context.stdout(`Nothing to change in ${ownPath}.\n`);
    else if (dryRun) context.stdout(`Would write ${count} to ${ownPath}; nothing was changed.\n`);
    else context.stdout(`Wrote ${count} to ${ownPath}.\n`);
    if (!dryRun) tellRemaining(context, (await loadFor(context, parsed)).problems);
    return 0;
  },
};
