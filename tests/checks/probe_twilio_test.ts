import { assertEquals, assertMatch } from "@std/assert";
import { lastsDays, probeTwilio, type TwilioIdentity } from "../../src/checks/probe_twilio.ts";
import { createSimClock } from "../../src/sim/clock.ts";
import type { MessageRecord, NumberRecord, ServiceRecord } from "../../src/twilio/records.ts";
import type { ReadOutcome, TwilioClient } from "../../src/twilio/rest.ts";

const URL_ = "https://sms.example.com/webhooks/sms";
const NUMBER: NumberRecord = {
  sid: `PN${"0".repeat(32)}`,
  phoneNumber: "+12025550123",
  smsUrl: URL_,
  smsMethod: "POST",
  smsFallbackUrl: "",
  smsApplicationSid: null,
  sendsSms: true,
  sendsMms: true,
};
const SERVICE: ServiceRecord = {
  sid: `MG${"0".repeat(32)}`,
  friendlyName: "Family",
  inboundRequestUrl: URL_,
  inboundMethod: "POST",
  useInboundWebhookOnNumber: false,
  fallbackUrl: null,
  smartEncoding: false,
};
const clock = createSimClock();

const ok = <T>(value: T): Promise<ReadOutcome<T>> => Promise.resolve({ kind: "ok", value });
const refused = (httpStatus: number): Promise<ReadOutcome<never>> =>
  Promise.resolve({
    kind: "failed",
    reason: "refused",
    httpStatus,
    code: 20404,
    class: "sender",
    message: "20404: Twilio does not know what was asked for",
  });

function sent(errorCode: number | null, ageMs = 60_000): MessageRecord {
  return {
    direction: "outbound-api",
    errorCode,
    createdAtMs: clock.now() - ageMs,
  } as MessageRecord;
}

/** The states and details of the checks on an account, by id. */
async function probed(
  twilio: Partial<TwilioClient>,
  account: Partial<TwilioIdentity> = {},
  shared?: boolean,
): Promise<Map<string, { state: string; detail: string; fix: string | null }>> {
  const client = {
    fetchAccount: () => ok({ sid: "", status: "active", trial: false }),
    fetchBalance: () => ok({ balance: "12.34", currency: "USD" }),
    findIncomingNumber: () => ok(NUMBER),
    fetchService: () => ok(SERVICE),
    listAlerts: () => ok([]),
    async *listMessages() {
      yield await ok({ messages: [], last: true });
    },
    ...twilio,
  } as unknown as TwilioClient;
  const checks = await probeTwilio({
    account: {
      id: "default",
      fromNumber: "+12025550123",
      messagingServiceSid: undefined,
      publicWebhookUrl: URL_,
      textChunkLimit: 1_500,
      ...account,
    },
    twilio: client,
    shared,
    clock,
    signal: new AbortController().signal,
  });
  return new Map(checks.map((check) => [check.id, check]));
}

const IN_SERVICE = { fromNumber: undefined, messagingServiceSid: SERVICE.sid };

Deno.test("probeTwilio() compares the webhook of a Messaging Service with ours", async () => {
  const right = await probed({}, IN_SERVICE);
  assertEquals(right.get("twilio.webhook-url")?.state, "ok");
  const inboundRequestUrl = `${URL_}/other`;
  const fetchService = () => ok({ ...SERVICE, inboundRequestUrl, inboundMethod: "GET" });
  const wrong = await probed({ fetchService }, IN_SERVICE);
  const both = await probed({ fetchService }, { messagingServiceSid: SERVICE.sid });
  assertEquals(both.get("twilio.webhook-url")?.state, "problem", "the service's counts");
  assertMatch(wrong.get("twilio.webhook-url")!.detail, /differ at character 37: "\/other" there/);
  assertEquals(wrong.get("twilio.webhook-method")?.state, "problem");
});

Deno.test("probeTwilio() knows a service that leaves the webhook to its numbers, and one that is not there", async () => {
  const onNumber = await probed({
    fetchService: () => ok({ ...SERVICE, useInboundWebhookOnNumber: true }),
  }, IN_SERVICE);
  assertMatch(onNumber.get("twilio.sender")!.detail, /leaves the webhook to its numbers/);
  const absent = await probed({ fetchService: () => refused(404) }, IN_SERVICE);
  assertEquals(absent.get("twilio.sender")?.state, "problem");
  assertMatch(absent.get("twilio.sender")!.fix!, /messagingServiceSid/);
});

Deno.test("probeTwilio() takes unregistered senders for a problem, other failed deliveries for a warning", async () => {
  const listing = (...messages: MessageRecord[]) => ({
    async *listMessages() {
      yield await ok({ messages, last: true });
    },
  });
  const unregistered = await probed(listing(sent(null), sent(30034), sent(30034)));
  assertMatch(unregistered.get("twilio.deliveries")!.detail, /2 × 30034/);
  assertEquals(unregistered.get("twilio.deliveries")!.state, "problem");
  const unreachable = await probed(listing(sent(30003)));
  assertEquals(unreachable.get("twilio.deliveries")!.state, "warning");
  const old = await probed(listing(sent(30034, 48 * 3_600_000)));
  assertEquals(old.get("twilio.deliveries")!.state, "ok");
});

Deno.test("probeTwilio() hints at the registration that a number's kind needs", async () => {
  const cases: [fromNumber: string, hint: RegExp][] = [
    ["+12025550123", /A2P 10DLC/],
    ["+18885550123", /toll-free/],
    ["+447700900123", /no US registration/],
  ];
  for (const [fromNumber, hint] of cases) {
    const checks = await probed({}, { fromNumber: fromNumber as TwilioIdentity["fromNumber"] });
    assertMatch(checks.get("twilio.deliveries")!.detail, hint);
  }
});

Deno.test("probeTwilio() asks nothing else when the credentials are refused, and says what mends it", async () => {
  const checks = await probed({ fetchAccount: () => refused(401) });
  assertEquals([...checks.keys()], ["twilio.credentials"]);
  assertMatch(checks.get("twilio.credentials")!.fix!, /Auth Token/);
});

Deno.test("probeTwilio() takes a standard API key for right, which may not read the account itself", async () => {
  const by = async (listed: unknown) => {
    const listIncomingNumbers = () => Promise.resolve(listed) as never;
    const twilio = { fetchAccount: () => refused(401), listIncomingNumbers };
    return (await probed(twilio, { apiKeySid: `SK${"1".repeat(32)}` })).get("twilio.credentials")!;
  };
  assertEquals((await by(await ok([]))).state, "ok");
  assertEquals((await by(await refused(401))).state, "problem");
});

Deno.test("probeTwilio() skips what an API key may not read", async () => {
  const checks = await probed({
    fetchBalance: () => refused(403),
    listAlerts: () => refused(403),
  });
  assertEquals(checks.get("twilio.balance")?.state, "skipped");
  assertEquals(checks.get("twilio.alerts")?.state, "skipped");
});

Deno.test("probeTwilio() counts alerts on our webhook only", async () => {
  const alert = (requestUrl: string, errorCode: number) => ({
    sid: "",
    errorCode,
    logLevel: "error",
    requestUrl,
    atMs: clock.now(),
  });
  const ours = await probed({ listAlerts: () => ok([alert(URL_, 11200), alert(URL_, 11200)]) });
  assertMatch(ours.get("twilio.alerts")!.detail, /2 × 11200/);
  const others = await probed({
    listAlerts: () => ok([alert("https://voice.example.com/", 11200), alert(URL_, 30007)]),
  });
  assertEquals(others.get("twilio.alerts")?.state, "ok");
});

Deno.test("probeTwilio() warns of a fallback URL that leads elsewhere", async () => {
  const withFallback = (smsFallbackUrl: string) =>
    probed({ findIncomingNumber: () => ok({ ...NUMBER, smsFallbackUrl }) });
  assertEquals(
    (await withFallback("https://x.example.com/")).get("twilio.fallback-url")?.state,
    "warning",
  );
  assertEquals((await withFallback(URL_)).get("twilio.fallback-url")?.state, "ok");
});

Deno.test("probeTwilio() advises shorter messages for a trial account, unless they are short", async () => {
  const trial = { fetchAccount: () => ok({ sid: "", status: "active", trial: true }) };
  const long = (await probed(trial)).get("twilio.credentials")!;
  assertMatch(long.detail, /short messages \(30044\)/);
  assertMatch(long.fix!, /textChunkLimit to 120/);
  const short = (await probed(trial, { textChunkLimit: 120 })).get("twilio.credentials")!;
  assertEquals([short.state, short.fix!.includes("textChunkLimit")], ["warning", false]);
});

Deno.test("lastsDays() says how long US dollars last, and nothing of other currencies", () => {
  assertEquals([lastsDays(12.34, "USD", 0.5), lastsDays(-1, "USD", 0.5)], [24, 0]);
  assertEquals([lastsDays(12.34, "EUR", 0.5), lastsDays(12.34, "USD", 0)], [null, null]);
});

Deno.test("probeTwilio() offers the fallback URL where another bridge shares the store, and takes ours there", async () => {
  const shared = (row: Partial<typeof NUMBER>) =>
    probed({ findIncomingNumber: () => ok({ ...NUMBER, ...row }) }, {}, true);
  const without = (await shared({ smsFallbackUrl: "" })).get("twilio.fallback-url");
  assertEquals(without?.state, "warning");
  const second = await shared({ smsUrl: "https://first.example.org/sms", smsFallbackUrl: URL_ });
  assertEquals(second.get("twilio.webhook-url")?.state, "ok");
  assertEquals(second.get("twilio.fallback-url")?.state, "ok");
  const none = await shared({ smsUrl: "https://first.example.org/sms", smsFallbackUrl: "" });
  assertEquals(none.get("twilio.webhook-url")?.state, "problem");
});
