/**
 * How releases of the Gateway differ in what the bridge can see, as real ones were seen to.
 *
 * @module
 */

/** What one release does its own way. */
export interface Dialect {
  readonly version: string;
  readonly protocol: number;
  /** Whether `hello-ok` names the start of the Gateway. */
  readonly namesBoot: boolean;
  /**
   * Whether rows of a transcript name their key and their run, and `agent.wait` its answer; what came by
   * `chat.send` has its key in any case.
   */
  readonly namesRuns: boolean;
  /** Whether nodes may offer tools. */
  readonly takesTools: boolean;
  /** Whether a text stays in the transcript when a restart interrupts its turn. */
  readonly keepsInterrupted: boolean;
  /** How a run ends that was stopped. */
  readonly stopReason: string;
  /** Whether it knows the channel. */
  readonly knowsSms: boolean;
  /** Whether a fleet's `systemAgent` answers who is bound to nobody. */
  readonly routesToSystemAgent: boolean;
  /** Whether two sessions talk on by themselves after a message from one to the other. */
  readonly sessionsTalkOn: boolean;
  /** Whether the prompt of a job in a session is marked as the Gateway's own. */
  readonly marksJobs: boolean;
  /** Whether a turn waits for a command's approval; else it ends, and another goes on when there is one. */
  readonly waitsForApprovals: boolean;
  /** What it notes for a reset that the connection's scopes do not allow; null for nothing. */
  readonly resetRefusal: string | null;
}

const NEWEST: Dialect = {
  version: "2026.9.6",
  protocol: 4,
  namesBoot: true,
  namesRuns: true,
  takesTools: true,
  keepsInterrupted: true,
  stopReason: "rpc",
  knowsSms: true,
  routesToSystemAgent: true,
  sessionsTalkOn: false,
  marksJobs: true,
  waitsForApprovals: true,
  resetRefusal:
    "⚠️ You are not authorized to reset this session. Gateway resets require operator.admin.",
};
const OLDEST_FULL: Dialect = {
  ...NEWEST,
  version: "2026.8.1",
  keepsInterrupted: false,
  stopReason: "aborted",
  routesToSystemAgent: false,
  sessionsTalkOn: true,
  marksJobs: false,
  waitsForApprovals: false,
  resetRefusal:
    "No reply was generated for this message. This is usually a temporary model failure - please try again.",
};
const REDUCED: Dialect = {
  ...OLDEST_FULL,
  version: "2026.7.35",
  namesBoot: false,
  namesRuns: false,
  takesTools: false,
  resetRefusal: null,
};
const WITHOUT_SMS: Dialect = { ...REDUCED, version: "2026.5.28", knowsSms: false };
const PROTOCOL_3: Dialect = { ...WITHOUT_SMS, version: "2026.4.29", protocol: 3 };

/** The releases that can be played, by their numbers. */
export const DIALECTS = {
  "2026.9.6": NEWEST,
  "2026.8.1": OLDEST_FULL,
  "2026.7.35": REDUCED,
  "2026.5.28": WITHOUT_SMS,
  "2026.4.29": PROTOCOL_3,
} as const;
