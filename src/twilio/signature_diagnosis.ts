/**
 * Why a signature does not match: what would have to be different for it to do so.
 *
 * @module
 */
import { type SignatureVerdict, type SignedRequest, verifySignature } from "./signature.ts";

/** A change to what was given under which the signature matches. */
export interface NearMiss {
  /** Says what to change, as in `https in place of http`. */
  readonly change: string;
  /** The URL that was signed. */
  readonly url: string;
  /** Which of the tokens signed it. */
  readonly tokenIndex: number;
  /** What the change was made to. */
  readonly of: "url" | "body";
}

/** What can be said of a signature. */
export interface SignatureDiagnosis {
  readonly verdict: SignatureVerdict;
  /** Only for a mismatch; null when no small change explains it. */
  readonly near: NearMiss | null;
}

/** What is given, with the body as it came. */
export interface DiagnosisInput extends SignedRequest {
  /** The body without the white space around it, if it has any: editors and pasting add it. */
  readonly trimmed?: SignedRequest["content"];
  /** The URL of the settings, when another was given. */
  readonly configuredUrl?: string | undefined;
}

type UrlChange = readonly [change: string, apply: (url: string) => string];

const URL_CHANGES: readonly UrlChange[] = [
  ["https in place of http", (url) => url.replace(/^http:/i, "https:")],
  ["http in place of https", (url) => url.replace(/^https:/i, "http:")],
  ["no slash at the end", (url) => url.replace(/\/+(?=$|\?)/, "")],
  ["a slash at the end", (url) => url.replace(/(?<!\/)(?=$|\?)/, "/")],
  ["no query", (url) => url.replace(/\?.*$/s, "")],
  ["the path in lower case", (url) => {
    const { origin, pathname, search } = new URL(url);
    return `${origin}${pathname.toLowerCase()}${search}`;
  }],
];

/** The URL with each change, and with each two of them. */
function* changedUrls(url: string): Generator<readonly [change: string, url: string]> {
  const bare = url.replace(/#.*$/s, "");
  const once = URL_CHANGES.map(([change, apply]) => [change, apply(bare)] as const)
    .filter(([, changed]) => changed !== bare);
  yield* once;
  for (const [first, changed] of once) {
    for (const [second, apply] of URL_CHANGES) {
      const twice = apply(changed);
      if (twice !== changed && twice !== bare) yield [`${first} and ${second}`, twice];
    }
  }
}

function* variants(
  input: DiagnosisInput,
): Generator<readonly [change: string, request: SignedRequest, of: "url" | "body"]> {
  const { configuredUrl, trimmed } = input;
  if (configuredUrl !== undefined) {
    yield [
      "the publicWebhookUrl of the configuration",
      { ...input, publicUrl: configuredUrl },
      "url",
    ];
  }
  for (const [change, publicUrl] of changedUrls(input.publicUrl)) {
    yield [change, { ...input, publicUrl }, "url"];
  }
  if (trimmed !== undefined) {
    yield ["no line break or blank around the body", { ...input, content: trimmed }, "body"];
  }
  yield ["no body at all", { ...input, content: { kind: "form", pairs: [] } }, "body"];
}

/** Checks a signature and, when it does not match, looks for a small change under which it does. */
export function diagnoseSignature(input: DiagnosisInput): SignatureDiagnosis {
  const verdict = verifySignature(input);
  if (verdict.kind === "valid" || verdict.fault !== "mismatch") return { verdict, near: null };
  for (const [change, request, of] of variants(input)) {
    const tried = verifySignature(request);
    if (tried.kind !== "valid") continue;
    return { verdict, near: { change, of, url: tried.url, tokenIndex: tried.tokenIndex } };
  }
  return { verdict, near: null };
}
