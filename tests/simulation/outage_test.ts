import { assertEquals } from "@std/assert";
import type { Plan } from "../../src/sim/gateway_replies.ts";
import { createWorld } from "./world.ts";

const PHONES = 100;
const TEXTS = 500;
const HOUR_MS = 3_600_000;
const phone = (who: number) => `+1202555${1100 + who}`;

function echo(message: string): Plan {
  return { text: `echo: ${message}`, mediaUrls: [], delayMs: 500, failure: null };
}

Deno.test("500 texts that came in an hour of outage are answered once each, in order", async () => {
  const world = await createWorld({
    seed: 1,
    allowFrom: Array.from({ length: PHONES }, (_, who) => phone(who)),
    burstWindowMs: 0,
    recoverAfterMs: 1_000,
    respond: echo,
  });
  const { clock, twilio, gateway } = world;
  world.boot();
  await clock.advance(120_000);
  world.kill(HOUR_MS);
  for (let i = 0; i < TEXTS; i++) {
    await clock.advance(7_000);
    twilio.inbound({ from: phone(i % PHONES), text: `text ${i}` });
  }
  await clock.advance(HOUR_MS);

  const texts = Array.from({ length: TEXTS }, (_, i) => `text ${i}`);
  // What one person wrote meanwhile is one turn and one answer, a line each.
  const asked = gateway.sessions.turns.flatMap(({ message }) => message.split("\n"));
  assertEquals(asked.toSorted(), texts.toSorted());
  const sent = twilio.account.messages.filter(({ direction }) => direction === "outbound-api");
  assertEquals(sent.length, gateway.sessions.turns.length);
  for (let who = 0; who < PHONES; who++) {
    const due = texts.filter((_, i) => i % PHONES === who);
    const got = sent.filter(({ to }) => to === phone(who)).map(({ body }) => body);
    assertEquals(got.flatMap((body) => body.replace("echo: ", "").split("\n")), due);
  }
  world.kill(HOUR_MS);
});
