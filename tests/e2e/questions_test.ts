import { assert, assertEquals, assertMatch } from "@std/assert";
import { createWorld, type World } from "./program.ts";

const OWNER = "+12025550100";
const ANN = "+12025550101";
const EXEC = '[[tool:tool_call {"id":"exec","args":{"command":"echo *it-ran*"}}]]';

function askUser(...questions: Record<string, unknown>[]): string {
  return `[[tool:tool_call ${JSON.stringify({ id: "ask_user", args: { questions } })}]]`;
}

const COLOR = {
  id: "color",
  header: "Color",
  question: "Which color?",
  options: [{ label: "Red" }, { label: "Blue" }],
};

/** The bridge with an owner who is asked, and Ann. */
async function asking(more: Record<string, string> = { SMS_BRIDGE_OWNERS: OWNER }) {
  const world = await createWorld();
  await world.run("pair", "allow", ANN);
  await world.run("pair", "allow", OWNER);
  const program = await world.serve({ SMS_BRIDGE_OWNER_QUESTIONS: "on", ...more });
  await program.event("gateway.ready");
  while (world.gateway.connections < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  return { world, program };
}

/** The next text to this number. */
async function textTo({ twilio }: World, phone: string): Promise<string> {
  return (await twilio.nextMessage(({ to }) => to === phone, 20_000)).body;
}

function wordIn(text: string): string {
  return text.match(/\b(?=[A-Z2-9]*\d)[A-Z2-9]{8}\b/)?.[0] ?? "";
}

Deno.test("an owner allows a command with the word of the SMS and yes, once", async () => {
  const { world, program } = await asking();
  await using _ = world;
  const { twilio } = world;
  await twilio.inbound({ from: ANN, text: EXEC });
  const asked = await textTo(world, OWNER);
  assertMatch(asked, /wants to run a command, in a turn of the number that ends in 0101/);
  assert(asked.includes("\necho *it-ran*\n"), "as it is, not as Markdown");
  const word = wordIn(asked);
  await twilio.inbound({ from: OWNER, text: `${word.toLowerCase()} Yes` });
  assertEquals(
    [await textTo(world, OWNER), await textTo(world, ANN)].sort(),
    ["Allowed: it runs now.", "tool said: it-ran"],
  );
  await twilio.inbound({ from: OWNER, text: `${word} yes` });
  assertMatch(await textTo(world, OWNER), /has been used/);
  assertEquals(world.gateway.sessions.turns.length, 1);
  const logged = JSON.stringify(program.events);
  assert(!logged.includes(word) && !logged.includes("it-ran"));
});

Deno.test("an owner refuses a command; what is unclear spends no word, and is asked about once more", async () => {
  const { world } = await asking();
  await using _ = world;
  const { twilio } = world;
  await twilio.inbound({ from: OWNER, text: EXEC });
  const asked = await textTo(world, OWNER);
  assertMatch(asked, /in a turn of yours/);
  const word = wordIn(asked);
  await twilio.inbound({ from: OWNER, text: `${word} maybe` });
  assertMatch(await textTo(world, OWNER), /neither yes nor no/);
  await twilio.inbound({ from: OWNER, text: `${word} no` });
  const told = [await textTo(world, OWNER), await textTo(world, OWNER)];
  assertEquals(told.sort(), ["Refused: it is not run.", "tool said: exec denied: user-denied"]);
});

Deno.test("no word, a guessed one, and the right one from another number answer nothing", async () => {
  const { world, program } = await asking();
  await using _ = world;
  const { gateway, twilio } = world;
  await twilio.inbound({ from: ANN, text: EXEC });
  const word = wordIn(await textTo(world, OWNER));
  await twilio.inbound({ from: ANN, text: `${word} yes` });
  const guessed = (word[0] === "Z" ? "Y" : "Z") + word.slice(1, 7) + "9";
  for (let i = 0; i < 3; i++) {
    await twilio.inbound({ from: OWNER, text: `${guessed} yes` });
  }
  await program.event("owner.word-wrong");
  // Three wrong ones end the right one.
  await twilio.inbound({ from: OWNER, text: `${word} yes` });
  await twilio.inbound({ from: OWNER, text: "[[say:hello owner]]" });
  await twilio.nextMessage(({ body }) => body === "hello owner", 20_000);
  assertEquals(gateway.requests.filter((method) => method === "exec.approval.resolve"), []);
});

Deno.test("what the agent asks the person is answered by a number, a label or other words", async () => {
  const { world } = await asking();
  await using _ = world;
  const { twilio } = world;
  const several = {
    ...COLOR,
    id: "sizes",
    header: "Sizes",
    question: "Which sizes?",
    multiSelect: true,
  };
  for (
    const [questions, answer, told] of [
      [[COLOR], "2", "Color: Blue"],
      [[COLOR], "red", "Color: Red"],
      [[COLOR], "something greener", "Color: something greener"],
      [[several], "1, 2", "Sizes: Red, Blue"],
      [[COLOR, several], "1; 2", "Color: Red\nSizes: Blue"],
    ] as const
  ) {
    await twilio.inbound({ from: OWNER, text: askUser(...questions) });
    const asked = await textTo(world, OWNER);
    assertMatch(asked, /asks, in a turn of yours:\n+Which (?:color|sizes)\?/);
    await twilio.inbound({ from: OWNER, text: `${wordIn(asked)} ${answer}` });
    assertEquals(await textTo(world, OWNER), `tool said: ${told}`);
  }
});

Deno.test("where no owner can be asked the agent is refused at once; so is what must not be texted", async (t) => {
  const secret = askUser({ ...COLOR, isSecret: true });
  const long = EXEC.replace("*it-ran*", "x".repeat(300));
  for (
    const [name, more, text, told] of [
      ["no owner", {}, EXEC, /exec denied/],
      ["no owner, a question", {}, askUser(COLOR), /cancelled/],
      ["a secret", { SMS_BRIDGE_OWNERS: OWNER }, secret, /cancelled/],
      ["a command too long to be shown", { SMS_BRIDGE_OWNERS: OWNER }, long, /exec denied/],
    ] as const
  ) {
    await t.step(name, async () => {
      const { world, program } = await asking(more);
      await using _ = world;
      await world.twilio.inbound({ from: ANN, text });
      assertMatch(await textTo(world, ANN), told);
      await program.event("question.refused");
      assertEquals(world.twilio.messages.filter(({ to }) => to === OWNER), []);
    });
  }
});

Deno.test("what other channels and clients ask is left to them", async () => {
  const { world } = await asking();
  await using _ = world;
  const { gateway, twilio } = world;
  for (const turnSourceChannel of ["telegram", "webchat", "sms", null]) {
    const request = { command: "ls", runId: crypto.randomUUID(), turnSourceChannel };
    const id = crypto.randomUUID();
    gateway.emit("exec.approval.requested", { id, request, createdAtMs: 1, expiresAtMs: 90_000 });
  }
  await twilio.inbound({ from: ANN, text: "[[say:hello]]" });
  assertEquals(await textTo(world, ANN), "hello");
  assertEquals(gateway.requests.filter((method) => method === "exec.approval.resolve"), []);
  assertEquals(twilio.messages.filter(({ to }) => to === OWNER), []);
});

Deno.test("without the setting the tool fails at once, and nobody is asked", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  await world.serve({ SMS_BRIDGE_OWNERS: OWNER });
  await world.twilio.inbound({ from: ANN, text: EXEC });
  assertMatch(await textTo(world, ANN), /missing scope: operator\.approvals/);
});

Deno.test("what waited while the bridge was away is asked when it is back, once", async () => {
  const { world, program } = await asking();
  await using _ = world;
  const { gateway, twilio } = world;
  await twilio.inbound({ from: ANN, text: EXEC });
  const first = await textTo(world, OWNER);
  await program.end("SIGKILL");
  await world.serve({ SMS_BRIDGE_OWNER_QUESTIONS: "on", SMS_BRIDGE_OWNERS: OWNER });
  while (gateway.connections < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  await twilio.inbound({ from: OWNER, text: `${wordIn(first)} yes` });
  const told = [await textTo(world, OWNER), await textTo(world, ANN)];
  assertEquals(told.sort(), ["Allowed: it runs now.", "tool said: it-ran"]);
  assertEquals(twilio.messages.filter(({ body }) => body.includes("wants to run")).length, 1);
});
