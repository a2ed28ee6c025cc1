/**
 * What a seed stands for: who texts what and when, what the agent says, and how often things go wrong.
 */
import type { Plan } from "../../src/sim/gateway_replies.ts";
import { type Random, seededRandom } from "../../src/system/random.ts";

/** A text that somebody will send. */
export interface PlannedText {
  /** Unique in its scenario, and found again in what the agent gets. */
  readonly token: string;
  readonly from: string;
  readonly atMs: number;
  /** Twilio delivers it once more so much later; null for never. */
  readonly againAfterMs: number | null;
  /** Its webhook never leaves Twilio: it is in the list alone. */
  readonly webhookLost: boolean;
  /** What the agent will say, as the marks of its pieces in order. */
  readonly marks: readonly string[];
  readonly plan: Plan;
}

/** A thing that goes wrong, besides what fails by chance. */
export type Trouble =
  | { readonly kind: "kill" | "stop"; readonly atMs: number; readonly downMs: number }
  | { readonly kind: "gateway-restart"; readonly atMs: number; readonly downMs: number }
  | { readonly kind: "sockets-cut" | "sockets-mute"; readonly atMs: number }
  | { readonly kind: "disk-full"; readonly atMs: number; readonly forMs: number }
  | { readonly kind: "clock-jump"; readonly atMs: number; readonly byMs: number }
  /** The machine sleeps: time passes, and no timer runs meanwhile. */
  | { readonly kind: "asleep"; readonly atMs: number; readonly forMs: number };

/** Somebody opts out or in. */
export interface Choice {
  readonly atMs: number;
  readonly word: "STOP" | "START" | "JOIN";
  readonly webhookLost: boolean;
}

/** A machine that texts by the clock, for longer than a person does. */
export interface Loop {
  readonly everyMs: number;
  readonly untilMs: number;
}

/** A scenario. */
export interface Scenario {
  readonly phones: readonly string[];
  /** Somebody who was not let in. */
  readonly stranger: string;
  readonly texts: readonly PlannedText[];
  readonly troubles: readonly Trouble[];
  /** How often of a hundred a request to or from Twilio fails. */
  readonly faultPercent: number;
  /** How often of a thousand a commit kills the process. */
  readonly crashPermille: number;
  /** How long after its restart the Gateway goes on with a run; null for never. */
  readonly recoverAfterMs: number | null;
  readonly burstWindowMs: number;
  /** When the stranger is let in; null for never. */
  readonly admittedAtMs: number | null;
  /** Of {@linkcode CHOOSER}. The last one counts, whatever comes late or again. */
  readonly choices: readonly Choice[];
  /** Of {@linkcode LOOPER}. */
  readonly loop: Loop | null;
  /** When all faults end. */
  readonly healAtMs: number;
}

/** Somebody who says STOP and START. */
export const CHOOSER = "+12025550107";
/** A machine. */
export const LOOPER = "+12025550108";
/** All tries to deliver a webhook are over after this. */
const TRIES_END_MS = 90_000;
const ASLEEP_MS_MIN = 3 * 60_000;
const ASLEEP_MS_MAX = 12 * 60_000;

/** The machine's clock is corrected by less than the bridge allows for (`LOOKUP_CLOCK_SKEW_MS`). */
const JUMP_MS_MAX = 20_000;
const TEXTS_PER_PHONE_MAX = 4;
const FILLER = "word ".repeat(30).trim();

function planOf(
  random: Random,
  token: string,
  sameReplies: boolean,
): Pick<PlannedText, "marks" | "plan"> {
  const delayMs = random.below(3) === 0 ? 0 : random.below(6_000);
  if (sameReplies) {
    const plan = { text: "same-answer", mediaUrls: [], delayMs, failure: null };
    return { marks: ["same-answer"], plan };
  }
  if (random.below(12) === 0) {
    return { marks: [], plan: { text: "at last", mediaUrls: [], delayMs, failure: 500 } };
  }
  const count = random.below(3) === 0 ? 2 + random.below(6) : 1;
  const marks = Array.from({ length: count }, (_, i) => `a${token}.${i + 1}`);
  const text = marks.map((mark) => `**${mark}** ${count > 1 ? FILLER : "fine"}`).join("\n\n");
  return { marks, plan: { text, mediaUrls: [], delayMs, failure: null } };
}

function textsOf(random: Random, phones: readonly string[], spanMs: number): PlannedText[] {
  const sameReplies = random.below(6) === 0;
  // Sometimes everybody texts at the same few instants, doubled deliveries too.
  const stepMs = random.below(4) === 0 ? 20_000 : 1;
  const instant = (mostMs: number) => Math.floor(random.below(mostMs) / stepMs) * stepMs;
  const texts = phones.flatMap((from, who) =>
    Array.from({ length: 1 + random.below(TEXTS_PER_PHONE_MAX) }, (_, i): PlannedText => {
      const token = `q${who}x${i}`;
      return {
        token,
        from,
        atMs: instant(spanMs),
        againAfterMs: random.below(6) === 0 ? instant(60_000) : null,
        webhookLost: random.below(20) === 0,
        ...planOf(random, token, sameReplies),
      };
    })
  );
  return texts.sort((a, b) => a.atMs - b.atMs);
}

function troublesOf(random: Random, spanMs: number): Trouble[] {
  const kinds = [
    "kill",
    "kill",
    "stop",
    "gateway-restart",
    "gateway-restart",
    "sockets-cut",
    "sockets-mute",
    "disk-full",
    "clock-jump",
    "asleep",
  ] as const;
  const troubles = Array.from({ length: random.below(7) }, (): Trouble => {
    const kind = kinds[random.below(kinds.length)]!;
    const atMs = random.below(spanMs);
    switch (kind) {
      case "kill":
      case "stop":
      case "gateway-restart":
        return { kind, atMs, downMs: random.below(20_000) };
      case "disk-full":
        return { kind, atMs, forMs: random.below(20_000) };
      case "clock-jump":
        return { kind, atMs, byMs: random.below(2 * JUMP_MS_MAX) - JUMP_MS_MAX };
      case "asleep": {
        const forMs = ASLEEP_MS_MIN + random.below(ASLEEP_MS_MAX - ASLEEP_MS_MIN);
        return { kind, atMs, forMs };
      }
      default:
        return { kind, atMs };
    }
  });
  // A turn that has lasted for half an hour of them is given up.
  const asleep = troubles.find(({ kind }) => kind === "asleep");
  return troubles.filter((trouble) => trouble.kind !== "asleep" || trouble === asleep);
}

function choicesOf(random: Random, isShort: boolean): Choice[] {
  const words = ["STOP", "STOP", "START", "JOIN"] as const;
  return Array.from({ length: random.below(3) === 0 ? 1 + random.below(3) : 0 }, (_, i) => ({
    atMs: 1_000 + i * TRIES_END_MS,
    word: words[random.below(words.length)]!,
    // Catch-up looks back over minutes.
    webhookLost: random.below(4) === 0 && isShort,
  }));
}

function loopOf(random: Random): Loop | null {
  if (random.below(40) > 0) return null;
  return { everyMs: 25_000 + random.below(15_000), untilMs: 80 * 60_000 };
}

/** The scenario of a seed. */
export function createScenario(seed: number): Scenario {
  const random = seededRandom(seed);
  const phones = Array.from({ length: 1 + random.below(3) }, (_, i) => `+1202555010${i + 1}`);
  const spanMs = 20_000 + random.below(100_000);
  const scenario = {
    phones,
    stranger: "+12025550199",
    texts: textsOf(random, phones, spanMs),
    troubles: troublesOf(random, spanMs),
    faultPercent: [0, 5, 15, 30][random.below(4)]!,
    crashPermille: [0, 5, 20, 60][random.below(4)]!,
    recoverAfterMs: random.below(4) === 0 ? null : 100 + random.below(8_000),
    burstWindowMs: random.below(3) === 0 ? 1_500 : 0,
  };
  const loop = loopOf(random);
  const choices = choicesOf(random, loop === null);
  const admittedAtMs = random.below(3) === 0 ? TRIES_END_MS + random.below(30_000) : null;
  const lastAtMs = Math.max(spanMs, choices.at(-1)?.atMs ?? 0, loop?.untilMs ?? 0);
  return {
    ...scenario,
    // Webhooks that are tried again have no rhythm.
    faultPercent: loop === null ? scenario.faultPercent : 0,
    choices,
    loop,
    admittedAtMs,
    healAtMs: Math.max(lastAtMs, admittedAtMs === null ? 0 : admittedAtMs + 20_000) + 30_000,
  };
}
