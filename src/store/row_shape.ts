/**
 * Shapes: what each member of a stored row must be. A shape stands beside the type of its row, and one
 * that forgets a member does not compile.
 *
 * @module
 */
import { isPhone, type Phone } from "../policy/phone.ts";

/** Whether a value is a `T`. */
export type Check<T> = (value: unknown) => value is T;

/** A check for each member of a row, the optional ones too. */
export type Shape<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? Check<T[K] | undefined> : Check<T[K]>;
};

/** A string. */
export const text: Check<string> = (value) => typeof value === "string";
/** True or false. */
export const flag: Check<boolean> = (value) => typeof value === "boolean";
/** A whole number from zero on. */
export const count: Check<number> = (value): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
/** A time in milliseconds. */
export const time: Check<number> = (value): value is number =>
  typeof value === "number" && Number.isFinite(value);
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

/** A list whose items all pass `check`. */
export function list<T>(check: Check<T>): Check<readonly T[]> {
  return (value): value is readonly T[] => Array.isArray(value) && value.every(check);
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
