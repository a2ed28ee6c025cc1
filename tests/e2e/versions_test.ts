/**
 * An older bridge beside a newer one on one store: the newer is this program with one more schema.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createPair } from "./pair.ts";
import { type Program, ROOT, until } from "./program.ts";

const ANN = "+12025550101";
const BOB = "+12025550102";
const LATE_MS = 30_000;
const NO_STEP = "const MIGRATIONS: readonly Migration<Store>[] = [];";
const ONE_STEP = `const MIGRATIONS: readonly Migration<Store>[] = [
  async (store) => void await store.commit({ set: [{ key: ["migrated"], value: 1 }] }),
];`;

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** The sources of a version whose schema is one more. */
async function newerProgram(): Promise<AsyncDisposable & { readonly root: string }> {
  const root = `${await Deno.makeTempDir({ prefix: "sms-bridge-newer-" })}/`;
  for (const name of ["src", "vendor"]) await copyFolder(`${ROOT}${name}`, `${root}${name}`);
  for (const name of ["main.ts", "deno.json", "deno.lock"]) {
    await Deno.copyFile(`${ROOT}${name}`, `${root}${name}`);
  }
  const store = await Deno.readTextFile(`${root}src/store/kv.ts`);
  assert(store.includes(NO_STEP));
  await Deno.writeTextFile(`${root}src/store/kv.ts`, store.replace(NO_STEP, ONE_STEP));
  return { root, [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }) };
}

const health = async ({ admin }: Program): Promise<{ reasons: string[] }> =>
  await (await fetch(`http://${admin}/readyz`)).json();

Deno.test("a newer bridge takes the store over from older ones, which change nothing any more and are upgraded one after the other", async () => {
  await using newer = await newerProgram();
  await using pair = await createPair();
  const { twilio, gateway } = pair.world;
  await pair.run("pair", "allow", ANN);
  const answered = async (text: string) => {
    await twilio.inbound({ from: ANN, text });
    assertEquals((await twilio.nextMessage(undefined, LATE_MS)).body, `echo: ${text}`);
  };
  const one = await pair.serve("one");
  await one.event("lease.taken");
  let two = await pair.serve("two");
  await two.event("lease.standby");
  await answered("both are old");
  // The one that stands by is upgraded first, while the other answers.
  assertEquals((await two.end("SIGTERM")).code, 0);
  // A command of the newer version that finds no bridge of its own leaves the store as it is.
  for (
    const command of [["pair", "list"], ["pair", "allow", BOB], ["send", ANN, "x"], [
      "backup",
      `${pair.world.stateDir}/copy.kv`,
    ]]
  ) {
    const { code, stderr } = await pair.of(newer.root, "two", ...command);
    assertEquals(code, 3, stderr);
    assertStringIncludes(stderr, "has the form of an older version");
    assertStringIncludes(stderr, "upgrade the bridges first");
  }
  assertEquals((await pair.on("one", "pair", "allow", BOB)).code, 0);
  two = await pair.serve("two", newer.root);
  await one.event("lease.lost");
  await two.event("lease.taken");
  await answered("the newer one answers");
  // The older one takes nothing in, says why, and stands in no one's way.
  const older = { publicUrl: pair.world.env.SMS_PUBLIC_WEBHOOK_URL!, targetUrl: "" };
  twilio.connectWebhook({ ...older, targetUrl: `http://127.0.0.1:${one.port}/webhooks/sms` });
  await twilio.inbound({ from: ANN, text: "to the older" });
  await one.event("webhook.not-stored", ({ error }) => /newer version/.test(String(error)));
  assert((await health(one)).reasons.includes("store-away"));
  assertEquals((await health(two)).reasons, []);
  const refused = await pair.on("one", "pair", "revoke", ANN);
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "a newer version of the program has taken it over");
  // Started again it does not start; upgraded it does.
  assertEquals((await one.end("SIGTERM")).code, 0);
  for (const command of [["serve"], ["pair", "list"]]) {
    const { code, stderr } = await pair.on("one", ...command);
    assertEquals(code, 3);
    assertStringIncludes(stderr, "its schema must be at most");
    assertStringIncludes(stderr, "update sms-bridge");
  }
  const upgraded = await pair.serve("one", newer.root);
  await upgraded.event("lease.standby");
  await answered("both are new");
  await two.end("SIGTERM");
  await upgraded.event("lease.taken");
  await answered("the first again");
  await until(() => gateway.sessions.turns.length >= 4);
  const texts = twilio.account.messages.filter(({ to }) => to === ANN).map(({ body }) => body);
  assertEquals(new Set(texts).size, texts.length, "none is doubled");
});
