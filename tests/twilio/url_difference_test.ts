import { assertEquals } from "@std/assert";
import { describeDifference, urlDifference } from "../../src/twilio/url_difference.ts";

const OURS = "https://sms.example.com/webhooks/sms";

Deno.test("urlDifference() finds the first character that differs", () => {
  const cases: [theirs: string, at: number, there: string, here: string][] = [
    [`${OURS}/`, OURS.length + 1, "/", ""],
    ["http://sms.example.com/webhooks/sms", 5, "://sms.examp", "s://sms.exam"],
    ["https://sms.example.com/webhooks/SMS", 34, "SMS", "sms"],
    ["", 1, "", "https://sms."],
  ];
  for (const [theirs, at, there, here] of cases) {
    assertEquals(urlDifference(theirs, OURS), { at, theirs: there, ours: here });
  }
});

Deno.test("urlDifference() leaves connection overrides out", () => {
  assertEquals(urlDifference(`${OURS}#rc=3&rp=all`, OURS), null);
  assertEquals(urlDifference(OURS, `${OURS}#rc=2`), null);
});

Deno.test("describeDifference() names the end as such", () => {
  assertEquals(
    describeDifference({ at: 37, theirs: "/", ours: "" }),
    'they differ at character 37: "/" there, the end here',
  );
});
