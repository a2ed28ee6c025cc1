/**
 * What the fake Gateway's agent says in the demo.
 *
 * @module
 */
import { type Plan, planReply } from "./gateway_replies.ts";

const PLAN = `## Saturday, by train

Here is a plan that leaves room for **coffee**:

1. **09:12** – train to the coast, platform 4
2. **10:40** – walk along the cliffs (_7 km_, flat)
3. **13:00** – lunch at the [Harbour Kitchen](https://example.com/harbour-kitchen)
4. **16:25** – train back; the next one goes at 17:25

| Leg | Price |
| --- | --- |
| There | $11.40 |
| Back | $11.40 |
| Lunch | about $20 |

The weather should hold: *17 degrees, light wind from the west*. If it rains after all, the small museum
beside the station is open until five and costs nothing.

\`\`\`
tickets: code QX7-4412
seats:   12A, 12B
\`\`\`

> Shall I book the seats? They can be changed free of charge until Friday evening.

I have put everything into your calendar, with the tickets attached to the first entry and a reminder
an hour before the train leaves. Text me "later" on the way and I will look for the next train back.`;

const ANSWERS: readonly (readonly [RegExp, string])[] = [
  [
    /\b(hi|hello|hey)\b/i,
    "Hello! I am your assistant, by SMS. Ask me for *a plan for Saturday*, for example.",
  ],
  [/what can you do|help/i, "I answer texts. Try **plan**, or write anything: I say it back."],
  [/\bplan\b|saturday/i, PLAN],
  [/thank/i, "You're welcome!"],
];

/** Answers a few questions as an agent would, and says back whatever else is said. */
export function demoReply(message: string): Plan {
  const found = ANSWERS.find(([asked]) => asked.test(message));
  return found === undefined
    ? planReply(message)
    : { text: found[1], mediaUrls: [], delayMs: 150, failure: null };
}
