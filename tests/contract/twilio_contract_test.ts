import { assert, assertEquals, assertMatch } from "@std/assert";
import { startFakeGateway } from "../../src/sim/gateway.ts";
import { createWorld, startProgram } from "../e2e/program.ts";
import { available, freePort, startLoop, startPrism } from "./twilio_tools.ts";

const ANN = "+12025550101";

/** What `doctor` asks besides, which this contract does not describe: the host itself, and alerts. */
const OUTSIDE = /\] get (?:\/|\/v1\/Alerts) /;

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !available, sanitizeOps: false, sanitizeResources: false, fn });
}

test("everything that the bridge asks of Twilio is as Twilio's contract has it", async () => {
  await using world = await createWorld();
  await using prism = await startPrism(world.twilio.url);
  await world.run("pair", "allow", ANN);
  world.env.SMS_BRIDGE_TWILIO_API_URL = prism.url;
  const media = ["--media", "https://example.invalid/a.png"];
  const alone = await world.run("send", ANN, "on my own", ...media, "--wait");
  assertEquals(alone.code, 0, alone.stderr);
  await world.twilio.nextMessage();
  const program = await world.serve({
    SMS_BRIDGE_MAX_PRICE_USD: "0.5",
    SMS_BRIDGE_VALIDITY_PERIOD_SEC: "3600",
    SMS_TEXT_CHUNK_LIMIT: "320",
  });
  await world.twilio.inbound({ from: ANN, text: "[[long:9]]" });
  assertMatch((await world.twilio.nextMessage()).body, /^\(1\/\d\)/);
  world.twilio.faults.next({ kind: "reset-after" });
  await program.event("text.finished");
  await world.twilio.inbound({ from: ANN, text: "hello" });
  await world.twilio.nextMessage(({ body }) => body === "echo: hello", 60_000);
  const through = await world.run("send", ANN, "through the bridge", "--wait");
  assertEquals(through.code, 0, through.stderr);
  await world.run("doctor");
  const sent = world.twilio.messages.filter(({ direction }) => direction !== "inbound");
  assertEquals(new Set(sent.map(({ body }) => body)).size, sent.length, "nothing was sent twice");
  const wrong = prism.output().split("\n").filter((line) =>
    /violation|UNPROCESSABLE|NO_PATH_MATCHED/i.test(line) && !OUTSIDE.test(line)
  );
  assertEquals(wrong, []);
});

interface LoopLog {
  readonly log: readonly { readonly kind: string; readonly token?: string }[];
  readonly messages: readonly {
    readonly sid: string;
    readonly body: string;
    readonly to: string;
  }[];
}

interface LoopDelivery {
  readonly ok: boolean;
  readonly token: string;
  readonly attempts: readonly { readonly status?: number; readonly failure?: string }[];
}

test("the bridge gets along with a Twilio that somebody else wrote", async (): Promise<void> => {
  await using loop = await startLoop();
  const stateDir = await Deno.makeTempDir({ prefix: "sms-bridge-loop-" });
  const gateway = startFakeGateway({ token: "t" });
  const port = freePort();
  const url = `http://127.0.0.1:${port}/webhooks/sms#rc=2&rp=all&rt=1500`;
  const accountSid = `AC${"0".repeat(32)}`;
  await loop.ask("config", {
    webhookUrl: url,
    outOfOrder: true,
    duplicateStatus: true,
    optedOut: ["+12025550109"],
  });
  const program = await startProgram({
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKEN: "test_auth_token",
    TWILIO_PHONE_NUMBER: "+12025550123",
    SMS_PUBLIC_WEBHOOK_URL: url,
    SMS_BRIDGE_DM_POLICY: "open",
    SMS_ALLOWED_USERS: "*",
    SMS_BRIDGE_GATEWAY_URL: gateway.url,
    SMS_BRIDGE_GATEWAY_TOKEN: "t",
    SMS_BRIDGE_LISTEN: `127.0.0.1:${port}`,
    SMS_BRIDGE_ADMIN_LISTEN: "off",
    SMS_BRIDGE_BURST_WINDOW_MS: "0",
    SMS_BRIDGE_MESSAGES_PER_SECOND: "100",
    SMS_BRIDGE_STATE_DIR: stateDir,
    SMS_BRIDGE_TWILIO_API_URL: loop.url,
  });
  const text = (from: string, body: string): Promise<LoopDelivery> =>
    loop.ask("inbound", { from, body });
  const bodies = async (to: string) =>
    ((await loop.ask("log")) as LoopLog).messages.filter((one) => one.to === to).map((one) =>
      one.body
    );
  const until = async (to: string, wanted: readonly string[]) => {
    for (let tries = 0; tries < 300; tries++) {
      if ((await bodies(to)).length >= wanted.length) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assertEquals(await bodies(to), wanted);
  };
  try {
    assertEquals((await text(ANN, "one")).attempts.map(({ status }) => status), [200]);
    await until(ANN, ["echo: one"]);
    const reports = () => program.events.filter(({ event }) => event === "message.reported").length;
    while (reports() < 3) await program.event("message.reported", () => reports() >= 3);

    await loop.ask("fault", { match: "send", status: 429 });
    await text(ANN, "two");
    await until(ANN, ["echo: one", "echo: two"]);

    await loop.ask("fault", { match: "send", drop: true, afterAccept: true });
    await text(ANN, "three");
    await program.event("message.looked-up", ({ found }) => found === "found");
    await until(ANN, ["echo: one", "echo: two", "echo: three"]);

    await text("+12025550109", "hello");
    await program.event("message.given-up", ({ detail }) => String(detail).includes("21610"));

    Deno.kill(program.pid, "SIGSTOP");
    const slow = text(ANN, "four");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    Deno.kill(program.pid, "SIGCONT");
    const { ok, attempts } = await slow;
    assert(ok && attempts.length > 1, JSON.stringify(attempts));
    await until(ANN, ["echo: one", "echo: two", "echo: three", "echo: four"]);
  } finally {
    await program.end("SIGTERM");
    await gateway.close();
    await Deno.remove(stateDir, { recursive: true });
  }
});
