/**
 * SecretRefs: where a secret is, instead of the secret itself. The shape and the grammar are OpenClaw's
 * (https://docs.openclaw.ai/gateway/secrets).
 *
 * @module
 */

/** Points to a secret. */
export interface SecretRef {
  readonly source: "env" | "file" | "exec" | "store";
  readonly provider: string;
  readonly id: string;
}

/** What may stand where a secret is wanted: the text itself, or where it is. */
export type SecretInput =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "ref"; readonly ref: SecretRef }
  | { readonly kind: "malformed"; readonly wanted: string };

/** An entry of `secrets.providers`, as written. */
export type ProviderEntry = Readonly<Record<string, unknown>>;

/** What a configuration says about providers. */
export interface SecretProviders {
  readonly entries: Readonly<Record<string, ProviderEntry>>;
  /** `secrets.defaults`: the alias of each source's default provider. */
  readonly defaults: Readonly<Record<string, string>>;
}

/** The file provider that is there without an entry: systemd's `LoadCredential=`. */
export const SYSTEMD_PROVIDER = "systemd";

const ALIAS = /^[a-z][a-z0-9_-]{0,63}$/;
const ENV_ID = /^[A-Z][A-Z0-9_]{0,127}$/;
const EXEC_ID = /^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$/;
const SHORTHAND = /^\$(?:\{([A-Z][A-Z0-9_]{0,127})\}|([A-Z][A-Z0-9_]{0,127}))$/;

function idProblem({ source, provider, id }: SecretRef): string | null {
  switch (source) {
    case "env":
    case "store":
      return ENV_ID.test(id) ? null : "an id of capitals, digits and _";
    case "file":
      if (provider === SYSTEMD_PROVIDER) {
        return /^[\w.-]+$/.test(id) && !/^\.+$/.test(id)
          ? null
          : "an id that is a credential's name";
      }
      return id === "value" || id.startsWith("/")
        ? null
        : 'an id that is a JSON pointer or "value"';
    case "exec":
      return EXEC_ID.test(id) && !id.split("/").some((part) => part === "." || part === "..")
        ? null
        : "an id of letters, digits and ._:/#-";
  }
}

function isRef(value: unknown): value is SecretRef {
  const ref = value as SecretRef;
  return typeof value === "object" && value !== null &&
    ["env", "file", "exec", "store"].includes(ref.source) &&
    typeof ref.provider === "string" && typeof ref.id === "string" &&
    Object.keys(value).length === 3;
}

/** Reads what stands where a secret is wanted. */
export function readSecretInput(value: unknown): SecretInput {
  if (typeof value === "string") {
    const [, braced, bare] = value.trim().match(SHORTHAND) ?? [];
    const id = braced ?? bare;
    if (id === undefined) return { kind: "text", text: value.trim() };
    return { kind: "ref", ref: { source: "env", provider: "default", id } };
  }
  if (!isRef(value)) {
    const wanted = 'a text, "$NAME", or { source: "env" | "file" | "exec", provider, id }';
    return { kind: "malformed", wanted };
  }
  if (!ALIAS.test(value.provider)) {
    return { kind: "malformed", wanted: "a provider in small letters, digits, _ and -" };
  }
  const problem = idProblem(value);
  return problem === null ? { kind: "ref", ref: value } : { kind: "malformed", wanted: problem };
}

/** A SecretRef in words, for messages; it holds no secret. */
export function describeRef({ source, provider, id }: SecretRef): string {
  return `${source}:${provider}:${id}`;
}
