/**
 * Editing a JSON5 text in its place: everything that is not changed stays as it was written, comments
 * and layout included.
 *
 * @module
 */
import { type Json5Member, type Json5Object, parseJson5 } from "./json5.ts";

/** A value to be written. */
export type EditValue =
  | string
  | number
  | boolean
  | null
  | readonly EditValue[]
  | { readonly [key: string]: EditValue };

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

/** An edit that cannot be made: the text is not JSON5, or something on the way is not an object. */
export class EditError extends Error {
  override readonly name = "EditError";
}

function isRecord(value: EditValue): value is { readonly [key: string]: EditValue } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function keyText(key: string, quoted: boolean): string {
  return !quoted && IDENTIFIER.test(key) ? key : JSON.stringify(key);
}

/** A value as text; `indent` is that of the line it begins on. */
function valueText(value: EditValue, indent: string, quoted: boolean): string {
  if (Array.isArray(value)) {
    return `[${value.map((one) => valueText(one, indent, quoted)).join(", ")}]`;
  }
  if (!isRecord(value)) return JSON.stringify(value);
  const inner = `${indent}  `;
  const lines = Object.entries(value).filter(([, one]) => one !== null).map(([key, one]) =>
    `${inner}${keyText(key, quoted)}: ${valueText(one, inner, quoted)}`
  );
  if (lines.length === 0) return "{}";
  return `{\n${lines.join(",\n")}${quoted ? "" : ","}\n${indent}}`;
}

function rootOf(text: string): Json5Object {
  const read = parseJson5(text);
  if (read.kind === "fault") {
    throw new EditError(`line ${read.at.line}: ${read.message}`);
  }
  if (read.node.kind !== "object") throw new EditError("the file must hold one object");
  return read.node;
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

function indentAt(text: string, offset: number): string {
  return text.slice(lineStart(text, offset)).match(/^[ \t]*/)![0];
}

function replaced(text: string, start: number, end: number, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

function insert(text: string, object: Json5Object, key: string, value: EditValue): string {
  const last = object.members.at(-1);
  const quoted = last !== undefined && /["']/.test(text[last.keyStart]!);
  const outer = indentAt(text, object.start);
  const inner = last === undefined ? `${outer}  ` : indentAt(text, last.keyStart);
  const member = (indent: string) => `${keyText(key, quoted)}: ${valueText(value, indent, quoted)}`;
  const brace = object.end - 1;
  if (last === undefined) {
    return replaced(text, object.start, object.end, `{\n${inner}${member(inner)},\n${outer}}`);
  }
  const alone = text.slice(lineStart(text, brace), brace).trim() === "";
  if (!alone) {
    const comma = last.commaAt === null ? ", " : " ";
    const end = (last.commaAt ?? last.value.end - 1) + 1;
    return replaced(text, end, brace, `${comma}${member(outer)} `);
  }
  const after = last.commaAt === null ? "" : ",";
  const added = replaced(
    text,
    lineStart(text, brace),
    lineStart(text, brace),
    `${inner}${member(inner)}${after}\n`,
  );
  return last.commaAt === null ? replaced(added, last.value.end, last.value.end, ",") : added;
}

function memberOf(object: Json5Object, key: string): Json5Member | undefined {
  return object.members.findLast((member) => member.key === key);
}

function remove(text: string, { keyStart, value, commaAt }: Json5Member): string {
  const end = (commaAt ?? value.end - 1) + 1;
  const start = lineStart(text, keyStart);
  const alone = text.slice(start, keyStart).trim() === "";
  const rest = text.slice(end).match(/^[ \t]*(?:\/\/[^\n]*)?(?:\n|$)/)?.[0];
  return alone && rest !== undefined
    ? replaced(text, start, end + rest.length, "")
    : replaced(text, keyStart, end + (text[end] === " " ? 1 : 0), "");
}

function objectAt(text: string, path: readonly string[]): Json5Object | undefined {
  let object = rootOf(text);
  for (const [i, key] of path.entries()) {
    const member = memberOf(object, key);
    if (member === undefined) return undefined;
    if (member.value.kind !== "object") {
      throw new EditError(`${path.slice(0, i + 1).join(".")} is not an object`);
    }
    object = member.value;
  }
  return object;
}

/**
 * Writes a value at a path; objects on the way are made.
 *
 * @throws {EditError} When the text is not a JSON5 object, or something else stands on the way.
 */
export function setValue(text: string, path: readonly string[], value: EditValue): string {
  const source = text.trim() === "" ? "{\n}\n" : text;
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const object = objectAt(source, path.slice(0, depth));
    if (object === undefined) continue;
    const member = memberOf(object, path[depth]!);
    const nested = path.slice(depth + 1).reduceRight<EditValue>(
      (below, key) => ({ [key]: below }),
      value,
    );
    if (member === undefined) return insert(source, object, path[depth]!, nested);
    const quoted = /["']/.test(source[member.keyStart]!);
    const indent = indentAt(source, member.keyStart);
    const { start, end } = member.value;
    return replaced(source, start, end, valueText(nested, indent, quoted));
  }
  throw new EditError("there is no path to write to");
}

/** Takes a path out; the text is as it was when there is nothing. */
export function removeValue(text: string, path: readonly string[]): string {
  if (text.trim() === "") return text;
  const object = objectAt(text, path.slice(0, -1));
  const member = object && memberOf(object, path.at(-1)!);
  return member === undefined ? text : remove(text, member);
}

/** What a patch changes, leaf by leaf: `null` takes a value out, lists are replaced. */
export function* patchSteps(
  patch: EditValue,
  path: readonly string[] = [],
): Generator<{ readonly path: readonly string[]; readonly value: EditValue }> {
  if (!isRecord(patch) || (Object.keys(patch).length === 0 && path.length > 0)) {
    yield { path, value: patch };
    return;
  }
  for (const [key, value] of Object.entries(patch)) yield* patchSteps(value, [...path, key]);
}

function isObjectAt(text: string, path: readonly string[]): boolean {
  try {
    return text.trim() !== "" && objectAt(text, path) !== undefined;
  } catch (error) {
    if (error instanceof EditError && path.length > 0) return false;
    throw error;
  }
}

/**
 * Merges a patch into a text, as OpenClaw's `config patch` does.
 *
 * @throws {EditError} When the text is not a JSON5 object.
 */
export function patchText(text: string, patch: EditValue, path: readonly string[] = []): string {
  if (!isRecord(patch)) return text;
  let patched = text;
  for (const [key, value] of Object.entries(patch)) {
    const below = [...path, key];
    if (value === null) patched = removeValue(patched, below);
    else if (isRecord(value) && isObjectAt(patched, below)) {
      patched = patchText(patched, value, below);
    } else patched = setValue(patched, below, value);
  }
  return patched;
}
