import { assertEquals, assertStringIncludes } from "@std/assert";
import { COPIED_KEY } from "../../src/store/keys.ts";
import { openStore, SCHEMA_VERSION } from "../../src/store/kv.ts";
import { INBOX } from "../../src/store/inbox_row.ts";
import { ALLOWED } from "../../src/store/allowed_row.ts";
import { systemClock } from "../../src/system/clock.ts";
import { systemRandom } from "../../src/system/random.ts";
import { createWorld } from "./program.ts";

const ANN = "+12025550101";

Deno.test("queue list, show, retry and drop work on the running bridge", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  const program = await world.serve();
  world.twilio.faults.next({ kind: "status", status: 400, code: 21211 }, { times: 2 });
  await world.twilio.inbound({ from: ANN, text: "one" });
  await program.event("message.given-up");
  await world.twilio.inbound({ from: ANN, text: "two" });
  await program.event(
    "message.given-up",
    () => program.events.filter(({ event }) => event === "message.given-up").length === 2,
  );

  const listed = JSON.parse((await world.run("queue", "list", "--json")).stdout);
  assertEquals(listed.items.map((item: { queue: string }) => item.queue), ["dead", "dead"]);
  const [first, second] = listed.items as { id: string; state: string }[];
  assertEquals(first!.state, "refused");
  const table = (await world.run("queue", "list", "dead")).stdout;
  assertStringIncludes(table, "+1•••••0101");
  assertStringIncludes((await world.run("queue", "show", first!.id)).stdout, "echo: one");
  const asOpenClaw = (words: string) => world.run(...`channels dead-letters ${words}`.split(" "));
  const lettersOf = async (account: string) =>
    JSON.parse((await asOpenClaw(`list --channel sms --account ${account} --json`)).stdout).items;
  assertEquals(await lettersOf("default"), listed.items);
  assertEquals((await asOpenClaw("list --channel sms --account other")).code, 5);

  const retried = await world.run("queue", "retry", first!.id);
  assertEquals([retried.code, retried.stdout], [0, "1 item retried.\n"]);
  assertEquals((await world.twilio.nextMessage()).body, "echo: one");
  assertEquals((await world.run("queue", "drop", second!.id, "--json")).code, 0);
  const gone = await world.run("queue", "retry", second!.id, "--json");
  assertEquals([gone.code, JSON.parse(gone.stderr).code], [5, "queue-item-unknown"]);
  assertEquals((await world.run("queue", "retry")).code, 2);
  assertEquals((await asOpenClaw(`resubmit ${second!.id} --channel sms`)).code, 5);
  const added = await world.run("channels", "add", "--channel", "sms", "--json");
  assertEquals(added.code, 2);
  assertEquals((await program.end("SIGTERM")).code, 0);
  assertEquals(
    (await world.run("queue", "list")).stdout,
    "Nothing waits, nothing was given up.\n",
    "without a bridge as well",
  );
});

Deno.test("queue export and import carry what waits to another state directory", async () => {
  await using world = await createWorld();
  // From a file, wherever other worlds have theirs.
  delete world.env.SMS_BRIDGE_STORE;
  await world.run("pair", "allow", ANN);
  const program = await world.serve({ SMS_BRIDGE_GATEWAY_URL: "ws://127.0.0.1:9" });
  await world.twilio.inbound({ from: ANN, text: "waits" });
  const file = `${world.stateDir}/queue.jsonl`;
  assertEquals((await world.run("queue", "export", file)).stdout, `1 item written to ${file}.\n`);
  assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
  const again = await world.run("queue", "export", file, "--json");
  assertEquals([again.code, JSON.parse(again.stderr).code], [6, "file-exists"]);
  await program.end("SIGKILL");

  const folder = await world.run("queue", "import", world.stateDir, "--json");
  assertEquals([folder.code, JSON.parse(folder.stderr).code], [2, "file-unreadable"]);
  const absent = await world.run("queue", "import", `${file}.absent`, "--json");
  assertEquals([absent.code, JSON.parse(absent.stderr).code], [5, "file-absent"]);
  const elsewhere = `${world.stateDir}/elsewhere`;
  await Deno.mkdir(elsewhere);
  const to = ["--state-dir", elsewhere];
  assertEquals(
    (await world.run("queue", "import", file, ...to)).stdout,
    "1 item taken in.\n",
  );
  assertEquals(
    (await world.run("queue", "import", file, ...to)).stdout,
    "0 items taken in, 1 known already.\n",
  );
  await world.run("pair", "allow", ANN, ...to);
  await world.serve({ SMS_BRIDGE_STATE_DIR: elsewhere });
  assertEquals((await world.twilio.nextMessage()).body, "echo: waits");
});

Deno.test("queue import takes through the running bridge what a store holds, and names what it does not", async () => {
  await using world = await createWorld();
  const program = await world.serve();
  const createdAtMs = Date.now();
  const lineOf = (count: number) => {
    const chunk = { body: "é".repeat(1_500), segments: 10, mediaUrls: [] };
    const row = {
      ...{ id: createdAtMs * 1_000 + count, account: "default", to: ANN, kind: "sent" },
      ...{ inReplyTo: null, chunks: Array(count).fill(chunk), sids: [], begunAtMs: null },
      ...{ attempts: 0, notBeforeMs: 0, createdAtMs },
    };
    return JSON.stringify({ schema: SCHEMA_VERSION, queue: "outbox", row });
  };
  const file = `${world.stateDir}/queue.jsonl`;
  await Deno.writeTextFile(file, `${lineOf(40)}\n${lineOf(60)}\n`);
  const { code, stderr } = await world.run("queue", "import", file);
  assertEquals(code, 2, stderr);
  assertStringIncludes(stderr, ":2: Cannot take the line in as the store cannot hold it");
  assertStringIncludes(stderr, "; 1 item before it came in");
  await program.event("message.given-up");
  assertEquals((await (await fetch(`http://${program.admin}/readyz`)).json()).ok, true);
});

Deno.test("backup copies the store as it is at one moment while the bridge takes texts", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  await world.serve({ SMS_BRIDGE_GATEWAY_URL: "ws://127.0.0.1:9" });
  for (let i = 0; i < 5; i++) await world.twilio.inbound({ from: ANN, text: `before ${i}` });
  const flow = (async () => {
    for (let i = 0; i < 15; i++) await world.twilio.inbound({ from: ANN, text: `while ${i}` });
  })();
  const folder = `${world.stateDir}/copy`;
  await Deno.mkdir(folder);
  const run = await world.run("backup", `${folder}/bridge.kv`, "--json");
  assertEquals(run.code, 0, run.stderr);
  assertEquals((await Deno.stat(`${folder}/bridge.kv`)).mode! & 0o777, 0o600);
  await flow;

  const store = await openStore(folder, { clock: systemClock, random: systemRandom });
  const texts: string[] = [];
  for await (const { value } of store.list<{ text: string }>({ prefix: INBOX })) {
    // What waits for one turn may be one row.
    texts.push(...value.text.split("\n"));
  }
  let allowed = 0;
  for await (const _ of store.list({ prefix: ALLOWED })) allowed++;
  store.close();
  const sent = [
    ...Array.from({ length: 5 }, (_, i) => `before ${i}`),
    ...Array.from({ length: 15 }, (_, i) => `while ${i}`),
  ];
  assertEquals(texts, sent.slice(0, texts.length), "a beginning of what came, without holes");
  assertEquals([texts.length >= 5, allowed], [true, 1]);
});

Deno.test("a backup is one file that says it is a copy, and nothing is left beside it", async () => {
  await using world = await createWorld();
  await world.run("pair", "allow", ANN);
  const [folder, elsewhere] = [`${world.stateDir}/copies`, `${world.stateDir}/elsewhere`];
  for (const one of [folder, elsewhere]) await Deno.mkdir(one);
  const { code, stderr } = await world.run("backup", `${folder}/bridge.kv`);
  assertEquals(code, 0, stderr);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  assertEquals(names, ["bridge.kv"]);
  await Deno.copyFile(`${folder}/bridge.kv`, `${elsewhere}/bridge.kv`);
  const store = await openStore(elsewhere, { clock: systemClock, random: systemRandom });
  const copied = await store.get(COPIED_KEY);
  store.close();
  assertEquals(copied?.value, true, "or texts that were answered since are answered again");
});

Deno.test("channels dead-letters lists what was given up, as queue dead does", async () => {
  await using world = await createWorld();
  const asked = await Promise.all(
    [["queue", "dead"], ["channels", "dead-letters"], ["channels", "dead-letters", "list"]]
      .map((words) => world.run(...words, "--json")),
  );
  assertEquals(asked.map(({ code }) => code), [0, 0, 0]);
  assertEquals(new Set(asked.map(({ stdout }) => stdout)).size, 1);
});
