/**
 * Shapes: what each member of a stored row must be. A shape stands beside the type of its row, and one
 * that forgets a member does not compile.
 *
 * @module
 */
import { printable } from "../system/redact.ts";
import { isPhone, type Phone } from "../policy/phone.ts";

/** Whether a value is a `T`. */
export type Check<T> = (value: unknown) => value is T;

/** A check for each member of a row, the optional ones too. */
export type Shape<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? Check<T[K] | undefined> : Check<T[K]>;
};

/** A string of at most `charsMax` UTF-16 units, whatever is in it. */
export function text(charsMax: number): Check<string> {
  return (value): value is string => typeof value === "string" && value.length <= charsMax;
}
/** True or false. */
export const flag: Check<boolean> = (value) => typeof value === "boolean";
/** A whole number from zero on. */
export const count: Check<number> = (value): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
/** A whole number from zero to `max`. */
export function upTo(max: number): Check<number> {
  return (value): value is number => count(value) && value <= max;
}
/** The end of the year 2099: no clock of ours is there, and no later time is one. */
const TIME_MS_MAX = 4_102_444_800_000;
/** A time in milliseconds since the epoch. */
export const time: Check<number> = (value): value is number =>
  typeof value === "number" && value >= 0 && value <= TIME_MS_MAX;
/** The id of a row: it begins with a time, and all later ones must fit above it. */
export const rowId: Check<number> = upTo(TIME_MS_MAX * 1_000);
/** A name, an identifier or an address: one line of bounded length, without control characters. */
export function line(charsMax: number): Check<string> {
  return (value): value is string =>
    typeof value === "string" && printable(value, charsMax) === value;
}
/** A number in E.164. */
export const phone: Check<Phone> = (value): value is Phone =>
  typeof value === "string" && isPhone(value);
/** Whatever it is, or nothing. */
export const anything: Check<unknown> = (_value): _value is unknown => true;

/** What passes `check`, or null. */
export function orNull<T>(check: Check<T>): Check<T | null> {
  return (value): value is T | null => value === null || check(value);
}

/** What passes `check`, or nothing. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value): value is T | undefined => value === undefined || check(value);
}

/** One of some words. */
export function oneOf<T extends string>(words: readonly T[]): Check<T> {
  return (value): value is T => words.some((word) => word === value);
}

/** A list of at most `itemsMax` items that all pass `check`, and at least `itemsMin`. */
export function list<T>(check: Check<T>, itemsMax: number, itemsMin = 0): Check<readonly T[]> {
  return (value): value is readonly T[] =>
    Array.isArray(value) && value.length <= itemsMax && value.length >= itemsMin &&
    value.every(check);
}

/** An object of a shape. */
export function object<T>(shape: Shape<T>): Check<T> {
  return (value): value is T => faultIn(value, shape) === null;
}

/** The first member of an object that is not as its shape has it; null when all are. */
export function faultIn<T>(value: unknown, shape: Shape<T>): string | null {
  if (typeof value !== "object" || value === null) return "the whole";
  const members = new Map<string, unknown>(Object.entries(value));
  for (const [name, check] of Object.entries<Check<unknown>>(shape)) {
    if (!check(members.get(name))) return name;
  }
  return null;
}
