/**
 * What is known of one setting, and the type of the values that a table of them gives.
 *
 * @module
 */
import type { Kind, ValueOf } from "./kinds.ts";

/** One setting. */
export interface SettingRow {
  /** Below its section, as in `limits.segmentsPerDayMax`. */
  readonly key: string;
  readonly kind: Kind;
  /** The default, as a file would hold it; left out when there is none. */
  readonly fallback?: unknown;
  /** Whether nothing works without it; those with a default are always there. */
  readonly required?: boolean;
  /** As a file would hold it. */
  readonly example: unknown;
  /** One line for people. */
  readonly meaning: string;
  /** Variables that stand for it, the first that is not blank counts. */
  readonly variables: readonly string[];
  /** Whether OpenClaw has it under the same name. */
  readonly openclaw?: boolean;
}

type RowValue<R extends SettingRow> = R extends { fallback: unknown } | { required: true }
  ? ValueOf<R["kind"]>
  : ValueOf<R["kind"]> | undefined;
type GroupOf<Key extends string> = Key extends `${infer Group}.${string}` ? Group : never;

/** The values of a table: one property a row, `limits.x` below `limits`. */
export type ValuesOf<Rows extends readonly SettingRow[]> =
  & {
    readonly [
      R in Rows[number] as R["key"] extends `${string}.${string}` ? never : R["key"]
    ]: RowValue<R>;
  }
  & {
    readonly [Group in GroupOf<Rows[number]["key"]>]: {
      readonly [
        R in Rows[number] as R["key"] extends `${Group}.${infer Leaf}` ? Leaf : never
      ]: RowValue<R>;
    };
  };

function valueAt(values: object, key: string): unknown {
  return key.split(".").reduce<unknown>(
    (at, part) => typeof at === "object" && at !== null ? Reflect.get(at, part) : undefined,
    values,
  );
}

/** Whether every row that must have a value has one. */
export function isComplete(values: object, rows: readonly SettingRow[]): boolean {
  return rows.every(({ key, fallback, required }) =>
    (fallback === undefined && !required) || valueAt(values, key) !== undefined
  );
}
