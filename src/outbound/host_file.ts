/**
 * Taking a file of this machine along with a message: its type and size decide whether it can go, and a
 * copy waits in the spool until Twilio has fetched it.
 *
 * @module
 */
import { mmsBytesMax, mmsType } from "../policy/mms.ts";
import type { Spool } from "../store/spool.ts";
import { MMS_BYTES_MAX } from "../system/limits.ts";
import { sniffType } from "../twilio/sniff.ts";

/** A file as it can go out. */
export interface FittingFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Types that no signature tells, by the ending of the file's name. */
const DECLARED: Readonly<Record<string, string>> = { csv: "text/csv" };
const HOSTED = /^hosted:([0-9a-f]{32});([a-z]+\/[a-z0-9.+-]+)(?:;[0-9a-f]{64})?$/;
/** What a model, or a terminal, is not to be given. */
// deno-lint-ignore no-control-regex -- names come from anywhere
const CONTROLS = /[\0-\x1f\x7f]/g;

/** The last part of a path, fit to be shown. */
export function fileName(path: string): string {
  return (path.split(/[\\/]/).at(-1) ?? "").replace(CONTROLS, "").slice(0, 60);
}

function megabytes(bytes: number): string {
  return `${Number((bytes / 1e6).toFixed(1)) || 0.1} MB`;
}

/** Why a file of this size cannot go where `most` bytes can. */
export function tooLarge(bytes: number | undefined, most: number): string {
  const size = bytes === undefined ? "it is too large" : `it is too large: ${megabytes(bytes)}`;
  return `${size}, at most ${megabytes(most)} can be sent`;
}

/** How large a file may be at most for an account, whatever its type. */
export function fileBytesMax({ mediaMaxMb }: { readonly mediaMaxMb: number }): number {
  return Math.min(MMS_BYTES_MAX, mediaMaxMb * 1024 * 1024);
}

/** What a file is for a phone, or why it cannot go. */
export function fitFile(
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  bytesMax: number,
): FittingFile | { readonly why: string } {
  const type = mmsType(sniffType(bytes, DECLARED[path.toLowerCase().split(".").at(-1)!] ?? ""));
  const most = mmsBytesMax(type);
  if (most === null) return { why: "phones cannot show such files" };
  const limit = Math.min(most, bytesMax);
  return bytes.length <= limit ? { type, bytes } : { why: tooLarge(bytes.length, limit) };
}

/** Names a copy in the spool within a message. `digest` tells its content where names must be compared. */
export function hostedFile(name: string, type: string, digest?: string): string {
  return `hosted:${name};${type}${digest === undefined ? "" : `;${digest}`}`;
}

/** Reads such a name; null when it is the URL of somebody else's file. */
export function readHosted(url: string): { readonly name: string; readonly type: string } | null {
  const [, name, type] = url.match(HOSTED) ?? [];
  return name === undefined || type === undefined ? null : { name, type };
}

/** The name without what differs between two copies of one file. */
export function contentName(url: string): string {
  return readHosted(url) === null
    ? url
    : url.replace(/^hosted:[0-9a-f]{32}(?=.*;[0-9a-f]{64}$)/, "");
}

/** Puts a copy into the spool; its name in a message, or null when the spool is full. */
export async function keepFile(
  spool: Pick<Spool, "keep">,
  { type, bytes }: FittingFile,
  digest?: string,
): Promise<string | null> {
  const name = await spool.keep(bytes);
  return name === null ? null : hostedFile(name, type, digest);
}
