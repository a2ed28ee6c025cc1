import { assertEquals, assertMatch } from "@std/assert";
import { checkJobs } from "../../src/checks/probe_jobs.ts";
import { createLink } from "../../src/gateway/link.ts";
import { type FakeGatewayOptions, startFakeGateway } from "../../src/sim/gateway.ts";
import { systemClock } from "../../src/system/clock.ts";
import { silentLog } from "../../src/system/log.ts";
import { systemRandom } from "../../src/system/random.ts";

async function check(options: Partial<FakeGatewayOptions>, cronDelivery = true) {
  const token = "t";
  const gateway = startFakeGateway({ token, ...options });
  const parts = { clock: systemClock, random: systemRandom, log: silentLog, version: "0.0.1" };
  const link = createLink({ url: gateway.url, token, ...parts });
  await link.ready();
  const checks = await checkJobs(link, cronDelivery);
  await link.close();
  await gateway.close();
  return checks.map(({ state, detail, command }) => ({ state, detail, command }));
}

Deno.test("checkJobs() says how jobs that text are made, and what this Gateway refuses", async () => {
  for (
    const [config, refused] of [
      [{}, false],
      [{ channels: {} }, false],
      [{ channels: { sms: { enabled: false } } }, true],
      [{ channels: { telegram: {} } }, true],
      [{ channels: { sms: {} } }, false],
    ] as const
  ) {
    const [found] = await check({ config });
    assertEquals(found?.state, "ok");
    assertMatch(found!.detail, /channel: "last", to: /);
    assertEquals(/refuses/.test(found!.detail), refused, JSON.stringify(config));
  }
});

Deno.test("checkJobs() names a job whose runs count as failed", async () => {
  const delivery = { mode: "announce", channel: "sms", to: "+12025550101" };
  const jobs = [
    { id: "off", enabled: false, delivery },
    { id: "best", delivery: { ...delivery, bestEffort: true } },
    { id: "last", delivery: { ...delivery, channel: "last" } },
    { id: "job-1", enabled: true, delivery },
  ];
  const [found] = await check({ jobs });
  assertEquals([found?.state, found?.command], [
    "warning",
    "openclaw automations edit job-1 --best-effort-deliver",
  ]);
  assertMatch(found!.detail, /^1 for sms/);
});

Deno.test("checkJobs() says nothing in reduced mode, and that jobs are not texted where that is off", async () => {
  assertEquals(await check({ release: "2026.7.35" }), []);
  assertEquals((await check({}, false)).map(({ state }) => state), ["skipped"]);
});
