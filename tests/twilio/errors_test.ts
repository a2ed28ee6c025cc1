import { assert, assertEquals, assertMatch } from "@std/assert";
import { explainError, isRateLimit, TWILIO_ERRORS } from "../../src/twilio/errors.ts";

Deno.test("explainError() knows the codes that operators meet", () => {
  const met = [11200, 11205, 11210, 11215, 11220, 11235, 14107, 20003, 20404, 20429, 21211, 21214];
  met.push(21217, 21408, 21606, 21608, 21610, 21612, 21614, 21617, 21619, 21620, 21623, 21659);
  met.push(21660, 21703, 21704, 30001, 30002, 30003, 30004, 30005, 30006, 30007, 30008, 30032);
  met.push(30034, 30035, 63038, 30044, 21661, 30893, 30011, 30018, 30450, 30453, 10001, 10002);
  met.push(11236, 20422, 21601, 21618, 21621, 21622, 21624, 21635, 21657, 21701, 30009, 30012);
  met.push(30013, 30027);
  for (const code of met) assert(explainError(code).class !== "unknown", String(code));
});

Deno.test("explainError() writes each row so that a person can act on it", () => {
  const codes = TWILIO_ERRORS.map(([code]) => code);
  assertEquals(new Set(codes).size, codes.length);
  for (const code of codes) {
    const { meaning, advice } = explainError(code);
    assertMatch(meaning, /^\S.*[^.]$/, String(code));
    assertMatch(advice, /^[A-Z].*\.$/, String(code));
  }
});

Deno.test("explainError() sends readers to Twilio's page for a code it does not know", () => {
  const info = explainError(99999);
  assertEquals(info.class, "unknown");
  assertMatch(info.advice, /errors\/99999/);
});

Deno.test("isRateLimit() holds only where nothing was processed", () => {
  for (const code of [14107, 20429, 21611]) assert(isRateLimit(code));
  for (const code of [20003, 21610, 30001, 30003, 63038]) assert(!isRateLimit(code));
});
