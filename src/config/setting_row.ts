/**
 * What is known of one setting.
 *
 * @module
 */
import type { Kind } from "./kinds.ts";

/** One setting. */
export interface SettingRow {
  /** Below its section, as in `limits.segmentsPerDayMax`. */
  readonly key: string;
  readonly kind: Kind;
  /** Taken when nothing is written, as a file would hold it; left out when there is none. */
  readonly fallback?: unknown;
  /** As a file would hold it. */
  readonly example: unknown;
  /** One line for people. */
  readonly meaning: string;
  /** Variables that stand for it, the first that is not blank counts. */
  readonly variables: readonly string[];
  /** Whether OpenClaw has it under the same name. */
  readonly openclaw?: boolean;
}

/** A whole number within bounds, both included. */
export function integer(least: number, most: number): Kind {
  return { type: "integer", least, most };
}

/** Makes a row. */
export function row(
  key: string,
  kind: Kind,
  fallback: unknown,
  example: unknown,
  meaning: string,
  variables: readonly string[],
  openclaw = false,
): SettingRow {
  return { key, kind, fallback, example, meaning, variables, openclaw };
}
