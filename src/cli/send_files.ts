/**
 * Files of this machine that go with a message: the command reads them and puts copies where the running
 * bridge hosts them for Twilio.
 *
 * @module
 */
import { nodePart } from "../system/node_part.ts";
import type { AccountSettings } from "../config/settings.ts";
import {
  fileBytesMax,
  fileName,
  fitFile,
  type FittingFile,
  hostedFile,
  keepFile,
  tooLarge,
} from "../outbound/host_file.ts";
import { mmsReaches } from "../policy/mms.ts";
import type { Phone } from "../policy/phone.ts";
import type { Spool } from "../store/spool.ts";
import { Failure, failure } from "../system/failure.ts";
import { MMS_BYTES_MAX } from "../system/limits.ts";

/** A file that was read: what it is, and which. */
interface LocalFile extends FittingFile {
  readonly path: string;
  readonly digest: string;
}

/** What goes with a message: the URL of somebody's file, or a file of this machine. */
export type GivenFile = string | LocalFile;

/** Whether something is a file of this machine, not a URL. */
export function isLocal(given: string): boolean {
  return /^file:/i.test(given) || !/^[a-z][a-z0-9+.-]*:/i.test(given) ||
    /^[a-z]:[\\/]/i.test(given);
}

function refused(path: string, why: string, hint: string) {
  return failure("usage", "media-unfit", `Cannot send ${fileName(path)}: ${why}`, hint);
}

async function readLocal(given: string, bytesMax: number): Promise<LocalFile> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const path = /^file:/i.test(given) ? new URL(given) : given;
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw refused(given, "it is not a file", "name a file");
    if (size > bytesMax) {
      throw refused(given, tooLarge(size, bytesMax), "make it smaller, or send a link to it");
    }
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw refused(given, "there is no such file", "check the path");
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw refused(given, "it may not be read", "check its permissions");
    }
    if (error instanceof Failure) throw error;
    throw refused(given, "it is no file that can be read", "check the path");
  }
  const fitting = fitFile(given, bytes, bytesMax);
  if ("why" in fitting) throw refused(given, fitting.why, "send a link to it instead");
  return {
    ...fitting,
    path: given,
    digest: nodePart("node:crypto").createHash("sha256").update(bytes).digest("hex"),
  };
}

/**
 * Reads the files of this machine among those that were given.
 *
 * @throws {Failure} when one cannot go out by MMS from this account to this number.
 */
export async function readFiles(
  given: readonly string[],
  account: AccountSettings,
  to: Phone,
): Promise<GivenFile[]> {
  const local = given.find(isLocal);
  if (local !== undefined && account.publicWebhookUrl === undefined) {
    throw refused(
      local,
      "Twilio fetches it from the bridge, which has no public address",
      "set channels.sms.publicWebhookUrl",
    );
  }
  const { fromNumber } = account;
  if (local !== undefined && fromNumber !== undefined && !mmsReaches(fromNumber, to)) {
    throw refused(
      local,
      "MMS does not go between these two numbers",
      "send a link to it: MMS goes within the US and Canada, or within Australia",
    );
  }
  const files: GivenFile[] = [];
  let room = MMS_BYTES_MAX;
  for (const one of given) {
    const file = isLocal(one) ? await readLocal(one, Math.min(room, fileBytesMax(account))) : one;
    if (typeof file !== "string") room -= file.bytes.length;
    files.push(file);
  }
  return files;
}

/** The names of files in a message before anything was copied: for a message that is not sent. */
export function plannedNames(files: readonly GivenFile[]): string[] {
  return files.map((file) =>
    typeof file === "string" ? file : hostedFile("0".repeat(32), file.type, file.digest)
  );
}

/** Copies files into the spool; their names in the message. @throws {Failure} when it is full. */
export async function keepFiles(
  files: readonly GivenFile[],
  spool: Pick<Spool, "keep">,
): Promise<string[]> {
  const names: string[] = [];
  for (const file of files) {
    const name = typeof file === "string" ? file : await keepFile(spool, file, file.digest);
    if (name !== null) names.push(name);
    else {
      throw failure(
        "conflict",
        "media-full",
        "Cannot send a file: too many wait to be fetched",
        "wait until Twilio has fetched them",
      );
    }
  }
  return names;
}
