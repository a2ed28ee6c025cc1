import { assertEquals } from "@std/assert";
import { isMediaUrl, redirectTarget } from "../../src/twilio/media_url.ts";
import { API, HOSTILE_URLS, NEAR_MISSES, OWNER, PATH, START } from "./hostile_urls.ts";

const FAKE = { baseUrl: "http://127.0.0.1:4600" };

Deno.test("isMediaUrl() takes exactly the message's own path", () => {
  assertEquals(isMediaUrl(START, OWNER, {}), true);
  assertEquals(isMediaUrl(START, OWNER, { region: "ie1" }), true);
  const regional = `https://api.dublin.ie1.twilio.com${PATH}`;
  assertEquals(isMediaUrl(regional, OWNER, { region: "ie1" }), true);
  assertEquals(isMediaUrl(regional, OWNER, {}), false);
  assertEquals(isMediaUrl(FAKE.baseUrl + PATH, OWNER, FAKE), true);
  assertEquals(isMediaUrl(START, OWNER, FAKE), false);
});

Deno.test("isMediaUrl() takes none of 300 hostile URLs", () => {
  for (const url of [...HOSTILE_URLS, ...NEAR_MISSES]) {
    assertEquals(isMediaUrl(url, OWNER, {}), false, url);
  }
  assertEquals(HOSTILE_URLS.length + NEAR_MISSES.length > 300, true);
});

Deno.test("redirectTarget() follows to Twilio's storage and the buckets behind it", () => {
  const allowed = [
    "https://mms.twiliocdn.com/AC1/abc?Expires=1&Signature=x%2By",
    "https://media.twiliocdn.com/AC1/ME1",
    "https://media.dublin.ie1.twiliocdn.com/AC1/ME1",
    "https://mcs.us1.twilio.com/v1/ME1",
    "https://s3-external-1.amazonaws.com/media.twiliocdn.com/AC1/abc",
    "https://media.twiliocdn.com.s3.us-east-1.amazonaws.com/AC1/abc",
    "https://media.twiliocdn.com.s3.amazonaws.com/AC1/abc",
  ];
  for (const url of allowed) assertEquals(redirectTarget(url, START, {}), url);
  assertEquals(redirectTarget("/elsewhere", START, {}), `${API}/elsewhere`);
  const schemeless = redirectTarget("//mms.twiliocdn.com/a", START, {});
  assertEquals(schemeless, "https://mms.twiliocdn.com/a");
});

Deno.test("redirectTarget() follows none of the hostile ones", () => {
  const others = [
    "http://mms.twiliocdn.com/a",
    "https://mms.twiliocdn.com:8443/a",
    "https://mms.twiliocdn.com./a",
    "https://user@mms.twiliocdn.com/a",
    "ftp://mms.twiliocdn.com/a",
    "file:///etc/passwd",
    "data:text/plain,x",
    "http://[",
  ];
  for (const url of [...HOSTILE_URLS, ...others]) {
    assertEquals(redirectTarget(url, START, {}), null, url);
  }
  assertEquals(redirectTarget(null, START, {}), null);
});

Deno.test("redirectTarget() keeps a fake's redirects on loopback", () => {
  const from = FAKE.baseUrl + PATH;
  assertEquals(redirectTarget("http://127.0.0.1:99/a", from, FAKE), "http://127.0.0.1:99/a");
  for (
    const url of [
      "https://mms.twiliocdn.com/a",
      "http://127.0.0.1.evil.example/",
      "http://10.0.0.1/",
    ]
  ) {
    assertEquals(redirectTarget(url, from, FAKE), null, url);
  }
});
