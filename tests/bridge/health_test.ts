import { assertEquals } from "@std/assert";
import { type HealthFacts, judgeHealth } from "../../src/bridge/health.ts";

const session = {
  bootId: "b",
  serverVersion: "2026.9.6",
  beganAtMs: null,
  tickIntervalMs: 30_000,
  mayReset: false,
};
const WELL: HealthFacts = { link: { kind: "ready", session }, storeWorks: true, stopping: false };

Deno.test("judgeHealth() finds nothing wrong with a bridge that can answer", () => {
  assertEquals(judgeHealth(WELL), { ok: true, reasons: [] });
});

Deno.test("judgeHealth() names everything that is in the way", () => {
  assertEquals(judgeHealth({ ...WELL, link: { kind: "connecting" } }).reasons, ["gateway-away"]);
  const refused = { kind: "refused", why: "token", untilMs: 0 } as const;
  assertEquals(judgeHealth({ link: refused, storeWorks: false, stopping: true }), {
    ok: false,
    reasons: ["stopping", "store-refuses", "gateway-refuses"],
  });
});
