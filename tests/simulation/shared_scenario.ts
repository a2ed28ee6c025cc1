/**
 * What a seed stands for where several bridges share a store: the texts of any scenario, and troubles of
 * their own.
 */
import { PRICE_OF_SEGMENT } from "../../src/sim/twilio_rows.ts";
import { type Random, seededRandom } from "../../src/system/random.ts";
import type { Budgets } from "./budget_checker.ts";
import { createScenario, type Scenario } from "./scenario.ts";

/** A thing that goes wrong with one of the bridges, or with the Gateway. */
export type SharedTrouble =
  | {
    readonly kind: "kill" | "stop";
    readonly atMs: number;
    readonly of: number;
    readonly forMs: number;
  }
  | {
    readonly kind: "pause" | "store-cut" | "twilio-cut" | "gateway-cut";
    readonly atMs: number;
    readonly of: number;
    readonly forMs: number;
  }
  | {
    readonly kind: "gateway-restart";
    readonly atMs: number;
    readonly of: number;
    readonly forMs: number;
  }
  | {
    readonly kind: "clock-jump";
    readonly atMs: number;
    readonly of: number;
    readonly forMs: number;
  };

/** A scenario of several bridges. */
export interface SharedScenario extends Scenario {
  readonly bridges: number;
  /** How far the clock of each is from the truth. */
  readonly skewsMs: readonly number[];
  readonly sharedTroubles: readonly SharedTrouble[];
  /** How often of a hundred a request to the store, or its answer, is lost. */
  readonly lostPercent: number;
  /** Whether the store tells when rows have changed. */
  readonly watches: boolean;
  /** What replies may cost. */
  readonly budgets: Budgets;
}

/** What the last of the troubles left behind is dealt with by so long after it. */
const HEAL_AFTER_MS = 30_000;
/** The clock of a bridge may be wrong by so much. */
const SKEW_MS_MAX = 5 * 60_000;
const KINDS = [
  "kill",
  "kill",
  "stop",
  "pause",
  "pause",
  "store-cut",
  "store-cut",
  "twilio-cut",
  "gateway-cut",
  "gateway-restart",
  "clock-jump",
] as const;
/** How long each lasts at most; of a clock's jump, how far it goes either way. */
const FOR_MS_MAX: Readonly<Record<SharedTrouble["kind"], number>> = {
  kill: 20_000,
  stop: 20_000,
  pause: 180_000,
  "store-cut": 60_000,
  "twilio-cut": 60_000,
  "gateway-cut": 240_000,
  "gateway-restart": 20_000,
  "clock-jump": SKEW_MS_MAX,
};

/** Budgets that some of the replies do not fit into; none for most seeds. */
function budgetsOf(random: Random): Budgets {
  const most = 3 + random.below(15);
  switch (random.below(9)) {
    case 0:
      return { segmentsPerDayMax: most };
    case 1:
      return { segmentsPerSenderHourMax: most };
    case 2:
      return { usdPerDayMax: most * PRICE_OF_SEGMENT };
    default:
      return {};
  }
}

/** The scenario of a seed. */
export function createSharedScenario(seed: number): SharedScenario {
  const base = createScenario(seed);
  const random = seededRandom(seed * 16 + 15);
  const bridges = 2 + random.below(2);
  const skewed = random.below(3) > 0;
  // What a person chose last, and whom an operator let in, goes by the clocks of both ends.
  const timely = skewed
    ? { choices: [], admittedAtMs: null }
    : { choices: base.choices, admittedAtMs: base.admittedAtMs };
  const mayJump = timely.choices.length === 0 && timely.admittedAtMs === null;
  // What the clocks of those that take its texts in tell apart has no rhythm.
  const loop = skewed ? null : base.loop;
  const spanMs = Math.max(...base.texts.map(({ atMs }) => atMs)) + 20_000;
  const sharedTroubles = Array.from({ length: random.below(9) }, () => {
    const kind = KINDS[random.below(KINDS.length)]!;
    const forMs = random.below(FOR_MS_MAX[kind]);
    return { kind, atMs: random.below(spanMs), of: random.below(bridges), forMs };
  }).filter(({ kind }) => loop === null && mayJump || kind !== "clock-jump");
  const endsMs = sharedTroubles.map(({ kind, atMs, forMs }) =>
    kind === "clock-jump" ? atMs : atMs + forMs
  );
  if (loop !== null) {
    // Who finds the machine has taken over from another, so soon that its rhythm was not broken.
    const atMs = 20 * 60_000 + random.below(20 * 60_000);
    for (let of = 0; of < bridges; of++) {
      sharedTroubles.push({ kind: "stop", atMs: atMs + of * 60_000, of, forMs: 200 });
    }
  }
  const lastAtMs = Math.max(
    spanMs,
    loop?.untilMs ?? 0,
    ...endsMs,
    timely.choices.at(-1)?.atMs ?? 0,
    timely.admittedAtMs === null ? 0 : timely.admittedAtMs + 20_000,
  );
  return {
    ...base,
    troubles: [],
    ...timely,
    loop,
    crashPermille: loop === null ? [0, 2, 8, 25][random.below(4)]! : 0,
    bridges,
    skewsMs: Array.from(
      { length: bridges },
      () => skewed ? random.below(2 * SKEW_MS_MAX) - SKEW_MS_MAX : 0,
    ),
    sharedTroubles,
    watches: random.below(2) === 0,
    lostPercent: loop === null ? [0, 1, 5, 15][random.below(4)]! : 0,
    budgets: loop === null ? budgetsOf(random) : {},
    healAtMs: lastAtMs + HEAL_AFTER_MS,
  };
}
