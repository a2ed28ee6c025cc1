import { assert, assertEquals } from "@std/assert";
import { allow } from "../../src/people/pairing_book.ts";
import type { Phone } from "../../src/policy/phone.ts";
import type { Plan } from "../../src/sim/gateway_replies.ts";
import { COPIED_KEY } from "../../src/store/keys.ts";
import { seededRandom } from "../../src/system/random.ts";
import { openDisk } from "./memory_store.ts";
import { createWorld, type World } from "./world.ts";

const ANN = "+12025550101";
const BOB = "+12025550102";
const STRANGER = "+12025550199" as Phone;
const MINUTE_MS = 60_000;

function echo(message: string): Plan {
  return { text: `echo: ${message.slice(0, 40)}`, mediaUrls: [], delayMs: 500, failure: null };
}

async function running(): Promise<World> {
  const world = await createWorld({
    seed: 1,
    allowFrom: [ANN, BOB],
    burstWindowMs: 0,
    recoverAfterMs: 1_000,
    respond: echo,
  });
  world.boot();
  await world.clock.advance(2 * MINUTE_MS);
  return world;
}

async function text(world: World, from: string, body: string, optOutType?: string) {
  const extra = optOutType === undefined ? {} : { extra: [["OptOutType", optOutType] as const] };
  world.twilio.inbound({ from, text: body, ...extra });
  await world.clock.advance(10_000);
}

const asked = ({ gateway }: World) => gateway.sessions.turns.map(({ message }) => message);
const diskOf = ({ disk }: World) => openDisk(disk, () => "none", () => {});

/** What makes the bridge look into Twilio's list. */
const AWAY: Readonly<Record<string, (world: World) => Promise<void>>> = {
  "killed": async (world) => {
    world.kill(2_000);
    await world.clock.advance(5 * MINUTE_MS);
  },
  "stopped": async (world) => {
    const stopped = world.stop(2_000);
    await world.clock.advance(5 * MINUTE_MS);
    await stopped;
  },
  "asleep": async (world) => {
    world.clock.jump(world.clock.now() + 6 * MINUTE_MS);
    await world.clock.advance(5 * MINUTE_MS);
  },
};

for (const [how, away] of Object.entries(AWAY)) {
  Deno.test(`a bridge that was ${how} answers nothing again, and nobody it had refused`, async () => {
    const world = await running();
    await text(world, ANN, "one");
    await text(world, STRANGER, "hello, who is this?");
    await allow({ store: diskOf(world), ...world, random: seededRandom(1) }, "default", STRANGER);
    await text(world, STRANGER, "hello again");
    await away(world);
    assertEquals(asked(world), ["one", "hello again"]);
    world.kill(60 * MINUTE_MS);
  });

  Deno.test(`a bridge that was ${how} undoes no choice: STOP, then an own word for START`, async () => {
    const world = await running();
    await text(world, ANN, "STOP");
    await text(world, ANN, "JOIN", "START");
    await text(world, BOB, "START");
    await text(world, BOB, "Arret", "STOP");
    await away(world);
    await text(world, ANN, "hello");
    await text(world, BOB, "hello");
    assertEquals(asked(world), ["hello"]);
    world.kill(60 * MINUTE_MS);
  });
}

Deno.test("a bridge that starts from a backup answers nothing that came after it was made", async () => {
  const world = await running();
  await text(world, ANN, "one");
  world.kill(MINUTE_MS);
  world.twilio.inbound({ from: ANN, text: "answered by the other", webhookLost: true });
  await diskOf(world).commit({ set: [{ key: COPIED_KEY, value: true }] });
  await world.clock.advance(5 * MINUTE_MS);
  await text(world, ANN, "two");
  assertEquals(asked(world), ["one", "two"]);
  world.kill(60 * MINUTE_MS);
});

Deno.test("a slow loop ends, also when the bridge is killed every half an hour, and others are answered", async () => {
  const world = await running();
  const endMs = world.clock.now() + 3 * 60 * MINUTE_MS;
  let texts = 0;
  while (world.clock.now() < endMs) {
    await text(world, ANN, `thought number ${texts++}`);
    if (texts % 180 === 0) world.kill(1_000);
  }
  const turns = asked(world).length;
  // The world has no budget of an hour; that of the day for one sender is 200 segments.
  assert(turns <= 200, `${turns} turns for ${texts} texts`);
  assert(world.logged.some((line) => /conversation\.paused.*regular/.test(line)));
  await text(world, BOB, "hello");
  assertEquals(asked(world).at(-1), "hello");
  world.kill(60 * MINUTE_MS);
});
