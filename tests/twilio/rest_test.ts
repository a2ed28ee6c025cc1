import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { type FakeTwilio, startFakeTwilio } from "../../src/sim/twilio.ts";
import type { Fault } from "../../src/sim/twilio_faults.ts";
import { type Clock, systemClock } from "../../src/system/clock.ts";
import { seededRandom } from "../../src/system/random.ts";
import type { UnknownReason } from "../../src/twilio/response.ts";
import { createTwilio, type TwilioClient } from "../../src/twilio/rest.ts";

const FROM = "+12025550123";
const TO = "+14155550100";
/** Timers of less than 10 s end at once; longer ones, such as the time limit of a request, never. */
const impatient: Clock = {
  now: systemClock.now,
  after: (delayMs, fn) => systemClock.after(delayMs < 10_000 ? 0 : 2 ** 31 - 1, fn),
};

function clientOf(fake: Pick<FakeTwilio, "url" | "accountSid" | "authToken">): TwilioClient {
  return createTwilio({
    accountSid: fake.accountSid,
    username: fake.accountSid,
    password: fake.authToken,
    baseUrl: fake.url,
    timeoutMs: 30_000,
    clock: impatient,
    random: seededRandom(1),
  });
}

async function withFake(work: (fake: FakeTwilio, client: TwilioClient) => Promise<void>) {
  const fake = startFakeTwilio({ numbers: [FROM] });
  try {
    await work(fake, clientOf(fake));
  } finally {
    await fake.close();
  }
}

function send(client: TwilioClient, body = "hi") {
  return client.sendMessage({ to: TO, from: FROM, body });
}

Deno.test("sendMessage() gives the SID and the segments of a message that Twilio took", () =>
  withFake(async (fake, client) => {
    const outcome = await send(client, "ü".repeat(161));
    assert(outcome.kind === "sent");
    assertEquals([outcome.status, outcome.segments], ["queued", 2]);
    assertEquals((await fake.nextMessage()).sid, outcome.sid);
  }));

Deno.test("sendMessage() tells what was refused without the number or the text", () =>
  withFake(async (fake, client) => {
    const bad = await client.sendMessage({ to: "+1", from: FROM, body: "my secret text" });
    assert(bad.kind === "refused");
    assertEquals([bad.code, bad.httpStatus, bad.class], [21211, 400, "destination"]);
    fake.account.setOptedOut(TO, true);
    const optedOut = await send(client);
    assert(optedOut.kind === "refused");
    assertEquals([optedOut.code, optedOut.class], [21610, "opted-out"]);
    fake.faults.next({ kind: "status", status: 400, code: 29999 });
    const strange = await send(client);
    assertEquals(strange.kind === "refused" && strange.message, "29999: injected");
  }));

Deno.test("sendMessage() refuses with class credentials when the token is wrong", () =>
  withFake(async (fake) => {
    const outcome = await send(clientOf({ ...fake, authToken: "wrong" }));
    assertEquals(outcome.kind === "refused" && [outcome.code, outcome.class], [
      20003,
      "credentials",
    ]);
  }));

Deno.test("sendMessage() knows what was certainly not processed", () =>
  withFake(async (fake, client) => {
    fake.faults.next({ kind: "status", status: 429, code: 20429, headers: { "retry-after": "2" } });
    assertEquals(await send(client), {
      kind: "unprocessed",
      reason: "rate",
      httpStatus: 429,
      code: 20429,
      retryAfterMs: 2_000,
    });
    fake.faults.next({ kind: "status", status: 400, code: 14107 });
    assertEquals((await send(client)).kind, "unprocessed");
    assertEquals(fake.messages.length, 0);
  }));

Deno.test("sendMessage() knows that nothing left when nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const url = `http://127.0.0.1:${port}`;
  assertEquals(await send(clientOf({ url, accountSid: "AC1", authToken: "x" })), {
    kind: "unprocessed",
    reason: "connect",
    httpStatus: null,
    code: null,
  });
});

Deno.test("sendMessage() leaves the fate open when the answer was lost, after one try", () =>
  withFake(async (fake, client) => {
    const faults: [Fault, UnknownReason][] = [
      [{ kind: "reset-before" }, "connection-lost"],
      [{ kind: "reset-after" }, "connection-lost"],
      [{ kind: "cut-after" }, "body-cut"],
      [{ kind: "no-sid-after" }, "no-sid"],
      [{ kind: "html", status: 502 }, "server-error"],
      [{ kind: "html", status: 200 }, "no-sid"],
      [{ kind: "html", status: 403 }, "foreign-answer"],
      [{ kind: "status", status: 503, code: 20503 }, "server-error"],
      [{ kind: "status", status: 307 }, "foreign-answer"],
    ];
    for (const [fault, reason] of faults) {
      fake.faults.next(fault);
      const before = fake.requests.length;
      const outcome = await send(client);
      assertEquals(outcome.kind === "unknown" && outcome.reason, reason, fault.kind);
      assertEquals(fake.requests.length, before + 1, fault.kind);
    }
    assertEquals(fake.messages.length, 3);
  }));

Deno.test("sendMessage() knows that nothing left when the host is not permitted", async () => {
  const client = createTwilio({
    accountSid: "AC1",
    username: "AC1",
    password: "x",
    timeoutMs: 30_000,
    clock: impatient,
    random: seededRandom(1),
    fetch: () => Promise.reject(new Deno.errors.NotCapable("Requires net access")),
  });
  const outcome = await send(client);
  assertEquals([outcome.kind, "reason" in outcome && outcome.reason], ["unprocessed", "connect"]);
});

Deno.test("sendMessage() is not repeated behind our back when a kept-alive connection breaks", () =>
  withFake(async (fake, client) => {
    for (const kind of ["reset-before", "reset-after"] as const) {
      assertEquals((await send(client)).kind, "sent");
      fake.faults.next({ kind });
      assertEquals((await send(client)).kind, "unknown", kind);
    }
    assertEquals([fake.requests.length, fake.messages.length], [4, 3]);
  }));

Deno.test("sendMessage() leaves the fate open when time is up or the caller stops waiting", () =>
  withFake(async (fake, client) => {
    fake.faults.next({ kind: "hang-after" }, { times: 2 });
    const stop = new AbortController();
    const cancelled = client.sendMessage({ to: TO, from: FROM, body: "a" }, stop.signal);
    await fake.nextMessage();
    stop.abort();
    assertEquals(await cancelled, {
      kind: "unknown",
      reason: "cancelled",
      httpStatus: null,
      code: null,
    });
    const hasty = createTwilio({
      accountSid: fake.accountSid,
      username: fake.accountSid,
      password: fake.authToken,
      baseUrl: fake.url,
      timeoutMs: 1,
      clock: systemClock,
      random: seededRandom(1),
    });
    const late = await send(hasty);
    assertEquals(late.kind === "unknown" && late.reason, "timeout");
  }));

Deno.test("sendMessage() does not follow a redirect, which would take the credentials along", () =>
  withFake(async (fake, client) => {
    const other = startFakeTwilio();
    const headers = { location: `${other.url}/2010-04-01/` };
    fake.faults.next({ kind: "status", status: 307, headers });
    assertEquals((await send(client)).kind, "unknown");
    assertEquals(other.requests, []);
    await other.close();
  }));

Deno.test("sendMessage() sends nothing once the caller has stopped", () =>
  withFake(async (fake, client) => {
    await client.sendMessage({ to: TO, from: FROM, body: "a" }, AbortSignal.abort());
    assertEquals(fake.requests.length, 0);
  }));

Deno.test("listMessages() reads page after page, newest first", () =>
  withFake(async (_, client) => {
    for (const body of ["1", "2", "3", "4", "5"]) await send(client, body);
    const pages: string[][] = [];
    for await (const page of client.listMessages({ to: TO, pageSize: 2 })) {
      assert(page.kind === "ok");
      pages.push(page.value.messages.map(({ body }) => body));
      assertEquals(page.value.last, pages.length === 3);
    }
    assertEquals(pages, [["5", "4"], ["3", "2"], ["1"]]);
  }));

Deno.test("listMessages() never follows a link away from its list", async () => {
  const list = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json";
  const asked: string[] = [];
  const evil = (request: RequestInfo | URL) => {
    asked.push(String(request));
    return Promise.resolve(
      Response.json({
        messages: [],
        next_page_uri: list.replace("api", "evil") + "?Page=1&Token=a",
      }),
    );
  };
  const client = createTwilio({
    accountSid: "AC1",
    username: "u",
    password: "p",
    timeoutMs: 1_000,
    clock: impatient,
    random: seededRandom(1),
    fetch: evil as typeof fetch,
  });
  for await (const page of client.listMessages({})) assertEquals(page.kind, "ok");
  assertEquals(asked, [list]);
});

Deno.test("fetchBalance() is tried three times when Twilio stumbles, and not when it refuses", () =>
  withFake(async (fake, client) => {
    fake.faults.next({ kind: "status", status: 503, code: 20503 }, { on: "read" });
    fake.faults.next({ kind: "reset-before" }, { on: "read" });
    assertEquals(await client.fetchBalance(), {
      kind: "ok",
      value: { balance: "12.34", currency: "USD" },
    });
    assertEquals(fake.requests.length, 3);
    fake.faults.next({ kind: "status", status: 429 }, { on: "read", times: 3 });
    const busy = await client.fetchBalance();
    assertEquals(busy.kind === "failed" && busy.reason, "rate");
    const before = fake.requests.length;
    fake.faults.next({ kind: "status", status: 403, code: 20403 }, { on: "read" });
    const refused = await client.fetchBalance();
    assertEquals(refused.kind === "failed" && [refused.reason, refused.class], [
      "refused",
      "credentials",
    ]);
    assertEquals(fake.requests.length, before + 1);
  }));

Deno.test("createTwilio() reads numbers, accounts, alerts and messages", () =>
  withFake(async (fake, client) => {
    fake.connectWebhook({
      publicUrl: "https://sms.example.com/sms",
      targetUrl: "http://127.0.0.1:1/sms",
    });
    await fake.inbound({ from: TO, text: "lost" });
    const number = await client.findIncomingNumber(FROM);
    assertEquals(number.kind === "ok" && number.value?.smsUrl, "https://sms.example.com/sms");
    const missing = await client.findIncomingNumber("+1202555");
    assertEquals(missing.kind === "ok" && missing.value, null);
    const alerts = await client.listAlerts(0);
    assertEquals(alerts.kind === "ok" && alerts.value.map(({ errorCode }) => errorCode), [11205]);
    const account = await client.fetchAccount();
    assertEquals(account.kind === "ok" && account.value.status, "active");
    const text = await client.fetchMessage(fake.messages[0]!.sid);
    assertEquals(text.kind === "ok" && [text.value.direction, text.value.body], [
      "inbound",
      "lost",
    ]);
    const service = await client.fetchService(`MG${"0".repeat(32)}`);
    assertEquals(service.kind === "failed" && service.code, 20404);
  }));

Deno.test("updateNumber() sets where the texts of a number go", () =>
  withFake(async (fake, client) => {
    const { sid } = fake.account.numbers[0]!;
    const webhook = { smsUrl: "https://new.example.com/sms", smsMethod: "POST" as const };
    const updated = await client.updateNumber(sid, webhook);
    assertEquals(updated.kind === "ok" && updated.value.smsUrl, webhook.smsUrl);
  }));

Deno.test("createTwilio() accepts an API key in the place of the token", async () => {
  const fake = startFakeTwilio({ apiKeys: { SK1: "secret" } });
  const { url: baseUrl, accountSid } = fake;
  const credentials = { accountSid, username: "SK1", password: "secret", baseUrl };
  const client = createTwilio({
    ...credentials,
    timeoutMs: 30_000,
    clock: systemClock,
    random: seededRandom(1),
  });
  assertEquals((await client.fetchAccount()).kind, "ok");
  await fake.close();
});

Deno.test("createTwilio() keeps credentials, numbers and URLs out of what it reports", () =>
  withFake(async (fake, client) => {
    fake.faults.next({ kind: "reset-before" }, { on: "read", times: 3 });
    const failed = await client.fetchMessage(`SM${"0".repeat(32)}`);
    assertMatch(JSON.stringify(failed), /connection-lost/);
    assertFalse(JSON.stringify(failed).includes(fake.accountSid));
    assertFalse(JSON.stringify(failed).includes(fake.authToken));
  }));

Deno.test("createTwilio() stops reading an answer that is too large", async () => {
  let served = 0;
  const endless = () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        served++;
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
    });
    return Promise.resolve(new Response(body, { status: 201 }));
  };
  const client = createTwilio({
    accountSid: "AC1",
    username: "u",
    password: "p",
    timeoutMs: 30_000,
    clock: impatient,
    random: seededRandom(1),
    fetch: endless as typeof fetch,
  });
  const outcome = await send(client);
  assertEquals(outcome.kind === "unknown" && outcome.reason, "body-cut");
  assert(served < 10, `${served} MiB were read`);
});
