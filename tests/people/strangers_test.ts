import { assert, assertEquals } from "@std/assert";
import { createDoor } from "../../src/inbound/door.ts";
import { takeText } from "../../src/inbound/intake.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { openInboxWriter } from "../../src/store/inbox.ts";
import type { InboundMessage } from "../../src/twilio/inbound.ts";
import { createKit } from "../bridge/kit.ts";

const DAY_MS = 24 * 3_600_000;

function text(number: number): InboundMessage {
  const phone = `+1202${String(5_000_000 + number)}` as Phone;
  return {
    kind: "message",
    messageSid: `SM${String(number).padStart(32, "0")}`,
    accountSid: `AC${"0".repeat(32)}`,
    from: phone,
    sender: { kind: "phone", phone },
    to: "+12025550123",
    text: "let me in",
    media: [],
    numMedia: 0,
    optOut: undefined,
  } as unknown as InboundMessage;
}

Deno.test("100,000 texts of strangers reach no agent, cost fifteen replies a day and leave little behind", async () => {
  await using kit = await createKit();
  const { context, converser, deliverer, store, clock } = kit;
  const door = createDoor(context, deliverer, { unclear: () => null, take: () => {} });
  const parts = {
    context,
    converser,
    door,
    inbox: await openInboxWriter(store),
    wakeMessage: deliverer.wake,
  };
  const [account] = context.settings().accounts;
  const total = 100_000;
  for (let i = 0; i < total; i++) {
    assertEquals(await takeText(parts, account!, text(i)), "stranger");
    if (i % 500 === 0) await clock.advance(2 * DAY_MS / (total / 500));
  }
  await kit.rest(60_000);
  assertEquals(kit.turns, []);
  assert(kit.sent.length >= 30 && kit.sent.length <= 45, `${kit.sent.length} replies in two days`);
  let rows = 0;
  for await (const { key, value } of store.list({ prefix: [] })) {
    // That a text was delivered is known by its MessageSid, for as long as catch-up looks back.
    if (key[0] === "seen") assertEquals(value, 0);
    else rows++;
  }
  assert(rows < 250, `${rows} rows`);
  assert(!kit.logged.join("").includes("let me in"));
});
