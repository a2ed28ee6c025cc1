/**
 * Scanning JSON5: white space, comments, strings, numbers and names (https://spec.json5.org).
 *
 * @module
 */
import { printable } from "../../system/redact.ts";

/** Where a text is not JSON5: offsets count UTF-16 units from 0. */
export class Json5Fault extends Error {
  override readonly name = "Json5Fault";

  constructor(
    readonly offset: number,
    /** What would have been right, as in `"," or "}"`; or the whole sentence when nothing would. */
    readonly expected: string,
    /** What stands there; null when `expected` is the whole sentence. */
    readonly found: string | null,
  ) {
    super(found === null ? expected : `expected ${expected}, found ${found}`);
  }
}

const SPACE = /[\t\v\f\u00a0\ufeff\n\r\u2028\u2029\p{Zs}]+/uy;
const LINE_COMMENT = /[^\n\r\u2028\u2029]*/y;
const NUMBER =
  /[+-]?(?:Infinity|NaN|0[xX][0-9a-fA-F]+|(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)/y;
const NAME_START = /^[$_\p{ID_Start}]$/u;
const NAME_PART = /^[$_\u200c\u200d\p{ID_Continue}]$/u;
const NAME = /(?:[$_\u200c\u200d\p{ID_Continue}]|\\u[0-9a-fA-F]{4})+/uy;
const PLAIN_CHARACTERS = /[^"'\\\n\r]+/y;
const HEX_2 = /[0-9a-fA-F]{2}/y;
const HEX_4 = /[0-9a-fA-F]{4}/y;
const LINE_END = /\r\n|[\n\r\u2028\u2029]/y;
const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** Reads one text from its beginning to its end. */
export class Scanner {
  /** Where the next character is. */
  at = 0;

  constructor(readonly text: string) {}

  /** The next UTF-16 unit; `""` at the end. */
  get next(): string {
    return this.text.charAt(this.at);
  }

  /** Skips white space and comments. */
  skip(): void {
    for (;;) {
      if (this.#take(SPACE) !== null) continue;
      if (this.text.startsWith("//", this.at)) {
        this.#take(LINE_COMMENT);
      } else if (this.text.startsWith("/*", this.at)) {
        const end = this.text.indexOf("*/", this.at + 2);
        if (end < 0) {
          this.at = this.text.length;
          this.fail('"*/" at the end of the comment');
        }
        this.at = end + 2;
      } else {
        return;
      }
    }
  }

  /** Skips a character if it is the next one. */
  accept(character: string): boolean {
    if (this.next !== character) return false;
    this.at++;
    return true;
  }

  /** A number, or null when none begins here. */
  number(): number | null {
    const found = this.#take(NUMBER);
    if (found === null) return null;
    const negative = found.startsWith("-");
    const value = Number(found.replace(/^[+-]/, ""));
    return negative ? -value : value;
  }

  /** A name as keys without quotes are written, or null when none begins here. */
  name(): string | null {
    const start = this.at;
    const found = this.#take(NAME);
    if (found === null) return null;
    let name = "";
    let offset = start;
    for (const part of found.match(/\\u.{4}|./gsu)!) {
      const character = part.length > 2 ? String.fromCharCode(parseInt(part.slice(2), 16)) : part;
      if (!(name === "" ? NAME_START : NAME_PART).test(character)) {
        this.at = offset;
        return name === "" && part.length <= 2 ? null : this.fail("a name or a quoted key");
      }
      name += character;
      offset += part.length;
    }
    return name;
  }

  /** A quoted string, or null when none begins here. */
  string(): string | null {
    const quote = this.next;
    if (quote !== '"' && quote !== "'") return null;
    this.at++;
    let value = "";
    for (;;) {
      value += this.#take(PLAIN_CHARACTERS) ?? "";
      if (this.accept(quote)) return value;
      if (this.accept("\\")) value += this.#escaped();
      else if (this.next === '"' || this.next === "'") value += this.text[this.at++];
      else this.fail(`${quote} at the end of the string`);
    }
  }

  /** Ends the reading: something else should stand here. */
  fail(expected: string): never {
    throw new Json5Fault(this.at, expected, this.#found());
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return null;
    this.at += found.length;
    return found;
  }

  /** What a backslash and what follows it stand for. */
  #escaped(): string {
    if (this.#take(LINE_END) !== null) return "";
    const character = this.next;
    if (/[1-9]/.test(character)) this.fail("an escape sequence");
    if (character === "") this.fail("an escape sequence");
    this.at++;
    if (character === "0") {
      if (/\d/.test(this.next)) this.fail("no digit after \\0");
      return "\0";
    }
    if (character === "x" || character === "u") {
      const digits = this.#take(character === "x" ? HEX_2 : HEX_4);
      if (digits === null) this.fail(`${character === "x" ? 2 : 4} hexadecimal digits`);
      return String.fromCharCode(parseInt(digits, 16));
    }
    return ESCAPES[character] ?? character;
  }

  #found(): string {
    const codePoint = this.text.codePointAt(this.at);
    if (codePoint === undefined) return "the end of the text";
    const character = String.fromCodePoint(codePoint);
    if (/[\n\r\u2028\u2029]/.test(character)) return "a line break";
    const shown = printable(character).trim();
    const code = `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`;
    if (shown === "" || /\p{C}/u.test(shown)) return code;
    return codePoint < 0x80 ? `"${shown}"` : `"${shown}" (${code})`;
  }
}
