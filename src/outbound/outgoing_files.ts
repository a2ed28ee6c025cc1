/**
 * Pictures and files that the agent sends: by MMS when the sender can, hosted by us where they lie on this
 * machine; else as a link, or as a sentence that says what could not be sent.
 *
 * @module
 */
import { encodeHex } from "@std/encoding/hex";
import type { AccountSettings } from "../config/settings.ts";
import type { ReplyPayload } from "../gateway/reply.ts";
import { isBlank } from "../policy/blank.ts";
import { isFetchable, isLink, mmsReaches } from "../policy/mms.ts";
import type { Phone } from "../policy/phone.ts";
import type { Content, ContentRoute } from "../server/webhook.ts";
import { hostedKey } from "../store/keys.ts";
import type { Spool } from "../store/spool.ts";
import type { WorkspaceFile } from "../store/workspace_file.ts";
import {
  HOSTED_URL_TTL_MS,
  MMS_BYTES_MAX,
  OUTBOUND_MEDIA_MAX,
  OUTBOX_AGE_MS_MAX,
} from "../system/limits.ts";
import { askNumber } from "../bridge/ask_number.ts";
import type { BridgeContext } from "../bridge/context.ts";
import { fileBytesMax, fileName, fitFile, keepFile, readHosted, tooLarge } from "./host_file.ts";

/** The disk as far as files of the agent go. */
export interface FileDisk {
  readonly spool: Spool;
  /** Reads a file that the agent named, from these folders alone. */
  read(roots: readonly string[], name: string, bytesMax: number): Promise<WorkspaceFile>;
}

/** What the agent said, and to whom. */
export interface Said {
  readonly account: AccountSettings;
  readonly to: Phone;
  readonly payloads: readonly ReplyPayload[];
}

/** Files that go with a message. */
export interface MessageFiles {
  /** With the first SMS. */
  readonly attached: readonly string[];
  /** In an SMS of their own behind the text, which then does not depend on them. */
  readonly apart: readonly string[];
}

/**
 * What is to be texted, with its files: those that we host ourselves attached, those of others apart, as
 * nobody knows whether they can be fetched.
 */
export interface Prepared extends MessageFiles {
  readonly markdown: string;
}

/** The files of messages, on their way out. */
export interface OutgoingFiles {
  /** Reads, copies and sorts out the files of what the agent said. Never throws for what a file is. */
  prepare(said: Said): Promise<Prepared>;
  /** What Twilio is told to fetch; of ours, a URL for ten minutes. Files that are gone are left out. */
  urlsOf(account: AccountSettings, mediaUrls: readonly string[]): Promise<readonly string[]>;
  /** The content of a public path; undefined when we host no such file. */
  contentFor(path: string): ContentRoute | undefined;
  /** Deletes copies that no message needs any more. */
  sweep(): Promise<void>;
}

const HOSTED_PATH = /^(.*)\/media\/([0-9a-f]{32})$/;
const CAPABILITY_TTL_MS = 3_600_000;
const WHY: Readonly<Record<string, string>> = {
  "outside": "it is not in the agent's workspace",
  "not-found": "there is no such file",
  "not-a-file": "it is not a file",
  "full": "too many files wait to be sent",
  "too-many": "there are too many",
  "no-url": "the bridge has no public address",
  "no-mms": "pictures cannot be sent to this number",
};

function notice(path: string, why: string): string {
  return `(A file could not be sent: ${fileName(path)}, ${WHY[why] ?? why})`;
}

/** Whether files can go out by MMS; what Twilio says of a number is remembered for an hour. */
function createMmsCheck(context: BridgeContext) {
  const seen = new Map<string, { readonly can: boolean; readonly untilMs: number }>();
  return async (account: AccountSettings, to: Phone): Promise<boolean> => {
    const { fromNumber } = account;
    // A Messaging Service turns what a phone cannot take into a link by itself.
    if (fromNumber === undefined) return true;
    if (!mmsReaches(fromNumber, to)) return false;
    const nowMs = context.clock.now();
    const known = seen.get(fromNumber);
    if (known !== undefined && known.untilMs > nowMs) return known.can;
    const found = await askNumber(context, account, fromNumber, context.stopping);
    // Not known: most numbers there can. A message that Twilio refuses for it is told as such.
    if (found.kind !== "ok") return true;
    const can = found.value?.sendsMms ?? true;
    seen.set(fromNumber, { can, untilMs: nowMs + CAPABILITY_TTL_MS });
    return can;
  };
}

interface FilesContext {
  readonly context: BridgeContext;
  readonly disk: FileDisk;
  readonly canMms: ReturnType<typeof createMmsCheck>;
}

/** Copies a file of this machine into the spool; its name there with its type, or why not. */
async function host(
  { disk }: FilesContext,
  roots: readonly string[],
  path: string,
  bytesMax: number,
): Promise<{ readonly url: string; readonly bytes: number } | { readonly why: string }> {
  const file = await disk.read(roots, path, bytesMax);
  if (file.kind === "unavailable") {
    return { why: file.fault === "too-large" ? tooLarge(file.size, bytesMax) : file.fault };
  }
  const fitting = fitFile(path, file.bytes, bytesMax);
  if ("why" in fitting) return fitting;
  const url = await keepFile(disk.spool, fitting);
  return url === null ? { why: "full" } : { url, bytes: file.bytes.length };
}

async function prepare(
  work: FilesContext,
  { account, to, payloads }: Said,
): Promise<Prepared> {
  const attached: string[] = [];
  const apart: string[] = [];
  const notices: string[] = [];
  const named = payloads.flatMap(({ mediaUrls }) => mediaUrls);
  const canMms = named.length > 0 && await work.canMms(account, to);
  const roots = work.context.settings().bridge.mediaRoots;
  let room = MMS_BYTES_MAX;
  for (const name of new Set(named)) {
    const full = attached.length + apart.length >= OUTBOUND_MEDIA_MAX;
    if (isFetchable(name)) {
      if (canMms && !full) apart.push(name);
      else notices.push(name);
    } else if (isLink(name)) notices.push(name);
    else if (full) notices.push(notice(name, "too-many"));
    else if (!canMms) notices.push(notice(name, "no-mms"));
    else if (account.publicWebhookUrl === undefined) notices.push(notice(name, "no-url"));
    else {
      const taken = await host(work, roots, name, Math.min(room, fileBytesMax(account)));
      if ("why" in taken) notices.push(notice(name, taken.why));
      else {
        room -= taken.bytes;
        attached.push(taken.url);
      }
    }
  }
  if (named.length > 0) {
    work.context.log.info("reply.files", {
      sent: attached.length + apart.length,
      notSent: notices.length || undefined,
    });
  }
  const markdown = [...payloads.map(({ text }) => text), ...notices]
    .filter((text) => !isBlank(text)).join("\n\n");
  return { markdown, attached, apart };
}

/** Below the path of the webhook, which may have a query of its own. */
function hostedUrl(publicWebhookUrl: string, token: string): string {
  const { origin, pathname } = new URL(publicWebhookUrl);
  return `${origin}${withoutSlash(pathname)}/media/${token}`;
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, "");
}

async function urlsOf(
  { context, disk }: FilesContext,
  account: AccountSettings,
  mediaUrls: readonly string[],
): Promise<readonly string[]> {
  const urls: string[] = [];
  for (const mediaUrl of mediaUrls) {
    const hosted = readHosted(mediaUrl);
    if (hosted === null) {
      urls.push(mediaUrl);
      continue;
    }
    const { name, type } = hosted;
    if (account.publicWebhookUrl === undefined || !await disk.spool.holds(name)) {
      context.log.warn("message.file-gone", { account: account.id });
      continue;
    }
    const token = encodeHex(context.random.bytes(16));
    const value = { name, type, untilMs: context.clock.now() + HOSTED_URL_TTL_MS };
    await context.store.commit({
      set: [{ key: hostedKey(token), value, expireInMs: HOSTED_URL_TTL_MS }],
    });
    urls.push(hostedUrl(account.publicWebhookUrl, token));
  }
  return urls;
}

async function contentOf({ context, disk }: FilesContext, token: string): Promise<Content> {
  const entry = await context.store.get(hostedKey(token));
  if (entry === null || entry.value.untilMs <= context.clock.now()) {
    return { kind: "refused", status: 404, reason: "content" };
  }
  const body = await disk.spool.read(entry.value.name);
  return body === null
    ? { kind: "refused", status: 404, reason: "content" }
    : { kind: "content", type: entry.value.type, body };
}

/** Makes what takes care of files. */
export function createOutgoingFiles(
  context: BridgeContext,
  disk: FileDisk,
): OutgoingFiles {
  const work: FilesContext = { context, disk, canMms: createMmsCheck(context) };
  return {
    prepare: (said) => prepare(work, said),
    urlsOf: (account, mediaUrls) => urlsOf(work, account, mediaUrls),
    contentFor(path) {
      const [, webhookPath, token] = path.match(HOSTED_PATH) ?? [];
      if (token === undefined) return undefined;
      const { accounts } = context.settings();
      const ours = accounts.some((one) =>
        one.enabled && withoutSlash(one.webhookPath) === webhookPath
      );
      return ours ? () => contentOf(work, token) : undefined;
    },
    sweep: () => disk.spool.sweep(context.clock.now() - OUTBOX_AGE_MS_MAX - HOSTED_URL_TTL_MS),
  };
}
