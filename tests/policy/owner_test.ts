import { assertEquals } from "@std/assert";
import { isOwner } from "../../src/policy/owner.ts";
import type { Phone } from "../../src/policy/phone.ts";

const OWNER = "+12025550111" as Phone;

Deno.test("isOwner() finds the number with and without its channel", () => {
  for (
    const entry of [
      "+12025550111",
      "sms:+12025550111",
      "SMS: +1 (202) 555-0111",
      "twilio-sms:12025550111",
    ]
  ) {
    assertEquals(isOwner(OWNER, ["discord:1", entry]), true, entry);
  }
});

Deno.test("isOwner() takes nobody else's id for the number", () => {
  const others = ["*", "", "12025550111", "telegram:12025550111", "whatsapp:+12025550111", "sms:*"];
  assertEquals(isOwner(OWNER, [...others, "+12025550112"]), false);
});
