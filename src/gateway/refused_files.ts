/**
 * Files that the Gateway refuses: it names the first that it does not take, and runs nothing. The text goes
 * on without it, and says so.
 *
 * @module
 */
import type { GatewayFault } from "./frames.ts";

/** A text with files. */
interface TextWithFiles {
  readonly message: string;
  readonly attachments?: readonly { readonly fileName: string }[];
}

const SPEAKS_OF_FILES = /attachment/i;
const REASON_CHARS_MAX = 120;

/** The Gateway's own words after the file's name, on one line. */
function reasonOf(message: string, name: string): string {
  const after = message.slice(message.indexOf(name) + name.length);
  const words = after.replace(/^["'`]?\s*:\s*/, "").replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return words === "" ? "the assistant's side does not take it" : words.slice(0, REASON_CHARS_MAX);
}

/** The file that an error names; none when it names none. */
function named<File extends { readonly fileName: string }>(
  message: string,
  attachments: readonly File[],
): readonly File[] {
  // The longest first: `file-1.pdf` is a part of `file-1.pdfx`.
  const byLength = attachments.toSorted((a, b) => b.fileName.length - a.fileName.length);
  const found = byLength.find(({ fileName }) => message.includes(fileName));
  return found === undefined ? [] : [found];
}

/**
 * A turn without the files that an error refuses: the one it names, or all when it speaks of files and names
 * none. Null when it is about something else.
 */
export function withoutRefused<Turn extends TextWithFiles>(
  turn: Turn,
  { code, message }: GatewayFault,
): Turn | null {
  const { attachments = [] } = turn;
  const isRefusal = code === "INVALID_REQUEST" || message.includes("UnsupportedAttachment");
  if (attachments.length === 0 || !isRefusal || !SPEAKS_OF_FILES.test(message)) return null;
  const one = named(message, attachments);
  const refused = one.length > 0 ? one : attachments;
  const notices = refused.map(({ fileName }) =>
    `[${fileName} could not be taken: ${reasonOf(message, fileName)}.]`
  );
  return {
    ...turn,
    attachments: attachments.filter((file) => !refused.includes(file)),
    message: [turn.message, ...notices].join("\n"),
  };
}
