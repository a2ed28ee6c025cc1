/**
 * JSON5 (https://spec.json5.org), read into nodes that know where they stand in the text, so that every
 * value can be told by its line and edited in its place.
 *
 * @module
 */
import { CONFIG_BYTES_MAX, CONFIG_VALUES_MAX, JSON5_DEPTH_MAX } from "../../system/limits.ts";
import { Json5Fault, Scanner } from "./json5_scanner.ts";

/** A value; `start` and `end` are offsets in UTF-16 units. */
export type Json5Node = Json5Object | Json5Array | Json5Scalar;

/** An object with its members in the order of the text, repeated keys included. */
export interface Json5Object {
  readonly kind: "object";
  readonly start: number;
  readonly end: number;
  readonly members: readonly Json5Member[];
}

/** A key with its value. */
export interface Json5Member {
  readonly key: string;
  readonly keyStart: number;
  readonly value: Json5Node;
  /** Where the comma behind it is; null when there is none. */
  readonly commaAt: number | null;
}

/** A list of values. */
export interface Json5Array {
  readonly kind: "array";
  readonly start: number;
  readonly end: number;
  readonly items: readonly Json5Node[];
}

/** A value without parts. */
export interface Json5Scalar {
  readonly kind: "scalar";
  readonly start: number;
  readonly end: number;
  readonly value: string | number | boolean | null;
}

/** A place in a text; both count from 1, columns in characters. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

/** What came of reading a text. */
export type Json5Reading =
  | { readonly kind: "node"; readonly node: Json5Node }
  | { readonly kind: "fault"; readonly at: TextPlace; readonly message: string };

const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

/** Tells the line and column of offsets in a text. */
export function placesOf(text: string): (offset: number) => TextPlace {
  const starts = [0];
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    const ends = character === 10 || (character === 13 && text.charCodeAt(at + 1) !== 10);
    if (ends) starts.push(at + 1);
  }
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    const start = starts[low]!;
    return {
      line: low + 1,
      // Counted when it is asked for: a file of one long line has many values, and few faults.
      get column() {
        return [...text.slice(start, offset)].length + 1;
      },
    };
  };
}

class Parser {
  #scanner: Scanner;
  #depth = 0;
  #values = 0;

  constructor(text: string) {
    this.#scanner = new Scanner(text);
  }

  document(): Json5Node {
    const scanner = this.#scanner;
    scanner.skip();
    const node = this.#value();
    scanner.skip();
    if (scanner.next !== "") scanner.fail("the end of the text");
    return node;
  }

  #value(): Json5Node {
    const scanner = this.#scanner;
    const start = scanner.at;
    if (++this.#values > CONFIG_VALUES_MAX) {
      throw new Json5Fault(start, `there are more than ${CONFIG_VALUES_MAX} values`, null);
    }
    if (scanner.accept("{")) return this.#inside(start, () => this.#object(start));
    if (scanner.accept("[")) return this.#inside(start, () => this.#array(start));
    return { kind: "scalar", start, value: this.#scalar(), end: scanner.at };
  }

  #inside<T>(start: number, read: () => T): T {
    if (++this.#depth > JSON5_DEPTH_MAX) {
      throw new Json5Fault(start, `values are nested deeper than ${JSON5_DEPTH_MAX}`, null);
    }
    const node = read();
    this.#depth--;
    return node;
  }

  #object(start: number): Json5Object {
    const scanner = this.#scanner;
    const members: Json5Member[] = [];
    for (;;) {
      scanner.skip();
      if (scanner.accept("}")) return { kind: "object", start, members, end: scanner.at };
      const keyStart = scanner.at;
      const key = scanner.string() ?? scanner.name() ?? scanner.fail('a key or "}"');
      scanner.skip();
      if (!scanner.accept(":")) scanner.fail('":"');
      scanner.skip();
      const value = this.#value();
      scanner.skip();
      const comma = scanner.at;
      const followed = scanner.accept(",");
      members.push({ key, keyStart, value, commaAt: followed ? comma : null });
      if (!followed && scanner.next !== "}") scanner.fail('"," or "}"');
    }
  }

  #array(start: number): Json5Array {
    const scanner = this.#scanner;
    const items: Json5Node[] = [];
    for (;;) {
      scanner.skip();
      if (scanner.accept("]")) return { kind: "array", start, items, end: scanner.at };
      items.push(this.#value());
      scanner.skip();
      if (!scanner.accept(",") && scanner.next !== "]") scanner.fail('"," or "]"');
    }
  }

  #scalar(): string | number | boolean | null {
    const scanner = this.#scanner;
    const start = scanner.at;
    const plain = scanner.string() ?? scanner.number();
    if (plain !== null) return plain;
    const word = /^[a-z]+/.exec(scanner.text.slice(start, start + 6))?.[0] ?? "";
    if (!Object.hasOwn(WORDS, word)) scanner.fail("a value");
    scanner.at += word.length;
    return WORDS[word]!;
  }
}

/** Reads a text as JSON5. An error names the place where the text is not JSON5, too long, or nested too deeply. */
export function parseJson5(text: string): Json5Reading {
  if (text.length > CONFIG_BYTES_MAX) {
    const message = `the text is longer than ${CONFIG_BYTES_MAX} characters`;
    return { kind: "fault", at: { line: 1, column: 1 }, message };
  }
  try {
    return { kind: "node", node: new Parser(text).document() };
  } catch (error) {
    if (!(error instanceof Json5Fault)) throw error;
    return { kind: "fault", at: placesOf(text)(error.offset), message: error.message };
  }
}

/** The value that a node stands for. Of repeated keys the last counts; `__proto__` is a key like others. */
export function valueOf(node: Json5Node): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "array") return node.items.map(valueOf);
  const object = {};
  for (const { key, value } of node.members) {
    const member = { value: valueOf(value), writable: true, enumerable: true, configurable: true };
    Object.defineProperty(object, key, member);
  }
  return object;
}

/** A key that stands again in an object. */
export interface RepeatedKey {
  readonly key: string;
  /** The same with the keys that lead to it, such as `channels.sms.dmPolicy`. */
  readonly path: string;
  /** Offsets of both. */
  readonly first: number;
  readonly again: number;
}

/** Keys that stand again in an object after they stood in it before. */
export function* repeatedKeys(node: Json5Node, above = ""): Generator<RepeatedKey> {
  if (node.kind === "scalar") return;
  if (node.kind === "array") {
    for (const [i, item] of node.items.entries()) yield* repeatedKeys(item, `${above}[${i}]`);
    return;
  }
  const seen = new Map<string, number>();
  for (const { key, keyStart, value } of node.members) {
    const path = above === "" ? key : `${above}.${key}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, keyStart);
    else yield { key, path, first, again: keyStart };
    yield* repeatedKeys(value, path);
  }
}
