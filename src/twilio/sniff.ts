// deno-lint-ignore-file no-control-regex -- signatures are made of such characters
/**
 * The type of a file by its first bytes, as declared types are not to be trusted.
 *
 * Source: WHATWG MIME Sniffing (§6), and the registrations of the types it leaves out.
 *
 * @module
 */

/** Patterns over the first bytes read as Latin-1, in the order they are tried. */
const SIGNATURES: readonly (readonly [RegExp, string])[] = [
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^\x89PNG\r\n\x1a\n/, "image/png"],
  [/^GIF8[79]a/, "image/gif"],
  [/^RIFF[^]{4}WEBPVP/, "image/webp"],
  [/^BM[^]{4}\0\0\0\0/, "image/bmp"],
  [/^(?:II\*\0|MM\0\*)/, "image/tiff"],
  [/^[^]{4}ftyp(?:hei[cxms]|hev[cxms]|mif[12]|msf1)/, "image/heic"],
  [/^[^]{4}ftypavif/, "image/avif"],
  [/^[^]{4}ftyp3g/, "video/3gpp"],
  [/^[^]{4}ftypqt/, "video/quicktime"],
  [/^[^]{4}ftypM4A/, "audio/mp4"],
  [/^[^]{4}ftyp/, "video/mp4"],
  [/^\x1aE\xdf\xa3/, "video/webm"],
  [/^#!AMR/, "audio/amr"],
  [/^OggS\0/, "audio/ogg"],
  [/^RIFF[^]{4}WAVE/, "audio/wav"],
  [/^\xff[\xf0\xf1\xf8\xf9]/, "audio/aac"],
  [/^(?:ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])/, "audio/mpeg"],
  [/^\x0bw/, "audio/ac3"],
  [/^\.snd/, "audio/basic"],
  [/^\0\0\x01[\xb3\xba]/, "video/mpeg"],
  [/^%PDF-/, "application/pdf"],
  [/^\{\\rtf/, "text/rtf"],
  [/^PK\x03\x04/, "application/zip"],
  [/^(?:\xef\xbb\xbf)?\s*BEGIN:VCARD/i, "text/vcard"],
  [/^(?:\xef\xbb\xbf)?\s*BEGIN:VCALENDAR/i, "text/calendar"],
];

function isText(bytes: Uint8Array): boolean {
  try {
    return !/[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(
      new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    );
  } catch {
    return false;
  }
}

/**
 * The type of `bytes`. What has no signature is `text/csv` or `text/plain` when it was declared as some
 * text and reads as UTF-8, and otherwise `application/octet-stream`: never an image because somebody said
 * so.
 */
export function sniffType(bytes: Uint8Array, declared: string): string {
  const head = String.fromCharCode(...bytes.subarray(0, 64));
  const found = SIGNATURES.find(([pattern]) => pattern.test(head));
  if (found !== undefined) return found[1];
  if (!/^text\//i.test(declared) || !isText(bytes)) return "application/octet-stream";
  return /^text\/csv\b/i.test(declared) ? "text/csv" : "text/plain";
}
