import { assertEquals } from "@std/assert";
import type { Link } from "../../src/gateway/link.ts";
import { CRON_WAITING_MAX } from "../../src/system/limits.ts";
import { type CronParts, startCronDelivery } from "../../src/unasked/jobs.ts";
import { ANN, createKit } from "../bridge/kit.ts";

Deno.test("startCronDelivery() reads one transcript at a time, however many jobs end at once", async () => {
  await using kit = await createKit();
  let hear: Parameters<Link["onEvent"]>[0] = () => {};
  let asked = 0;
  let answer = () => {};
  const link: CronParts["link"] = {
    onEvent: (listener) => (hear = listener, () => {}),
    onState: () => () => {},
    state: () => ({ kind: "connecting" }),
    request: () => {
      asked++;
      return new Promise((resolve) => {
        answer = () => resolve({ kind: "ok", payload: { messages: [] } });
      });
    },
  };
  const stop = startCronDelivery({
    context: kit.context,
    link,
    views: { read: () => Promise.resolve(null) } as unknown as CronParts["views"],
    files: {} as CronParts["files"],
    deliverer: kit.deliverer,
  });
  for (let i = 0; i < 2 * CRON_WAITING_MAX; i++) {
    hear({
      event: "cron",
      payload: {
        action: "finished",
        status: "ok",
        runId: `run ${i}`,
        summary: `report ${i}`,
        sessionKey: `agent:main:cron:${i}`,
        delivery: { intended: { channel: "sms", to: ANN } },
      },
    });
  }
  await kit.rest(1_000);
  assertEquals(asked, 1);
  assertEquals(kit.logged.filter((line) => line.includes("too many jobs")).length, 1);
  for (let i = 1; i < 3; i++) {
    answer();
    await kit.rest();
    assertEquals(asked, i + 1);
  }
  stop();
});
