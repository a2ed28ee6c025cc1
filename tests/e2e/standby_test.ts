/**
 * What an operator, a script and the agent ask of a bridge that stands by.
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createPair, type Pair } from "./pair.ts";
import { type Program, until } from "./program.ts";

const ANN = "+12025550101";
const BOB = "+12025550102";
const CAT = "+12025550103";
const LATE_MS = 30_000;
const REFUSED = { kind: "status", status: 400, code: 21211 } as const;

async function standby(pair: Pair): Promise<{ holder: Program; other: Program }> {
  const holder = await pair.serve("one");
  await holder.event("lease.taken");
  const other = await pair.serve("two");
  await other.event("lease.standby");
  return { holder, other };
}

/** Runs a command on the bridge that stands by, and expects it to succeed. */
async function asked(pair: Pair, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await pair.on("two", ...args);
  assertEquals(code, 0, `${args.join(" ")}\n${stderr}${stdout}`);
  return stdout;
}

/** The last message that a number got. */
async function told({ world: { twilio } }: Pair, number: string): Promise<string> {
  for (;;) {
    const { to, body } = await twilio.nextMessage(undefined, LATE_MS);
    if (to === number) return body;
  }
}

Deno.test("pairing, people and sending work on a bridge that stands by", async () => {
  await using pair = await createPair();
  const { holder } = await standby(pair);
  const { twilio, gateway } = pair.world;
  await twilio.inbound({ from: ANN, text: "hello" });
  const code = (await told(pair, ANN)).match(/approve ([A-Z2-9]{8})/)![1]!;
  assertStringIncludes(await asked(pair, "pair", "list"), code);
  assertStringIncludes(await asked(pair, "pair", "approve", code, "--notify"), "told by SMS");
  assertStringIncludes(await told(pair, ANN), "let in");
  await twilio.inbound({ from: ANN, text: "hi" });
  assertEquals(await told(pair, ANN), "echo: hi");
  assertMatch(await asked(pair, "send", ANN, "from here", "--wait"), /^Delivered/);
  assertEquals(await told(pair, ANN), "from here");
  await asked(pair, "pair", "name", ANN, "Ann");
  assertMatch(await asked(pair, "people"), /0101 +Ann +let in/);
  const { messages } = JSON.parse(await asked(pair, "messages", "--json"));
  assertEquals(messages.length, 4 + 1);
  assertMatch(await asked(pair, "spend"), /Total +0\.0/);
  assertMatch(await asked(pair, "webhook", "simulate", "--from", ANN, "--text", "x"), /answered/);
  await asked(pair, "pair", "block", BOB);
  const before = gateway.sessions.turns.length;
  await twilio.inbound({ from: BOB, text: "blocked" });
  await twilio.inbound({ from: ANN, text: "last" });
  await until(() => gateway.sessions.turns.length > before);
  assertEquals(twilio.messages.filter(({ to }) => to === BOB), []);
  assert(!holder.events.some(({ event }) => event === "lease.lost"));
  const tool = await gateway.nodes.call({ to: ANN, text: "by the tool" });
  assert(tool.ok);
  assertEquals(gateway.nodes.tools, ["sms_send"], "one of the two offers it");
});

Deno.test("the queues are seen and changed on a bridge that stands by", async () => {
  await using pair = await createPair();
  await pair.run("pair", "allow", ANN);
  const { holder } = await standby(pair);
  const { twilio, gateway, stateDir } = pair.world;
  twilio.faults.next(REFUSED, { times: 2 });
  const givenUp = () => holder.events.filter(({ event }) => event === "message.given-up");
  // One after the other, or they could become one turn.
  for (const [before, text] of ["one", "two"].entries()) {
    await twilio.inbound({ from: ANN, text });
    await until(() => givenUp().length > before);
  }
  const listed = async () => JSON.parse(await asked(pair, "queue", "list", "--json")).items;
  const [first, second] = await listed();
  const file = `${stateDir}/queue.jsonl`;
  await asked(pair, "queue", "export", file);
  await asked(pair, "queue", "retry", first.id);
  assertMatch(await told(pair, ANN), /^echo: (one|two)$/);
  await asked(pair, "queue", "drop", second.id);
  assertEquals(await listed(), []);
  await asked(pair, "queue", "import", file);
  assertEquals((await listed()).length, 2);
  await asked(pair, "queue", "drop", first.id);
  await asked(pair, "queue", "drop", second.id);
  const backup = JSON.parse(await asked(pair, "backup", `${stateDir}/backup.kv`, "--json"));
  assert(backup.rows > 5);
  // A text that the holder has in hand, and that is dropped over the other, begins no turn.
  const turns = gateway.sessions.turns.length;
  const back = gateway.restart(6_000);
  await twilio.inbound({ from: ANN, text: "dropped" });
  await until(() => holder.events.some(({ event }) => event === "gateway.lost"));
  const [waiting] = await listed();
  assertEquals([waiting?.queue, waiting?.state], ["inbox", "waiting"]);
  assertMatch(await asked(pair, "status"), /Inbox +1 waiting/);
  await asked(pair, "queue", "drop", waiting.id);
  await back;
  await twilio.inbound({ from: ANN, text: "kept" });
  assertEquals(await told(pair, ANN), "echo: kept");
  assertEquals(gateway.sessions.turns.length, turns + 1);
});

Deno.test("the page's buttons work on a bridge that stands by", async () => {
  await using pair = await createPair();
  await pair.run("pair", "allow", ANN);
  const { holder } = await standby(pair);
  const { twilio } = pair.world;
  const url = (await asked(pair, "admin", "url")).split("\n")[0]!;
  const { origin } = new URL(url);
  const entered = await fetch(url, { redirect: "manual" });
  await entered.body?.cancel();
  const cookie = entered.headers.get("set-cookie")!.split(";")[0]!;
  const room = async (path: string) =>
    await (await fetch(origin + path, { headers: { cookie } })).text();
  async function press(path: string, form: Record<string, string>): Promise<void> {
    const csrf = (await room("/people")).match(/name="csrf" value="([^"]+)"/)![1]!;
    const answer = await fetch(origin + path, {
      method: "POST",
      headers: { cookie, origin },
      body: new URLSearchParams({ csrf, ...form }),
      redirect: "manual",
    });
    await answer.body?.cancel();
    assertEquals(answer.status, 303, path);
  }
  await twilio.inbound({ from: CAT, text: "hello" });
  const code = (await told(pair, CAT)).match(/approve ([A-Z2-9]{8})/)![1]!;
  assertStringIncludes(await room("/people"), code);
  await press("/pairings/approve", { code, account: "default", tell: "yes", name: "Cat" });
  assertStringIncludes(await told(pair, CAT), "let in");
  twilio.faults.next(REFUSED);
  await twilio.inbound({ from: ANN, text: "again" });
  await holder.event("message.given-up");
  const item = (await room("/queues")).match(/name="item" value="(\d+)"/)![1]!;
  await press("/queues/retry", { item });
  assertEquals(await told(pair, ANN), "echo: again");
});
