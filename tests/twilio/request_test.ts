import { assertEquals, assertThrows } from "@std/assert";
import { basicAuthorization, buildRequest, twilioOrigin } from "../../src/twilio/request.ts";

Deno.test("twilioOrigin() names the host of a region and its edge", () => {
  assertEquals(twilioOrigin("api", {}), "https://api.twilio.com");
  assertEquals(twilioOrigin("api", { region: "ie1" }), "https://api.dublin.ie1.twilio.com");
  assertEquals(
    twilioOrigin("messaging", { region: "au1" }),
    "https://messaging.sydney.au1.twilio.com",
  );
  assertEquals(twilioOrigin("api", { edge: "tokyo" }), "https://api.tokyo.us1.twilio.com");
  assertEquals(twilioOrigin("api", { region: "us2" }), "https://api.us2.twilio.com");
  const place = { baseUrl: "http://127.0.0.1:1", region: "ie1" };
  assertEquals(twilioOrigin("monitor", place), "http://127.0.0.1:1");
});

Deno.test("buildRequest() never lets a request leave that could mean something else", () => {
  const message = { to: "", from: "+12025550123", body: "x" };
  assertThrows(() => buildRequest({ op: "sendMessage", message }, "AC1"), TypeError, '"to"');
  assertThrows(() => buildRequest({ op: "fetchMessage", sid: "" }, "AC1"), TypeError, '"sid"');
  const sid = "../Calls/SM";
  assertThrows(() => buildRequest({ op: "fetchMessage", sid }, "AC1"), TypeError, '"sid"');
});

Deno.test("buildRequest() repeats MediaUrl and keeps the files' order", () => {
  const mediaUrls = ["https://a.example/1", "https://a.example/2"];
  const request = buildRequest(
    { op: "sendMessage", message: { to: "+14155550100", from: "+12025550123", mediaUrls } },
    "AC1",
  );
  assertEquals(
    request.form?.filter(([name]) => name === "MediaUrl").map(([, url]) => url),
    mediaUrls,
  );
});

Deno.test("basicAuthorization() encodes any password as UTF-8", () => {
  assertEquals(basicAuthorization("a", "ü€"), "Basic YTrDvOKCrA==");
});
