import { assertEquals } from "@std/assert";
import { listConversations } from "../../src/operations/conversations.ts";
import { listMessages } from "../../src/operations/message_view.ts";
import { readPeople } from "../../src/operations/people_view.ts";
import { readSpend } from "../../src/operations/spend.ts";
import { readStatus } from "../../src/operations/status.ts";
import { keepReport } from "../../src/outbound/reports.ts";
import { setBlocked } from "../../src/people/blocked.ts";
import { setName } from "../../src/people/names.ts";
import { allow, revoke } from "../../src/people/pairing_book.ts";
import type { Phone } from "../../src/policy/phone.ts";
import type { Store } from "../../src/store/kv.ts";
import { seededRandom } from "../../src/system/random.ts";
import { accepted, createKit, type Kit } from "../bridge/kit.ts";

const PEOPLE = ["+12025550101", "+12025550102", "+4915112345678", "+18765550104"] as Phone[];
const HOUR_MS = 3_600_000;
const MONTH_MS = Date.UTC(2026, 0);
const sid = (count: number) => (accepted(count) as { sid: string }).sid;

/** All that the page and the commands show of people, conversations and money. */
async function shown({ context, clock }: Kit, store: Store) {
  const nowMs = clock.now();
  const { settings } = context;
  const people = await readPeople({ store, clock, settings });
  const talks = PEOPLE.map((number) => listMessages(store, { number, limit: 20 }));
  const spenders = await readSpend(store, { by: "person", sinceMs: MONTH_MS, nowMs });
  const byName = <T extends { phone?: string; name?: string | null }>(rows: readonly T[]) =>
    rows.toSorted((a, b) => `${a.phone ?? a.name}` < `${b.phone ?? b.name}` ? -1 : 1);
  return {
    people: byName(people),
    spenders: byName(spenders.rows),
    conversations: byName(await listConversations(store, nowMs, 1_000)),
    messages: await Promise.all(talks),
    accounts: (await readStatus({ store, clock, settings })).accounts,
  };
}

Deno.test("What is shown from memory is what the rows on disk say, whatever happens in between", async () => {
  for (let seed = 1; seed <= 4; seed++) {
    const { fraction } = seededRandom(seed);
    const upTo = (n: number) => Math.floor(fraction() * n);
    await using kit = await createKit({ turn: () => upTo(6) > 0 ? reply() : failed() });
    const { context, store } = kit;
    for (const one of PEOPLE) await allow(context, "default", one);
    for (let step = 0; step < 40; step++) {
      const one = PEOPLE[upTo(PEOPLE.length)]!;
      const steps = [
        () => kit.take("hello", { from: one }),
        () => kit.take("stop", { from: one }),
        () => setName(context, "default", one, `Person ${step}`),
        () => setBlocked(context, "default", one, upTo(2) === 0),
        () => upTo(2) === 0 ? revoke(context, one, "default") : allow(context, "default", one),
        () => {
          const price = `${(fraction() / 50).toFixed(5)} USD`;
          const sent = sid(1 + upTo(Math.max(1, kit.sent.length)));
          return keepReport(context, sent, { status: "delivered", errorCode: null }, { price });
        },
      ];
      await steps[upTo(3) > 0 ? 0 : upTo(steps.length)]!();
      await kit.rest(upTo(4) * HOUR_MS);
      assertEquals(
        await shown(kit, context.store),
        await shown(kit, store),
        `seed ${seed}, step ${step}`,
      );
    }
  }
});

const reply = () => ({ kind: "reply", payloads: [{ text: "yes", mediaUrls: [] }] }) as const;
const failed = () => ({ kind: "uncertain", reason: "who knows" }) as const;
