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
  | { readonly kind: "clock-jump"; readonly atMs: number; readonly byMs: number };

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
  /** When all faults end. */
  readonly healAtMs: number;
}

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
  ] as const;
  return Array.from({ length: random.below(7) }, () => {
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
      default:
        return { kind, atMs };
    }
  });
}

/** The scenario of a seed. */
export function createScenario(seed: number): Scenario {
  const random = seededRandom(seed);
  const phones = Array.from({ length: 1 + random.below(3) }, (_, i) => `+1202555010${i + 1}`);
  const spanMs = 20_000 + random.below(100_000);
  return {
    phones,
    stranger: "+12025550199",
    texts: textsOf(random, phones, spanMs),
    troubles: troublesOf(random, spanMs),
    faultPercent: [0, 5, 15, 30][random.below(4)]!,
    crashPermille: [0, 5, 20, 60][random.below(4)]!,
    recoverAfterMs: random.below(4) === 0 ? null : 100 + random.below(8_000),
    burstWindowMs: random.below(3) === 0 ? 1_500 : 0,
    healAtMs: spanMs + 30_000,
  };
}
