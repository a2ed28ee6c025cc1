/**
 * Kinds of values: what a setting may be, read from a file or from a variable.
 *
 * @module
 */
import { parsePhone } from "../../policy/phone.ts";
import { printable } from "../../system/redact.ts";

/** A TCP address to listen on. */
export interface ListenAddress {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** What a setting may be. */
export type Kind =
  | { readonly type: "text" }
  | { readonly type: "secret" }
  | { readonly type: "sid"; readonly prefix: string }
  | { readonly type: "phone" }
  | { readonly type: "urlPath" }
  | { readonly type: "folder" }
  | { readonly type: "folders" }
  /** A URL of one of two schemes; the second, without encryption, only to this machine or `anywhere`. */
  | {
    readonly type: "url";
    readonly schemes: readonly [string, string];
    readonly plain: "loopback" | "anywhere";
    /** A path may follow, nothing else: what is called stands below it. */
    readonly base?: boolean;
  }
  | { readonly type: "boolean" }
  | { readonly type: "choice"; readonly choices: readonly string[]; readonly anyCase?: boolean }
  | { readonly type: "integer"; readonly least: number; readonly most: number }
  | { readonly type: "number"; readonly least: number; readonly most: number }
  | { readonly type: "texts" }
  | { readonly type: "hosts" }
  | { readonly type: "owners" }
  | { readonly type: "targets" }
  | { readonly type: "address" }
  | { readonly type: "adminAddress" };

/** What a value of a kind is once it was read. */
export type ValueOf<K extends Kind> = K extends { type: "boolean" } ? boolean
  : K extends { type: "integer" | "number" } ? number
  : K extends { type: "choice"; choices: readonly (infer Choice)[] } ? Choice
  : K extends { type: "texts" | "folders" | "hosts" | "owners" } ? readonly string[]
  : K extends { type: "targets" } ? "known" | "any" | readonly string[]
  : K extends { type: "address" } ? ListenAddress
  : K extends { type: "adminAddress" } ? ListenAddress | { readonly path: string } | null
  : string;

/** A value that was read, or what would have been one. */
export type Read =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly wanted: string };

const good = (value: unknown): Read => ({ ok: true, value });
const bad = (wanted: string): Read => ({ ok: false, wanted });
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["on", true],
  ["false", false],
  ["off", false],
]);
const LOOPBACK = /^(127(\.\d+){3}|localhost|\[::1\])$/;

/** A variable's text as a file would hold the value. */
export function fromVariable(kind: Kind, text: string): unknown {
  switch (kind.type) {
    case "boolean":
      return BOOLEANS.get(text.trim()) ?? text;
    case "integer":
    case "number":
      return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
    case "texts":
    case "folders":
    case "hosts":
    case "owners":
      return text.split(",").map((one) => one.trim()).filter((one) => one !== "");
    case "targets":
      return text.includes("+") ? text.split(",").map((one) => one.trim()) : text;
    default:
      return text;
  }
}

function readAddress(value: unknown): ListenAddress | null {
  if (typeof value !== "string") return null;
  const [, bracketed, plain, port = ""] =
    value.trim().match(/^(?:\[([0-9a-f:.]+)\]|([^:\s]+)):(\d{1,5})$/i) ?? [];
  return port !== "" && Number(port) <= 65_535
    ? { hostname: bracketed ?? plain!, port: Number(port) }
    : null;
}

function readUrl(kind: Kind & { type: "url" }, value: unknown): Read {
  const [safe, plain] = kind.schemes;
  const text = typeof value === "string" ? value.trim() : "";
  if (!URL.canParse(text)) return bad(`a URL that begins with ${safe}//`);
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return bad("a URL without a user and a password");
  if (kind.base && /[?#]/.test(text)) return bad('a URL without a query ("?…") and "#…"');
  if (protocol === safe) return good(text);
  if (protocol !== plain) return bad(`a URL that begins with ${safe}//`);
  return kind.plain === "anywhere" || LOOPBACK.test(hostname)
    ? good(text)
    : bad(`${safe}// unless it is on this machine: it would carry secrets in the clear`);
}

function texts(value: unknown): readonly string[] | null {
  const list = typeof value === "string" ? value.split(",") : value;
  if (!Array.isArray(list)) return null;
  const words = list.map((one) => typeof one === "number" ? String(one) : one);
  return words.every((one) => typeof one === "string")
    ? words.map((one) => one.trim()).filter((one) => one !== "")
    : null;
}

/** A name with a dot, and no address: so that it can be nobody's but a domain's. */
const HOST = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$/;

function readList(kind: Kind, value: unknown): Read {
  if (kind.type === "targets" && (value === "known" || value === "any")) return good(value);
  const list = texts(value);
  if (kind.type === "texts") return list === null ? bad("a list of texts") : good(list);
  if (kind.type === "folders") {
    const whole = list?.every((one) => /^(?:~?\/|[a-z]:[\\/])/i.test(one)) ?? false;
    return whole ? good(list) : bad('a list of folders, each beginning with "/" or "~/"');
  }
  if (kind.type === "hosts") {
    const names = list?.map((one) => one.toLowerCase()) ?? [""];
    return names.every((one) => HOST.test(one)) ? good(names) : bad("a list of host names");
  }
  if (list === null || !list.every((one) => parsePhone(one) !== null)) {
    return bad(
      kind.type === "owners"
        ? "a list of numbers in E.164"
        : '"known", "any" or a list of numbers in E.164',
    );
  }
  return good(kind.type === "targets" ? list.map(parsePhone) : list);
}

function readNumber(kind: Kind & { type: "integer" | "number" }, value: unknown): Read {
  const { least, most, type } = kind;
  const number = typeof value === "string" && /^\d+$/.test(value.trim()) ? Number(value) : value;
  const fits = typeof number === "number" && number >= least && number <= most &&
    (type === "number" || Number.isInteger(number));
  const noun = type === "integer" ? "a whole number" : "a number";
  return fits ? good(number) : bad(`${noun} from ${least} to ${most}`);
}

function readText(kind: Kind, value: unknown): Read {
  if (typeof value !== "string") return bad("a text");
  const text = value.trim();
  if (kind.type !== "secret" && printable(text, Infinity) !== text) {
    return bad("a text of one line, without control characters");
  }
  switch (kind.type) {
    case "sid":
      return new RegExp(`^${kind.prefix}[0-9a-zA-Z]{32}$`).test(text)
        ? good(text)
        : bad(`"${kind.prefix}" and 32 letters and digits`);
    case "phone": {
      const phone = parsePhone(text);
      return phone === null ? bad("a number in E.164") : good(phone);
    }
    case "urlPath":
      return /^\/[^\s?#]*$/.test(text) ? good(text) : bad('a path that begins with "/"');
    default:
      return good(text);
  }
}

/** Reads a value as a file holds it (see {@linkcode fromVariable} for variables). */
export function readKind(kind: Kind, value: unknown): Read {
  switch (kind.type) {
    case "boolean":
      return typeof value === "boolean" ? good(value) : bad("true or false");
    case "choice":
      if (kind.anyCase && typeof value === "string") value = value.trim().toLowerCase();
      return kind.choices.some((choice) => choice === value)
        ? good(value)
        : bad(`one of ${kind.choices.join(", ")}`);
    case "integer":
    case "number":
      return readNumber(kind, value);
    case "texts":
    case "folders":
    case "hosts":
    case "owners":
    case "targets":
      return readList(kind, value);
    case "url":
      return readUrl(kind, value);
    case "address": {
      const address = readAddress(value);
      return address === null ? bad("ADDRESS:PORT") : good(address);
    }
    case "adminAddress": {
      if (value === "off" || value === false) return good(null);
      if (typeof value === "string" && value.startsWith("/")) return good({ path: value });
      const address = readAddress(value);
      return address === null ? bad('ADDRESS:PORT, the path of a socket, or "off"') : good(address);
    }
    default:
      return readText(kind, value);
  }
}

/** The kind as JSON Schema (https://json-schema.org/draft-07). */
export function schemaOf(kind: Kind): Record<string, unknown> {
  switch (kind.type) {
    case "boolean":
      return { type: "boolean" };
    case "choice":
      return { type: "string", enum: kind.choices };
    case "integer":
    case "number":
      return { type: kind.type, minimum: kind.least, maximum: kind.most };
    case "texts":
    case "owners":
      return { type: "array", items: { type: ["string", "number"] } };
    case "folders":
    case "hosts":
      return { type: "array", items: { type: "string" } };
    case "targets":
      return { anyOf: [{ enum: ["known", "any"] }, { type: "array", items: { type: "string" } }] };
    case "sid":
      return { type: "string", pattern: `^${kind.prefix}[0-9a-zA-Z]{32}$` };
    case "secret":
      return { anyOf: [{ type: "string" }, SECRET_REF_SCHEMA] };
    case "url":
      return { type: "string", format: "uri" };
    default:
      return { type: "string" };
  }
}

const SECRET_REF_SCHEMA = {
  type: "object",
  properties: {
    source: { enum: ["env", "file", "exec", "store"] },
    provider: { type: "string", pattern: "^[a-z][a-z0-9_-]{0,63}$" },
    id: { type: "string" },
  },
  required: ["source", "provider", "id"],
  additionalProperties: false,
};
