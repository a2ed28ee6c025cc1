/**
 * The releases of OpenClaw that are known, and how the bridge serves with each.
 *
 * @module
 */

/** One release. */
export interface Release {
  readonly version: string;
  /** `reduced`: texts are answered, and nothing else. `refused`: nothing can be built on it. */
  readonly served: "full" | "reduced" | "refused";
  /** Why it is refused. */
  readonly reason?: string;
}

/** Newest first. */
export const RELEASES: readonly Release[] = [
  { version: "2026.9.6", served: "full" },
  { version: "2026.9.5", served: "full" },
  { version: "2026.9.4", served: "full" },
  { version: "2026.9.1", served: "full" },
  { version: "2026.8.2", served: "full" },
  { version: "2026.8.1", served: "full" },
  { version: "2026.7.35", served: "reduced" },
  { version: "2026.6.1", served: "reduced" },
  { version: "2026.5.28", served: "refused", reason: "does not know sms" },
  { version: "2026.4.29", served: "refused", reason: "speaks protocol 3" },
];

/** The releases that the gate runs, by what they are. */
export const NAMES: Readonly<Record<string, string>> = {
  newest: "2026.9.6",
  oldest: "2026.8.1",
  reduced: "2026.7.35",
};
