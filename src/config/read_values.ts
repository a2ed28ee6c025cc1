/**
 * Reading single values: from a flag, a variable, a file or the default, with where each came from.
 *
 * @module
 */
import { maskNumber, redactText } from "../system/redact.ts";
import { type Kind, readKind } from "./rows/kinds.ts";
import { type Problem } from "./problem.ts";
import {
  describeRef,
  readSecretInput,
  type SecretProviders,
  type SecretRef,
} from "./secrets/secret_ref.ts";
import { type Resolved, resolveSecret } from "./secrets/secrets.ts";
import type { SettingRow } from "./rows/setting_row.ts";
import { findVariable, type Found } from "./sms_accounts.ts";
import { type SourceOptions, type Sources } from "./sources.ts";
import { describeOrigin, lookUp, type Origin, plainOf } from "./json5/tree.ts";

/** What loading works with. */
export interface LoadOptions extends SourceOptions {
  /** Whether a Gateway that serves SMS itself is no problem, as while it is asked about. */
  readonly rivalAllowed?: boolean;
  /** What flags say, by the setting's path. */
  readonly flags?: Readonly<Record<string, { readonly flag: string; readonly value: unknown }>>;
}

/** One effective value, as `config show` tells it. */
export interface EffectiveValue {
  /** As in `channels.sms.accounts.work.fromNumber`. */
  readonly path: string;
  /** Undefined when there is none; secrets as `set` or a SecretRef. */
  readonly value: unknown;
  readonly origin: Origin;
}

/** What reading goes by, and where it notes what it finds. */
export interface LoadContext {
  readonly options: LoadOptions;
  readonly sources: Sources;
  readonly providers: SecretProviders;
  readonly problems: Problem[];
  readonly values: EffectiveValue[];
  readonly secrets: Map<string, Promise<Resolved>>;
}

/** Where a problem stands, as a member to be spread. */
export function where(origin: Origin): { where?: string } {
  return origin.kind === "default" ? {} : { where: describeOrigin(origin) };
}

/** A value as it is told in a problem. */
export function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** A wrong value as a problem may tell it: problems are logged, and a value in the wrong place may be secret. */
export function shownWrong(kind: Kind, value: unknown): string {
  if (typeof value === "boolean") return ` it is ${value}`;
  switch (kind.type) {
    case "sid":
      return " it has another form";
    case "phone":
      return ` it is ${shown(maskNumber(String(value)))}`;
    case "url":
      return ` it is ${
        shown(String(value).replace(/\/\/[^/]*@/, "//•••@").replace(/(?<=[?#]).+$/, "•••"))
      }`;
    case "owners":
    case "targets":
    case "texts":
      return " it holds something else";
    case "integer":
    case "number":
      if (typeof value === "number") return ` it is ${shown(value)}`;
  }
  const isText = typeof value === "string" || typeof value === "object";
  return ` it is ${isText ? shown(redactText(String(value))) : redactText(shown(value))}`;
}

/** Accounts that share a SecretRef share its resolution: a program is asked once. */
function resolveOnce(work: LoadContext, ref: SecretRef): Promise<Resolved> {
  const name = describeRef(ref);
  const { home } = work.options;
  const { env } = work.sources;
  const resolved = work.secrets.get(name) ??
    resolveSecret({ env, home, providers: work.providers }, ref);
  work.secrets.set(name, resolved);
  return resolved;
}

async function readSecret(
  work: LoadContext,
  path: string,
  found: Found,
): Promise<string | undefined> {
  const input = readSecretInput(found.value);
  const tell = (problem: string, fix: string) => {
    work.problems.push({ name: path, problem, fix, ...where(found.origin) });
    return undefined;
  };
  const secret = (value: unknown) => work.values.push({ path, value, origin: found.origin });
  switch (input.kind) {
    case "malformed":
      secret("malformed");
      return tell(`must be ${input.wanted}`, `${path}: "$NAME"`);
    case "text":
      secret("set");
      return input.text === "" ? tell("is empty", `${path}: "$NAME"`) : input.text;
    case "ref": {
      secret(input.ref);
      const resolved = await resolveOnce(work, input.ref);
      if (!resolved.ok) return tell(resolved.problem, resolved.fix);
      const { value } = resolved;
      return value.trim() === "" ? tell("names a secret that is empty", "fill it") : value;
    }
  }
}

/** A variable that the Gateway sets itself has a place of its own. */
export function placeOf({ options, sources }: LoadContext, origin: Origin): Origin {
  if (origin.kind !== "environment" || options.env(origin.variable)?.trim()) return origin;
  return sources.gatewayVariables.get(origin.variable)?.origin ?? origin;
}

/** One setting, read and noted; undefined when it has none or a wrong one. */
export async function readRow(
  work: LoadContext,
  path: string,
  row: SettingRow,
  given: Found,
): Promise<unknown> {
  const found = { ...given, origin: placeOf(work, given.origin) };
  if (found.value === undefined) {
    work.values.push({ path, value: undefined, origin: found.origin });
    return undefined;
  }
  if (row.kind.type === "secret") return await readSecret(work, path, found);
  const read = readKind(row.kind, found.value);
  work.values.push({ path, value: found.value, origin: found.origin });
  if (read.ok) return read.value;
  const inVariable = found.origin.kind === "environment" && Array.isArray(row.example);
  work.problems.push({
    name: found.origin.kind === "environment" ? found.origin.variable : path,
    problem: `must be ${read.wanted}:${shownWrong(row.kind, found.value)}`,
    fix: `as in ${shown(inVariable ? row.example.join(",") : row.example)}`,
    ...where(found.origin),
  });
  return undefined;
}

/** Notes that a setting without a default is not there. */
export function missing(work: LoadContext, path: string, row: SettingRow, more = ""): void {
  if (work.sources.unread) return;
  const [variable] = row.variables;
  const inVariable = variable === undefined ? "" : `${variable}=… in the environment, or `;
  const example = row.kind.type === "secret" ? '"$NAME"' : String(row.example);
  work.problems.push({
    name: path,
    problem: `is missing${more}`,
    fix: `${inVariable}\`sms-bridge config set ${path} ${example}\``,
  });
}

/** Reads the settings of a section of the file. */
export async function readSection(
  work: LoadContext,
  section: string,
  rows: readonly SettingRow[],
  fallbacks: Readonly<Record<string, unknown>> = {},
): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const row of rows) {
    const path = `${section}.${row.key}`;
    const flag = work.options.flags?.[path];
    const written = lookUp(work.sources.root, section, ...row.key.split("."));
    const found: Found = flag?.value !== undefined
      ? { value: flag.value, origin: { kind: "flag", flag: flag.flag } }
      : findVariable(row, work.options.env) ??
        (written === undefined
          ? findVariable(row, work.sources.env) ??
            { value: row.fallback ?? fallbacks[row.key], origin: { kind: "default" } }
          : { value: plainOf(written), origin: written.origin });
    const value = await readRow(work, path, row, found);
    const [first = row.key, second] = row.key.split(".");
    if (second === undefined) values[first] = value;
    else {
      const group = values[first];
      values[first] = { ...(typeof group === "object" ? group : {}), [second]: value };
    }
  }
  return values;
}
