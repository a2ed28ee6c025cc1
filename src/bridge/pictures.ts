/**
 * The pictures of a text: fetched once its sender was let in, and handed to the agent with the text.
 * What could not be taken is named in the text, so that the agent does not answer about nothing.
 *
 * @module
 */
import { encodeBase64 } from "@std/encoding/base64";
import type { AccountSettings } from "../config/settings.ts";
import type { Attachment } from "../gateway/turn.ts";
import type { InboxRow } from "../store/inbox.ts";
import { INBOUND_MEDIA_BYTES_MAX } from "../system/limits.ts";
import { shortSid } from "../system/redact.ts";
import type { MediaFault, MediaFile } from "../twilio/media.ts";
import type { BridgeContext } from "./context.ts";

/** A text as the agent gets it. */
export interface TextWithPictures {
  readonly message: string;
  readonly attachments: readonly Attachment[];
}

const MIB = 1024 * 1024;
/** The Gateway wants words with each picture. */
const NO_CAPTION = "[The sender sent a picture without a caption.]";

const WHY: Readonly<Record<MediaFault, string>> = {
  "foreign-url": "its address is not one of Twilio's for this message",
  "bad-redirect": "its address leads away from Twilio",
  "too-many": "there were too many",
  "too-large": "it is too large",
  "timeout": "it took too long",
  "not-found": "Twilio does not have it any more",
  "failed": "Twilio did not hand it over",
};

function extension(contentType: string): string {
  return contentType.split("/").at(-1)!.replace(/[^a-z0-9]+/gi, "");
}

function notice(what: string, why: string): string {
  return `[${what} could not be taken: ${why}.]`;
}

function sortOut(files: readonly MediaFile[]): { attachments: Attachment[]; notices: string[] } {
  const attachments: Attachment[] = [];
  const notices: string[] = [];
  for (const [i, file] of files.entries()) {
    if (file.kind === "unavailable") notices.push(notice("An attachment", WHY[file.fault]));
    else if (file.contentType.startsWith("image/")) {
      attachments.push({
        type: "image",
        mimeType: file.contentType,
        fileName: `picture-${i + 1}.${extension(file.contentType)}`,
        content: encodeBase64(file.bytes),
      });
    } else notices.push(notice(`An attachment (${file.contentType})`, "only pictures are"));
  }
  return { attachments, notices };
}

/** Fetches the pictures of a row. Never throws for what the network does. */
export async function withPictures(
  context: BridgeContext,
  account: AccountSettings,
  row: InboxRow,
): Promise<TextWithPictures> {
  if (row.media.length + row.mediaMissing === 0) return { message: row.text, attachments: [] };
  const files = await context.twilio(account).fetchMedia({
    media: row.media,
    bytesMax: Math.min(INBOUND_MEDIA_BYTES_MAX, account.mediaMaxMb * MIB),
    signal: context.stopping,
  });
  const { attachments, notices } = sortOut(files);
  for (let i = 0; i < row.mediaMissing; i++) {
    notices.push(notice("An attachment", "Twilio gave no address for it"));
  }
  context.log.info("text.pictures", {
    sid: shortSid(row.messageSid),
    taken: attachments.length,
    notTaken: notices.length || undefined,
  });
  const text = row.text === "" && attachments.length > 0 ? NO_CAPTION : row.text;
  return { message: [text, ...notices].filter((part) => part !== "").join("\n"), attachments };
}
