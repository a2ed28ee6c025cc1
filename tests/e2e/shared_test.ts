/**
 * Two bridges on one store: the real program twice, on a real `denokv` where it is installed, else on the
 * engine of the tests.
 */
import { assert, assertEquals } from "@std/assert";
import { startFakeEngine } from "../store/connect/fake_engine.ts";
import { denokvProgram, startDenokv } from "../store/connect/real_engine.ts";
import { createPair } from "./pair.ts";
import { createWorld, type Program, until, type World } from "./program.ts";

const ANN = "+12025550101";
const PATH = "/webhooks/sms";
/** A lease must run out first. */
const LATE_MS = 60_000;
const denokv = denokvProgram();

/** Has Twilio call this bridge from now on. */
function route({ twilio }: World, { port }: Program): void {
  twilio.connectWebhook({
    publicUrl: "https://sms.example.com/webhooks/sms",
    targetUrl: `http://127.0.0.1:${port}${PATH}`,
  });
}

async function answered({ twilio }: World, text: string): Promise<void> {
  await twilio.inbound({ from: ANN, text });
  assertEquals((await twilio.nextMessage()).body, `echo: ${text}`);
}

const holdersOf = (programs: readonly Program[]) =>
  programs.filter(({ events }) => events.some(({ event }) => event === "lease.taken"));

Deno.test({
  name: "two bridges on one store take texts both, and one of them answers each once",
  async fn() {
    await using pair = await createPair();
    const { world } = pair;
    await pair.run("pair", "allow", ANN);
    const first = await pair.serve("one");
    await first.event("lease.taken");
    const second = await pair.serve("two");
    await second.event("lease.standby");
    for (const asked of ["one", "two"]) {
      const { bridges } = JSON.parse((await pair.on(asked, "status", "--json")).stdout);
      const seen = bridges.map(({ self, there, answers }: Record<string, boolean>) => ({
        self,
        there,
        answers,
      }));
      // One that has just come is seen at the next beat.
      const second = { self: asked === "two", there: true, answers: false };
      assertEquals(seen.slice(0, 1), [{ self: asked === "one", there: true, answers: true }]);
      if (asked === "two" || seen.length > 1) assertEquals(seen.slice(1), [second]);
    }
    await answered(world, "to the second");
    route(world, first);
    await answered(world, "to the first");
    // Twilio's second try reaches the other one.
    const messageSid = `SM${"a".repeat(32)}`;
    await world.twilio.inbound({ from: ANN, text: "once", messageSid });
    route(world, second);
    await world.twilio.inbound({ from: ANN, text: "once", messageSid });
    assertEquals((await world.twilio.nextMessage()).body, "echo: once");
    await answered(world, "last");
    assertEquals(holdersOf([first, second]).length, 1);
    assertEquals(world.gateway.sessions.turns.length, 4);
  },
});

Deno.test({
  name: "a bridge takes over at once from one that stops, and from one that was killed",
  async fn() {
    await using pair = await createPair();
    const { world } = pair;
    await pair.run("pair", "allow", ANN);
    const first = await pair.serve("one");
    await first.event("lease.taken");
    const second = await pair.serve("two");
    await first.end("SIGTERM");
    await second.event("lease.taken");
    await answered(world, "after the stop");
    const third = await pair.serve("three");
    await second.end("SIGKILL");
    await world.twilio.inbound({ from: ANN, text: "after the kill" });
    assertEquals((await world.twilio.nextMessage(undefined, LATE_MS)).body, "echo: after the kill");
    await third.event("lease.taken");
  },
});

Deno.test({
  name: "a holder that was stopped for longer than its lease does nothing when it wakes up",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using pair = await createPair();
    const { world } = pair;
    await pair.run("pair", "allow", ANN);
    const first = await pair.serve("one");
    await first.event("lease.taken");
    const second = await pair.serve("two");
    Deno.kill(first.pid, "SIGSTOP");
    await world.twilio.inbound({ from: ANN, text: "while it sleeps" });
    assertEquals(
      (await world.twilio.nextMessage(undefined, LATE_MS)).body,
      "echo: while it sleeps",
    );
    Deno.kill(first.pid, "SIGCONT");
    await first.event("lease.lost");
    await answered(world, "and after");
    assertEquals(holdersOf([second]).length, 1);
    assertEquals(world.twilio.account.messages.filter(({ to }) => to === ANN).length, 2);
  },
});

Deno.test({
  name:
    "a bridge whose store is away answers 503, tells why it is not ready, and is back with the store",
  async fn() {
    await using world = await createWorld();
    await using engine = startFakeEngine();
    Object.assign(world.env, {
      SMS_BRIDGE_STORE: engine.url,
      SMS_BRIDGE_STORE_TOKEN: engine.token,
    });
    await world.run("pair", "allow", ANN);
    const program = await world.serve();
    await program.event("lease.taken");
    await answered(world, "before");
    engine.fate = () => "broken";
    await world.twilio.inbound({ from: ANN, text: "lost" });
    await program.event("webhook.not-stored");
    await until(() => program.events.some(({ event }) => event === "lease.lost"));
    const health = await (await fetch(`http://${program.admin}/readyz`)).json();
    assert(health.reasons.includes("store-away"), JSON.stringify(health));
    const asked = await world.run("status");
    assertEquals([asked.code, asked.stderr.split("\n")[0]], [
      1,
      "error: Cannot use the store: it answered with 500",
    ]);
    engine.fate = () => "fine";
    await answered(world, "after");
    const well = await (await fetch(`http://${program.admin}/readyz`)).json();
    assertEquals(well.reasons.filter((one: string) => one.startsWith("store")), []);
  },
});

Deno.test({
  name: "`store move` carries all over into an engine and back, and leaves the old store as it was",
  async fn() {
    await using world = await createWorld();
    // From a file, wherever other worlds have theirs.
    delete world.env.SMS_BRIDGE_STORE;
    await using engine = denokv === null ? startFakeEngine() : await startDenokv(denokv);
    const allowed = async () => (await world.run("pair", "allowed", "--full", "--json")).stdout;
    await world.run("pair", "allow", ANN);
    const program = await world.serve();
    await answered(world, "before the move");
    world.env.SMS_BRIDGE_STORE_TOKEN = engine.token;
    const refused = await world.run("store", "move", "--to", engine.url);
    assertEquals([refused.code, /while a bridge runs/.test(refused.stderr)], [6, true]);
    await program.end("SIGTERM");
    const before = await allowed();
    const moved = await world.run("store", "move", "--to", engine.url, "--json");
    assertEquals(moved.stderr, "");
    const { rows, counts } = JSON.parse(moved.stdout);
    assert(rows > 4 && counts.allowed === 1 && counts.history === 2, moved.stdout);
    assertEquals(await allowed(), before);
    const again = await world.run("store", "move", "--to", engine.url);
    assertEquals([again.code, /another one is in that place/.test(again.stderr)], [6, true]);
    world.env.SMS_BRIDGE_STORE = engine.url;
    assertEquals(await allowed(), before);
    const file = `${world.stateDir}/back.kv`;
    const back = await world.run("store", "move", "--to", file, "--json");
    assertEquals(JSON.parse(back.stdout).counts, counts);
    const backup = await world.run("backup", `${world.stateDir}/backup.kv`, "--json");
    assertEquals(JSON.parse(backup.stdout).rows, rows);
    delete world.env.SMS_BRIDGE_STORE;
    await Deno.mkdir(`${world.stateDir}/restored`, { mode: 0o700 });
    await Deno.rename(file, `${world.stateDir}/restored/bridge.kv`);
    world.env.SMS_BRIDGE_STATE_DIR = `${world.stateDir}/restored`;
    assertEquals(await allowed(), before);
  },
});
