import { assertEquals } from "@std/assert";
import { createTally } from "../../src/bridge/tally.ts";

Deno.test("createTally() counts a hundred labels of a name apart, and all others together", () => {
  const tally = createTally();
  for (let code = 0; code < 150; code++) tally.count("twilio_errors", String(code));
  tally.count("twilio_errors", "7", 2);
  const counts = tally.counts().twilio_errors!;
  assertEquals([Object.keys(counts).length, counts["7"], counts.other], [101, 3, 50]);
});
