import { assert, assertEquals, assertRejects } from "@std/assert";
import { createSimClock } from "../../src/sim/clock.ts";
import { type FakeTwilio, type FakeTwilioOptions, startFakeTwilio } from "../../src/sim/twilio.ts";
import { systemClock } from "../../src/system/clock.ts";
import { seededRandom } from "../../src/system/random.ts";
import { type FormPair, parseForm } from "../../src/twilio/form.ts";
import { createTwilio, type SendOutcome } from "../../src/twilio/rest.ts";
import { verifySignature } from "../../src/twilio/signature.ts";

const PUBLIC_URL = "https://sms.example.com/webhooks/sms";
const FROM = "+12025550123";
const PERSON = "+14155550100";

/** One request that reached our webhook. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly signed: boolean;
  readonly token: string | null;
  readonly pairs: readonly FormPair[];
}

/** A webhook that answers with the given statuses, then with 200, and notes what it saw. */
function startWebhook(fake: () => FakeTwilio, statuses: number[] = []) {
  const seen: Seen[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const url = new URL(request.url);
      const pairs = parseForm(await request.text());
      const verdict = verifySignature({
        authTokens: [fake().authToken],
        signature: request.headers.get("x-twilio-signature"),
        publicUrl: PUBLIC_URL,
        content: { kind: "form", pairs },
      });
      seen.push({
        method: request.method,
        path: url.pathname,
        signed: verdict.kind === "valid",
        token: request.headers.get("i-twilio-idempotency-token"),
        pairs,
      });
      return request.method === "GET"
        ? new Response("GIF89a", { headers: { "content-type": "image/gif" } })
        : new Response("<Response/>", {
          status: statuses.shift() ?? 200,
          headers: { "content-type": "text/xml" },
        });
    },
  );
  const targetUrl = `http://127.0.0.1:${server.addr.port}/webhooks/sms`;
  return { seen, targetUrl, close: () => server.shutdown() };
}

function valueOf(seen: Seen | undefined, name: string): string | undefined {
  return seen?.pairs.find(([key]) => key === name)?.[1];
}

function send(
  fake: FakeTwilio,
  changes: { body?: string; to?: string; mediaUrls?: string[] } = {},
) {
  const client = createTwilio({
    accountSid: fake.accountSid,
    username: fake.accountSid,
    password: fake.authToken,
    baseUrl: fake.url,
    timeoutMs: 30_000,
    clock: systemClock,
    random: seededRandom(1),
  });
  const message = { to: PERSON, from: FROM, body: "hi", statusCallback: `${PUBLIC_URL}#rc=0` };
  return client.sendMessage({ ...message, ...changes });
}

interface Setting {
  readonly fake: FakeTwilio;
  readonly seen: readonly Seen[];
}

async function withWebhook(
  options: { statuses?: number[]; publicUrl?: string; fake?: FakeTwilioOptions },
  work: (setting: Setting) => Promise<void>,
): Promise<void> {
  const fake = startFakeTwilio({ numbers: [FROM], ...options.fake });
  const webhook = startWebhook(() => fake, options.statuses);
  fake.connectWebhook({
    publicUrl: options.publicUrl ?? PUBLIC_URL,
    targetUrl: webhook.targetUrl,
  });
  try {
    await work({ fake, seen: webhook.seen });
  } finally {
    await fake.close();
    await webhook.close();
  }
}

Deno.test("startFakeTwilio() posts a text, signed for the public URL", () =>
  withWebhook({}, async ({ fake, seen }) => {
    const delivery = await fake.inbound({ from: PERSON, text: "hé + &=?" });
    assertEquals([delivery.ok, seen.length, seen[0]?.signed], [true, 1, true]);
    assertEquals(valueOf(seen[0], "Body"), "hé + &=?");
    assertEquals(valueOf(seen[0], "MessageSid"), delivery.messageSid);
    assertEquals(fake.webhookAttempts[0]?.body, "<Response/>");
  }));

Deno.test("startFakeTwilio() signs with another token when it is asked to", () =>
  withWebhook({}, async ({ fake, seen }) => {
    await fake.inbound({ from: PERSON, text: "forged", authToken: "wrong" });
    assertEquals(seen[0]?.signed, false);
  }));

Deno.test("startFakeTwilio() retries as the URL's overrides say, with the same token", () =>
  withWebhook(
    { statuses: [500, 503], publicUrl: `${PUBLIC_URL}#rc=3&rp=5xx` },
    async ({ fake, seen }) => {
      const delivery = await fake.inbound({ from: PERSON, text: "hi" });
      assertEquals(delivery.attempts.map(({ status }) => status), [500, 503, 200]);
      assertEquals(new Set(seen.map(({ token }) => token)).size, 1);
    },
  ));

Deno.test("startFakeTwilio() does not retry a 5xx by default, and writes an alert", () =>
  withWebhook({ statuses: [500] }, async ({ fake }) => {
    const delivery = await fake.inbound({ from: PERSON, text: "hi" });
    assertEquals([delivery.ok, delivery.attempts.length], [false, 1]);
    assertEquals(fake.account.alerts.map(({ errorCode }) => errorCode), [11200]);
  }));

Deno.test("startFakeTwilio() retries a failed connection once", async () => {
  const fake = startFakeTwilio();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const targetUrl = `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/sms`;
  listener.close();
  fake.connectWebhook({ publicUrl: PUBLIC_URL, targetUrl });
  const { attempts } = await fake.inbound({ from: PERSON, text: "hi" });
  assertEquals(attempts.map(({ failure }) => failure), ["connect", "connect"]);
  await fake.close();
});

Deno.test("startFakeTwilio() gives up on a webhook that is slower than 15 s", async () => {
  const clock = createSimClock();
  const fake = startFakeTwilio({ clock });
  const answer = Promise.withResolvers<Response>();
  const asked = Promise.withResolvers<void>();
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      await request.text();
      asked.resolve();
      return answer.promise;
    },
  );
  fake.connectWebhook({
    publicUrl: PUBLIC_URL,
    targetUrl: `http://127.0.0.1:${server.addr.port}/`,
  });
  const delivery = fake.inbound({ from: PERSON, text: "hi" });
  await asked.promise;
  await clock.advance(15_000);
  assertEquals((await delivery).attempts.map(({ failure }) => failure), ["timeout"]);
  answer.resolve(new Response());
  await server.shutdown();
  await fake.close();
});

Deno.test("startFakeTwilio() keeps a text in its list although the webhook never heard of it", () =>
  withWebhook({}, async ({ fake, seen }) => {
    await fake.inbound({ from: PERSON, text: "lost", webhookLost: true });
    assertEquals([seen.length, fake.messages[0]?.direction], [0, "inbound"]);
  }));

Deno.test("startFakeTwilio() delivers the same text again under its SID", () =>
  withWebhook({}, async ({ fake, seen }) => {
    const { messageSid } = await fake.inbound({ from: PERSON, text: "hi" });
    await fake.inbound({ from: PERSON, text: "hi", messageSid });
    assertEquals(fake.messages.length, 1);
    assertEquals(seen.map((one) => valueOf(one, "MessageSid")), [messageSid, messageSid]);
  }));

Deno.test("startFakeTwilio() reports what became of a message, in order", () =>
  withWebhook({}, async ({ fake, seen }) => {
    await send(fake);
    await fake.idle();
    assertEquals(seen.map((one) => valueOf(one, "MessageStatus")), ["sent", "delivered"]);
    assert(seen.every(({ signed }) => signed));
    assertEquals(fake.messages[0]?.status, "delivered");
  }));

Deno.test("startFakeTwilio() reports out of order, doubled and failed when it is asked to", () =>
  withWebhook({}, async ({ fake, seen }) => {
    fake.planReports({ outOfOrder: true, doubled: true });
    fake.planReports({ statuses: ["undelivered"], errorCode: 30007 }, "+14155550199");
    await send(fake);
    await fake.idle();
    const statuses = seen.map((one) => valueOf(one, "MessageStatus"));
    assertEquals(statuses, ["delivered", "delivered", "sent", "sent"]);
    await send(fake, { to: "+14155550199" });
    await fake.idle();
    assertEquals(valueOf(seen.at(-1), "ErrorCode"), "30007");
    assertEquals(fake.messages.at(-1)?.errorCode, 30007);
  }));

Deno.test("startFakeTwilio() opts people out and in by keyword and answers itself", () =>
  withWebhook({}, async ({ fake, seen }) => {
    const codeOf = (outcome: SendOutcome) => outcome.kind === "refused" ? outcome.code : null;
    await fake.inbound({ from: PERSON, text: " stop " });
    assertEquals(codeOf(await send(fake)), 21610);
    assertEquals(codeOf(await send(fake, { to: "+14155550199" })), null);
    await fake.inbound({ from: PERSON, text: "YES" });
    assertEquals(codeOf(await send(fake)), null);
    await fake.inbound({ from: PERSON, text: "yes" });
    assertEquals(fake.keywordReplies.map(({ to }) => to), [PERSON, PERSON]);
    assertEquals(valueOf(seen[0], "OptOutType"), undefined);
  }));

Deno.test("startFakeTwilio() tells the keyword's kind with a Messaging Service only", () =>
  withWebhook(
    { fake: { messagingServiceSid: `MG${"0".repeat(32)}` } },
    async ({ fake, seen }) => {
      await fake.inbound({ from: PERSON, text: "STOP" });
      assertEquals(valueOf(seen[0], "OptOutType"), "STOP");
      assertEquals(valueOf(seen[0], "MessagingServiceSid"), `MG${"0".repeat(32)}`);
    },
  ));

Deno.test("startFakeTwilio() fetches the files of a message over the public path", () =>
  withWebhook({}, async ({ fake, seen }) => {
    await send(fake, { mediaUrls: [`${PUBLIC_URL}/media/abc`] });
    const message = await fake.nextMessage();
    assertEquals(seen.map(({ path }) => path).slice(0, 1), ["/webhooks/sms/media/abc"]);
    assertEquals(message.media.map(({ contentType }) => contentType), ["image/gif"]);
  }));

Deno.test("startFakeTwilio() calls nothing outside this machine", async () => {
  const fake = startFakeTwilio({ numbers: [FROM] });
  await send(fake, { mediaUrls: ["https://example.com/a.png"] });
  await fake.idle();
  assertEquals(fake.webhookAttempts.map(({ failure }) => failure), ["connect", "connect"]);
  assertEquals(fake.messages[0]?.media, []);
  await fake.close();
});

Deno.test("nextMessage() gives each message once, also to who asked before it came", async () => {
  const fake = startFakeTwilio({ numbers: [FROM] });
  const second = fake.nextMessage(({ body }) => body === "2");
  await send(fake, { body: "1" });
  await send(fake, { body: "2" });
  assertEquals([(await second).body, (await fake.nextMessage()).body], ["2", "1"]);
  await assertRejects(() => fake.nextMessage(undefined, 1), Error, "2 came");
  await fake.close();
});

Deno.test("startFakeTwilio() makes the same SIDs from the same seed", async () => {
  const sids = await Promise.all([1, 1, 2].map(async (seed) => {
    const fake = startFakeTwilio({ random: seededRandom(seed) });
    await fake.inbound({ from: PERSON, text: "hi" });
    await fake.close();
    return fake.messages[0]!.sid;
  }));
  assertEquals(sids[0], sids[1]);
  assert(sids[0] !== sids[2]);
});

Deno.test("startFakeTwilio() lists by the time of sending", async () => {
  const clock = createSimClock(Date.UTC(2026, 10, 23));
  const fake = startFakeTwilio({ clock });
  await fake.inbound({ from: PERSON, text: "1" });
  await clock.advance(60_000);
  await fake.inbound({ from: PERSON, text: "2" });
  const client = createTwilio({
    accountSid: fake.accountSid,
    username: fake.accountSid,
    password: fake.authToken,
    baseUrl: fake.url,
    timeoutMs: 30_000,
    clock,
    random: seededRandom(1),
  });
  const bodies: string[] = [];
  for await (const page of client.listMessages({ sentFromMs: clock.now() - 30_000 })) {
    if (page.kind === "ok") bodies.push(...page.value.messages.map(({ body }) => body));
  }
  assertEquals(bodies, ["2"]);
  await fake.close();
});
