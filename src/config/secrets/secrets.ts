/**
 * Resolving SecretRefs: from the environment, a private file, a program, or systemd's credentials.
 *
 * @module
 */
import { SECRET_BYTES_MAX, SECRET_TIMEOUT_MS } from "../../system/limits.ts";
import { askProgram, type ProgramFault, type ResolverProgram } from "./secrets_program.ts";
import {
  describeRef,
  type ProviderEntry,
  type SecretProviders,
  type SecretRef,
  SYSTEMD_PROVIDER,
} from "./secret_ref.ts";
import { trustProgram } from "./trusted_program.ts";
import { parseOutsideJson } from "../../system/outside_json.ts";
import { isAbsolute, join } from "../../system/path.ts";

/** A secret, or why there is none and what mends that. */
export type Resolved =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly problem: string; readonly fix: string };

/** What resolving works with. */
export interface SecretParts {
  readonly env: (name: string) => string | undefined;
  readonly home: string;
  readonly providers: SecretProviders;
}

const no = (problem: string, fix: string): Resolved => ({ ok: false, problem, fix });

function numberOf(value: unknown, fallback: number): number {
  return typeof value === "number" && value > 0 ? value : fallback;
}

function fromEnv({ env }: SecretParts, entry: ProviderEntry | undefined, id: string): Resolved {
  const allowed = entry?.allowlist;
  if (Array.isArray(allowed) && !allowed.includes(id)) {
    return no(`names ${id}, which the provider's allowlist does not`, "add it to the allowlist");
  }
  const value = env(id)?.trim();
  return value ? { ok: true, value } : no(`names ${id}, which is not set`, `export ${id}=…`);
}

/** What speaks against trusting a file; null when nothing does. */
export async function fileDoubt(path: string): Promise<Resolved | null> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch {
    return no(`names ${path}, which is not there`, `write it, mode 0600`);
  }
  if (!info.isFile) return no(`names ${path}, which is not a regular file`, "name the file itself");
  if ((info.nlink ?? 1) > 1) {
    return no(`names ${path}, which is hard-linked`, "copy it to a new file");
  }
  if (info.mode !== null && (info.mode & 0o077) !== 0) {
    return no(`names ${path}, which others may read`, `chmod 600 ${path}`);
  }
  const uid = Deno.uid();
  if (uid !== null && info.uid !== null && info.uid !== uid && info.uid !== 0) {
    return no(
      `names ${path}, which belongs to somebody else`,
      `chown it to the user that runs this`,
    );
  }
  return null;
}

async function readFile(path: string, bytesMax: number, timeoutMs: number): Promise<string | null> {
  const { size } = await Deno.stat(path);
  if (size > bytesMax) return null;
  return await Deno.readTextFile(path, { signal: AbortSignal.timeout(timeoutMs) });
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** The value at a JSON pointer (RFC 6901). */
function pointedAt(root: unknown, pointer: string): unknown {
  const parts = pointer.split("/").slice(1).map((part) =>
    part.replaceAll("~1", "/").replaceAll("~0", "~")
  );
  return parts.reduce(memberOf, root);
}

async function fromFile(
  { home }: SecretParts,
  entry: ProviderEntry,
  id: string,
): Promise<Resolved> {
  const given = typeof entry.path === "string" ? entry.path : "";
  const path = given.startsWith("~/") ? join(home, given.slice(2)) : given;
  if (!isAbsolute(path)) return no("uses a provider without an absolute path", 'path: "/…"');
  const doubt = await fileDoubt(path);
  if (doubt !== null) return doubt;
  const bytesMax = numberOf(entry.maxBytes, SECRET_BYTES_MAX);
  let text: string | null;
  try {
    text = await readFile(path, bytesMax, numberOf(entry.timeoutMs, SECRET_TIMEOUT_MS));
  } catch (error) {
    return no(`names ${path}, which cannot be read: ${(error as Error).name}`, "check the file");
  }
  if (text === null) {
    return no(`names ${path}, which is longer than ${bytesMax} bytes`, "shorten it");
  }
  if (entry.mode === "singleValue") {
    if (id !== "value") return no("names more than the one value of its file", 'id: "value"');
    return { ok: true, value: text.replace(/\r?\n$/, "") };
  }
  try {
    const value = pointedAt(parseOutsideJson(text), id);
    if (typeof value === "string" && value !== "") return { ok: true, value };
    return no(`names ${id}, at which ${path} has no text`, "check the pointer");
  } catch {
    return no(`names ${path}, which is not JSON`, 'mode: "singleValue" takes plain text');
  }
}

async function fromSystemd({ env }: SecretParts, id: string): Promise<Resolved> {
  const folder = env("CREDENTIALS_DIRECTORY");
  if (!folder) {
    return no("names a systemd credential, but the unit has none", `LoadCredential=${id}:/path`);
  }
  try {
    const text = await readFile(join(folder, id), SECRET_BYTES_MAX, SECRET_TIMEOUT_MS);
    return { ok: true, value: (text ?? "").replace(/\r?\n$/, "") };
  } catch {
    return no(
      `names the credential ${id}, which systemd did not pass`,
      `LoadCredential=${id}:/path`,
    );
  }
}

function programOf(
  parts: SecretParts,
  entry: ProviderEntry,
  command: string,
): ResolverProgram {
  const passed = Array.isArray(entry.passEnv) ? entry.passEnv.map(String) : [];
  const env = passed.flatMap((name) => {
    const value = parts.env(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    command,
    args: Array.isArray(entry.args) ? entry.args.map(String) : [],
    env: { ...Object.fromEntries(env), ...entry.env as Record<string, string> | undefined },
    timeoutMs: numberOf(entry.timeoutMs, SECRET_TIMEOUT_MS),
    outputBytesMax: numberOf(entry.maxOutputBytes, SECRET_BYTES_MAX),
  };
}

function answered(text: string, id: string, jsonOnly: boolean): string | null {
  try {
    const answer = parseOutsideJson(text);
    const isKnown = memberOf(answer, "protocolVersion") === 1;
    const value = isKnown ? memberOf(memberOf(answer, "values"), id) : undefined;
    return typeof value === "string" && value !== "" ? value : null;
  } catch {
    const plain = text.trim();
    return jsonOnly || plain === "" ? null : plain;
  }
}

async function fromProgram(
  parts: SecretParts,
  entry: ProviderEntry,
  { provider, id }: SecretRef,
): Promise<Resolved> {
  const trusted = await trustProgram(String(entry.command ?? ""), entry.trustedDirs);
  if (!trusted.ok) return trusted;
  const request = { protocolVersion: 1, provider, ids: [id] };
  const program = programOf(parts, entry, trusted.path);
  const answer = await askProgram(program, JSON.stringify(request));
  if ("fault" in answer) return no(...programFault(answer.fault, program));
  const value = answered(answer.text, id, entry.jsonOnly !== false);
  return value === null
    ? no(`got no value for ${id} from ${program.command}`, BY_HAND)
    : { ok: true, value };
}

const BY_HAND = "run it by hand with the same request on stdin";

/** What is wrong, and what mends it. */
function programFault(fault: ProgramFault, program: ResolverProgram): readonly [string, string] {
  const { command, timeoutMs, outputBytesMax } = program;
  switch (fault) {
    case "failed":
      return [`was not answered: ${command} failed`, BY_HAND];
    case "late":
      return [`was not answered by ${command} within ${timeoutMs} ms`, "timeoutMs: 30000"];
    case "long":
      return [`was answered by ${command} with more than ${outputBytesMax} bytes`, BY_HAND];
    case "forbidden":
      return [
        `runs ${command}, and this process has given up running programs`,
        "restart it: it started without a secret of the source exec",
      ];
  }
}

/** Resolves one SecretRef. What it says of failures holds no secret. */
export async function resolveSecret(parts: SecretParts, ref: SecretRef): Promise<Resolved> {
  const { entries, defaults } = parts.providers;
  const named = Object.hasOwn(entries, ref.provider) ? entries[ref.provider] : undefined;
  const entry = named?.source === ref.source ? named : undefined;
  const builtIn = ref.provider === (defaults[ref.source] ?? "default");
  switch (ref.source) {
    case "env":
      if (entry === undefined && !builtIn) break;
      return fromEnv(parts, entry, ref.id);
    case "file":
      if (entry === undefined && ref.provider === SYSTEMD_PROVIDER) {
        return await fromSystemd(parts, ref.id);
      }
      if (entry === undefined) break;
      return await fromFile(parts, entry, ref.id);
    case "exec":
      if (entry === undefined) break;
      return await fromProgram(parts, entry, ref);
    case "store":
      return no(
        "lives in the Gateway's own store, which only the Gateway can read",
        'write the secret to a file of mode 0600 and use { source: "file", … }, or a variable',
      );
  }
  return no(
    `(${describeRef(ref)}) names a provider that is not there`,
    `secrets.providers.${ref.provider}: { source: "${ref.source}", … }`,
  );
}
