/**
 * Fetches the files of a text: after its sender was let in, from exactly its own path, without
 * handing credentials to anybody but Twilio's API.
 *
 * @module
 */
import { type Clock, sleep } from "../system/clock.ts";
import {
  INBOUND_MEDIA_BATCH_TIMEOUT_MS,
  INBOUND_MEDIA_BYTES_MAX,
  INBOUND_MEDIA_MAX,
  INBOUND_MEDIA_REDIRECTS_MAX,
  INBOUND_MEDIA_TIMEOUT_MS,
} from "../system/limits.ts";
import { isMediaUrl, redirectTarget } from "./media_url.ts";
import { basicAuthorization, type TwilioPlace } from "./request.ts";
import { sniffType } from "./sniff.ts";

/** A file to be fetched. */
export interface WantedMedia {
  /** The message it belongs to: its URL must be one of that message's. */
  readonly messageSid: string;
  readonly url: string;
  /** As declared. */
  readonly contentType: string;
}

/** Files to be fetched, and what for. */
export interface MediaRequest {
  readonly accountSid: string;
  readonly media: readonly WantedMedia[];
  /** All files together; 5 MiB when not given. */
  readonly bytesMax?: number | undefined;
  /** One file; as much as all of them when not given. */
  readonly fileBytesMax?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What fetching needs. */
export interface MediaOptions extends TwilioPlace {
  /** The Account SID or an API key, and its secret. */
  readonly username: string;
  readonly password: string;
  readonly clock: Clock;
  /** Takes the place of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** Why a file could not be had. */
export type MediaFault =
  | "foreign-url"
  | "bad-redirect"
  | "too-many"
  | "too-large"
  | "empty"
  | "timeout"
  | "not-found"
  | "failed";

/** One file, or why there is none; in the order of the text's files. */
export type MediaFile =
  | {
    readonly kind: "file";
    readonly bytes: Uint8Array<ArrayBuffer>;
    /** By its first bytes, not as declared. */
    readonly contentType: string;
  }
  | { readonly kind: "unavailable"; readonly fault: MediaFault };

/** Bytes that the files still to come may have. */
interface Budget {
  bytes: number;
  readonly ofOne: number;
}

/** Pauses before each further try of a file that Twilio does not have yet: 21 s in all. */
const NOT_FOUND_PAUSES_MS = [1_000, 2_000, 3_000, 5_000, 10_000];
/** The same after another failure: 10 s in all. */
const FAILED_PAUSES_MS = [1_000, 3_000, 6_000];

function unavailable(fault: MediaFault): MediaFile {
  return { kind: "unavailable", fault };
}

/** Reads a body into one array, or null when it is larger than `bytesMax`. */
async function readBytes(
  response: Response,
  bytesMax: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > bytesMax) return null;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** The answer at the end of the redirects. Credentials go with the first request only. */
async function follow(
  url: string,
  options: MediaOptions,
  signal: AbortSignal,
): Promise<Response | MediaFault> {
  const doFetch = options.fetch ?? fetch;
  const authorization = basicAuthorization(options.username, options.password);
  let headers: Record<string, string> = { authorization };
  for (let hop = 0; hop <= INBOUND_MEDIA_REDIRECTS_MAX; hop++) {
    const response = await doFetch(url, { headers, redirect: "manual", signal });
    if (![301, 302, 303, 307, 308].includes(response.status)) return response;
    await response.body?.cancel();
    const target = redirectTarget(response.headers.get("location"), url, options);
    if (target === null) return "bad-redirect";
    url = target;
    headers = {};
  }
  return "bad-redirect";
}

async function fetchOnce(
  item: WantedMedia,
  options: MediaOptions,
  budget: Budget,
  signal: AbortSignal,
): Promise<MediaFile> {
  try {
    const response = await follow(item.url, options, signal);
    if (typeof response === "string") return unavailable(response);
    if (response.status !== 200) {
      await response.body?.cancel();
      return unavailable([404, 410].includes(response.status) ? "not-found" : "failed");
    }
    const bytes = await readBytes(response, Math.min(budget.bytes, budget.ofOne));
    if (bytes === null) return unavailable("too-large");
    if (bytes.byteLength === 0) return unavailable("empty");
    budget.bytes -= bytes.byteLength;
    return { kind: "file", bytes, contentType: sniffType(bytes, item.contentType) };
  } catch {
    return unavailable(signal.aborted ? "timeout" : "failed");
  }
}

/** Runs `work` with a signal that aborts after `timeoutMs`, or with `outer`. */
async function within<T>(
  clock: Clock,
  timeoutMs: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (outer?.aborted) abort();
  outer?.addEventListener("abort", abort, { once: true });
  const cancelTimer = clock.after(timeoutMs, abort);
  try {
    return await work(controller.signal);
  } finally {
    cancelTimer();
    outer?.removeEventListener("abort", abort);
  }
}

async function fetchFile(
  item: WantedMedia,
  request: MediaRequest,
  options: MediaOptions,
  budget: Budget,
  signal: AbortSignal,
): Promise<MediaFile> {
  const owner = { accountSid: request.accountSid, messageSid: item.messageSid };
  if (!isMediaUrl(item.url, owner, options)) return unavailable("foreign-url");
  for (let failures = 0;; failures++) {
    if (signal.aborted) return unavailable("timeout");
    const file = await within(
      options.clock,
      INBOUND_MEDIA_TIMEOUT_MS,
      signal,
      (own) => fetchOnce(item, options, budget, own),
    );
    const pauseMs = file.kind === "unavailable" ? pauseAfter(file.fault, failures) : undefined;
    if (pauseMs === undefined) return file;
    await sleep(options.clock, pauseMs, signal);
  }
}

/** How long to wait before a file is tried again; undefined when it is not. */
function pauseAfter(fault: MediaFault, failures: number): number | undefined {
  if (fault === "not-found") return NOT_FOUND_PAUSES_MS[failures];
  return fault === "failed" ? FAILED_PAUSES_MS[failures] : undefined;
}

/**
 * Fetches the files of one text, one after the other: at most 10 of them, 5 MiB together, 60 s each
 * and 240 s in all. A file that Twilio does not have yet is asked for again for 21 s, one that it fails to
 * hand over for 10 s. Never throws for
 * what the network does.
 */
export async function fetchMedia(
  request: MediaRequest,
  options: MediaOptions,
): Promise<MediaFile[]> {
  const budget: Budget = {
    bytes: request.bytesMax ?? INBOUND_MEDIA_BYTES_MAX,
    ofOne: request.fileBytesMax ?? Infinity,
  };
  return await within(
    options.clock,
    INBOUND_MEDIA_BATCH_TIMEOUT_MS,
    request.signal,
    async (signal) => {
      const files: MediaFile[] = [];
      for (const [index, item] of request.media.entries()) {
        files.push(
          index < INBOUND_MEDIA_MAX
            ? await fetchFile(item, request, options, budget, signal)
            : unavailable("too-many"),
        );
      }
      return files;
    },
  );
}
