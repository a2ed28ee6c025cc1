/**
 * The pictures and files of a text: fetched once its sender was let in, and handed to the agent with it.
 * What could not be taken is named in the text, so that the agent does not answer about nothing.
 *
 * @module
 */
import { encodeBase64 } from "@std/encoding/base64";
import type { AccountSettings } from "../config/settings.ts";
import type { Attachment } from "../gateway/turn.ts";
import { suggestName } from "../people/names.ts";
import { isBlank } from "../policy/blank.ts";
import { readContactCards } from "../policy/contact_card.ts";
import type { InboxRow } from "../store/inbox_row.ts";
import { INBOUND_MEDIA_BYTES_MAX, INBOUND_MEDIA_MAX } from "../system/limits.ts";
import { shortSid } from "../system/redact.ts";
import type { MediaFault, MediaFile } from "../twilio/media.ts";
import type { BridgeContext } from "../bridge/context.ts";

/** A text as the agent gets it. */
export interface TextWithFiles {
  readonly message: string;
  readonly attachments: readonly Attachment[];
}

const MIB = 1024 * 1024;
/** The Gateway wants words with each file. */
const NO_CAPTION = "[The sender sent this without a word.]";

const WHY: Readonly<Record<MediaFault, string>> = {
  "foreign-url": "its address is not one of Twilio's for this message",
  "bad-redirect": "its address leads away from Twilio",
  "too-many": "at most ten are taken",
  "too-large": "it is too large",
  "empty": "it is empty",
  "timeout": "it took too long",
  "not-found": "Twilio does not have it any more",
  "failed": "Twilio did not hand it over",
};

/** Endings of types whose names do not end with them. */
const ENDINGS: Readonly<Record<string, string>> = {
  "application/octet-stream": "bin",
  "audio/basic": "au",
  "audio/mpeg": "mp3",
  "text/calendar": "ics",
  "text/plain": "txt",
  "text/vcard": "vcf",
  "video/3gpp": "3gp",
  "video/quicktime": "mov",
};

function ending(contentType: string): string {
  return ENDINGS[contentType] ?? contentType.split("/").at(-1)!.replace(/[^a-z0-9]+/gi, "");
}

function notice(what: string, why: string): string {
  return `[${what} could not be taken: ${why}.]`;
}

function sortOut(files: readonly MediaFile[]): { attachments: Attachment[]; notices: string[] } {
  const attachments: Attachment[] = [];
  const notices: string[] = [];
  for (const [i, file] of files.entries()) {
    if (file.kind === "unavailable") notices.push(notice("An attachment", WHY[file.fault]));
    else {
      const { contentType, bytes } = file;
      const isPicture = contentType.startsWith("image/");
      attachments.push({
        type: isPicture ? "image" : "file",
        mimeType: contentType,
        fileName: `${isPicture ? "picture" : "file"}-${i + 1}.${ending(contentType)}`,
        content: encodeBase64(bytes),
      });
    }
  }
  return { attachments, notices };
}

/** What is said of the files that have no address, or are more than are looked for. */
function missingNotice({ media, mediaMissing }: InboxRow): string[] {
  if (mediaMissing === 0) return [];
  const what = mediaMissing === 1 ? "An attachment" : `${mediaMissing} attachments`;
  const noAddress = `Twilio gave no address for ${mediaMissing === 1 ? "it" : "them"}`;
  return [notice(what, media.length < INBOUND_MEDIA_MAX ? noAddress : WHY["too-many"])];
}

/** Has contact cards suggest names for the numbers that they hold. */
async function readCards(
  context: BridgeContext,
  account: AccountSettings,
  files: readonly MediaFile[],
): Promise<void> {
  for (const file of files) {
    if (file.kind === "unavailable" || file.contentType !== "text/vcard") continue;
    for (const { name, phones } of readContactCards(new TextDecoder().decode(file.bytes))) {
      for (const phone of phones) await suggestName(context, account.id, phone, name);
    }
  }
}

/** Fetches the files of a row. Never throws for what the network does. */
export async function withFiles(
  context: BridgeContext,
  account: AccountSettings,
  row: InboxRow,
): Promise<TextWithFiles> {
  if (row.media.length + row.mediaMissing === 0) return { message: row.text, attachments: [] };
  const files = await context.twilio(account).fetchMedia({
    media: row.media,
    bytesMax: INBOUND_MEDIA_BYTES_MAX,
    fileBytesMax: account.mediaMaxMb * MIB,
    signal: context.stopping,
  });
  await readCards(context, account, files);
  const { attachments, notices } = sortOut(files);
  notices.push(...missingNotice(row));
  context.log.info("text.files", {
    sid: shortSid(row.messageSid),
    taken: attachments.length,
    notTaken: notices.length || undefined,
  });
  const text = isBlank(row.text) ? attachments.length > 0 ? NO_CAPTION : "" : row.text;
  return { message: [text, ...notices].filter((part) => part !== "").join("\n"), attachments };
}
