/**
 * The releases of OpenClaw that the bridge is tested against, and how far each serves. How far is decided
 * at run time by what a Gateway offers (`src/gateway/offers.ts`); this table says what to expect of whom.
 *
 * @module
 */

/** How far a release serves. */
export type Serves = "full" | "reduced" | "refused";

/** One release. */
export interface ReleaseRow {
  readonly release: string;
  readonly serves: Serves;
  /** What it does not have, or why it is refused. */
  readonly without: string;
}

/** The first release that serves in full. */
export const OLDEST_FULL = "2026.8.1";

const REDUCED = "no texts unasked, no tool sms_send; files of a reply after a restart";

/** All of them, the newest first. */
export const RELEASES: readonly ReleaseRow[] = [
  { release: "2026.9.6", serves: "full", without: "" },
  { release: "2026.9.5", serves: "full", without: "" },
  { release: "2026.9.4", serves: "full", without: "" },
  { release: "2026.9.1", serves: "full", without: "" },
  { release: "2026.8.2", serves: "full", without: "" },
  { release: "2026.8.1", serves: "full", without: "" },
  { release: "2026.7.35", serves: "reduced", without: REDUCED },
  { release: "2026.6.1", serves: "reduced", without: REDUCED },
  { release: "2026.5.28", serves: "refused", without: "it does not know the channel sms" },
  { release: "2026.4.29", serves: "refused", without: "it speaks protocol 3" },
];
