/**
 * Contact cards (vCard 2.1 to 4.0, https://www.rfc-editor.org/rfc/rfc6350): who they name, and under which
 * numbers.
 *
 * @module
 */
import { parsePhone, type Phone } from "./phone.ts";

/** What is read of a card. */
export interface ContactCard {
  /** `FN`, as it is written there. */
  readonly name: string;
  readonly phones: readonly Phone[];
}

const CARDS_MAX = 10;
/** A card has some dozens; to read those of a file of 5 MB would hold up everybody for seconds. */
const PROPERTIES_MAX = 1_000;
const VALUE_CHARS_MAX = 1_000;
const PHONES_MAX = 10;

/** Bytes as `=C3=A9`, which vCard 2.1 has names in. */
function fromQuotedPrintable(value: string): string {
  const bytes = [...value.matchAll(/=([0-9a-f]{2})|([\x20-\x7e])/gi)].map(([, hex, plain]) =>
    hex === undefined ? plain!.charCodeAt(0) : parseInt(hex, 16)
  );
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** Where a line's value begins: behind the first colon that is not in quotation marks. */
function colonOf(line: string): number {
  let isQuoted = false;
  for (let at = 0; at < line.length; at++) {
    if (line[at] === '"') isQuoted = !isQuoted;
    else if (line[at] === ":" && !isQuoted) return at;
  }
  return line.indexOf(":");
}

/** The properties of a card: names in upper case, without their group. */
function* properties(card: string): Generator<readonly [name: string, value: string]> {
  // A long line goes on in the next, after a blank; in quoted-printable after an equals sign.
  const lines = card.replace(/\r\n?/g, "\n").replace(/\n[ \t]/g, "").split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const colon = colonOf(line);
    if (colon < 0) continue;
    const start = line.slice(colon + 1);
    const [full = "", ...parameters] = line.slice(0, colon).toUpperCase().split(";");
    const name = full.split(".").at(-1)!;
    if (!parameters.some((one) => one.endsWith("QUOTED-PRINTABLE"))) {
      yield [name, start];
      continue;
    }
    const pieces = [start];
    while (pieces.at(-1)!.endsWith("=") && i + 1 < lines.length) {
      pieces.push(pieces.pop()!.slice(0, -1), lines[++i]!);
    }
    yield [name, fromQuotedPrintable(pieces.join("").slice(0, VALUE_CHARS_MAX))];
  }
}

/** A value as it is meant, on one line. */
function unescaped(value: string): string {
  return value.replace(/\\([,;\\n])/gi, (_, char) => /n/i.test(char) ? " " : char).trim();
}

/** `N`, the only name that a card of vCard 2.1 must have, in the order in which it is said. */
function nameOf(value: string): string {
  const [family = "", given = "", additional = "", prefix = "", suffix = ""] = value
    .split(/(?<!\\);/).map(unescaped);
  return [prefix, given, additional, family, suffix].filter((part) => part !== "").join(" ");
}

function* cardsOf(text: string): Generator<string> {
  const begin = /^\ufeff?BEGIN:VCARD/gim;
  const end = /^END:VCARD/gim;
  for (let from = begin.exec(text); from !== null; from = begin.exec(text)) {
    end.lastIndex = begin.lastIndex;
    if (end.exec(text) === null) return;
    yield text.slice(from.index, end.lastIndex);
    begin.lastIndex = end.lastIndex;
  }
}

/** Reads the cards of a file, in linear time; those without a name or a whole number say nothing. */
export function readContactCards(text: string): ContactCard[] {
  return cardsOf(text).take(CARDS_MAX).toArray().flatMap((card): ContactCard[] => {
    let [formatted, structured] = ["", ""];
    const phones: Phone[] = [];
    for (const [property, value] of properties(card).take(PROPERTIES_MAX)) {
      if (property === "FN") formatted = unescaped(value);
      if (property === "N") structured = nameOf(value);
      const phone = property === "TEL" ? parsePhone(value.trim().replace(/^tel:/i, "")) : null;
      if (phone !== null && phones.length < PHONES_MAX) phones.push(phone);
    }
    const name = formatted || structured;
    return name === "" || phones.length === 0 ? [] : [{ name, phones }];
  });
}
