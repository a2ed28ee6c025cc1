import { assertEquals, assertMatch } from "@std/assert";
import type { Link } from "../../src/gateway/link.ts";
import type { Said } from "../../src/outbound/outgoing_files.ts";
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

Deno.test("startCronDelivery() texts the whole of a report, though its transcript has tags that the summary lacks", async () => {
  await using kit = await createKit({ bridge: { maxChunksPerReply: 100 } });
  let hear: Parameters<Link["onEvent"]>[0] = () => {};
  const report = `${"A line of it.\n\n".repeat(200)}The end.`;
  const said = {
    role: "assistant",
    stopReason: "stop",
    content: [{ type: "text", text: `<think>A report.</think>[[reply_to_current]] ${report}` }],
  };
  const stop = startCronDelivery({
    context: kit.context,
    link: {
      onEvent: (listener) => (hear = listener, () => {}),
      onState: () => () => {},
      state: () => ({ kind: "connecting" }),
      request: () => Promise.resolve({ kind: "ok", payload: { messages: [said] } }),
    },
    views: { read: () => Promise.resolve(null) } as unknown as CronParts["views"],
    files: {
      prepare: ({ payloads }: Said) =>
        Promise.resolve({ markdown: payloads[0]!.text, attached: [], apart: [] }),
      urlsOf: () => Promise.resolve([]),
    } as unknown as CronParts["files"],
    deliverer: kit.deliverer,
  });
  hear({
    event: "cron",
    payload: {
      action: "finished",
      status: "ok",
      runId: "run",
      summary: `${report.slice(0, 2_000)}…`,
      sessionKey: "agent:main:cron:1",
      delivery: { intended: { channel: "sms", to: ANN } },
    },
  });
  await kit.rest(60_000);
  const texted = kit.sent.map(({ body }) => body).join(" ");
  assertMatch(texted, /^\(1\/\d+\) A line of it\./);
  assertMatch(texted, /The end\.$/);
  stop();
});
