/**
 * What an operation is: a question of an operator's that takes one object and gives one, so that it
 * travels as JSON. Its row says what it takes, and what carries it out; `paths.ts` where it is found.
 *
 * @module
 */
import type { AccountChoice } from "../config/sms_accounts.ts";
import { readName } from "../people/names.ts";
import { Failure, failure, invalidNumber } from "../system/failure.ts";
import { NAME_CHARS_MAX } from "../system/limits.ts";
import { parsePhone, type Phone } from "../policy/phone.ts";
import { StoreError } from "../store/kv.ts";

/** Reads the members of an input that came from outside. Each throws a {@linkcode Failure}. */
export interface InputReader {
  /** A string that must be there. */
  text(name: string): string;
  /** A string, or undefined when it was left out. */
  optionalText(name: string): string | undefined;
  /** Strings, or undefined when they were left out. */
  optionalTexts(name: string): readonly string[] | undefined;
  /** A number, NaN when it is something else, or undefined when it was left out. */
  optionalNumber(name: string): number | undefined;
  /** Whether it is `true`. */
  flag(name: string): boolean;
}

/** Which accounts there are. */
export interface AccountParts {
  readonly accounts: () => AccountChoice;
}

/** One row of the table of operations. */
export interface Operation<Parts, Input, Output> {
  readonly read: (input: InputReader) => Input;
  /** Reads an input from outside and carries the operation out. */
  readonly handle: (parts: Parts, input: unknown) => Promise<Output | Failure>;
}

/** Makes a row; a {@linkcode Failure} that is thrown on the way is its answer. */
export function operation<Parts, Input, Output>({ read, run }: {
  readonly read: (input: InputReader) => Input;
  readonly run: (parts: Parts, input: Input) => Promise<Output | Failure>;
}): Operation<Parts, Input, Output> {
  return {
    read,
    async handle(parts, input) {
      try {
        return await run(parts, read(readerOf(input)));
      } catch (error) {
        if (error instanceof Failure) return error;
        if (error instanceof StoreError) return storeAway(error);
        throw error;
      }
    },
  };
}

function storeAway({ message, hint }: StoreError): Failure {
  const goesOn = "the bridge runs, and goes on by itself once its engine, or the disk, can be used";
  return failure("failed", "store-unusable", message, [goesOn, ...hint ? [hint] : []].join("; "));
}

function wrong(code: "input-missing" | "input-invalid", name: string, must: string): Failure {
  return failure("usage", code, `"${name}" must be ${must}`);
}

/** Reads an input; what is not an object has no members. */
function readerOf(input: unknown): InputReader {
  const members = new Map<string, unknown>(
    typeof input === "object" && input !== null ? Object.entries(input) : [],
  );
  const optionalText = (name: string): string | undefined => {
    const value = members.get(name);
    if (value === undefined || typeof value === "string") return value;
    throw wrong("input-invalid", name, "a string");
  };
  return {
    optionalText,
    text(name) {
      const value = members.get(name);
      if (typeof value === "string") return value;
      throw wrong("input-missing", name, "a string");
    },
    optionalTexts(name) {
      const value = members.get(name);
      if (value === undefined) return undefined;
      if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value;
      throw wrong("input-invalid", name, "a list of strings");
    },
    optionalNumber(name) {
      const value = members.get(name);
      return value === undefined || typeof value === "number" ? value : NaN;
    },
    flag: (name) => members.get(name) === true,
  };
}

/** A name as it is kept; null for none. @throws {Failure} When it is not one short line. */
export function nameGiven(text: string): string | null {
  const name = readName(text);
  if (name !== null || text.trim() === "") return name;
  throw failure(
    "usage",
    "name-invalid",
    `Cannot use that name: it must be one line of at most ${NAME_CHARS_MAX} characters`,
    'try a shorter one, as in `sms-bridge pair name <NUMBER> "Ada"`',
  );
}

/** A number as a person gave it. @throws {Failure} When it is not in E.164. */
export function numberGiven(number: string): Phone {
  const phone = parsePhone(number);
  if (phone === null) throw invalidNumber(number);
  return phone;
}
