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

/** What is texted of a job that ends, by its summary and what its session's transcript holds last. */
async function textedOf(summary: string, last: string): Promise<string[]> {
  await using kit = await createKit({ bridge: { maxChunksPerReply: 100 } });
  let hear: Parameters<Link["onEvent"]>[0] = () => {};
  const content = [{ type: "text", text: last }];
  const messages = [{ role: "assistant", stopReason: "stop", content }];
  const stop = startCronDelivery({
    context: kit.context,
    link: {
      onEvent: (listener) => (hear = listener, () => {}),
      onState: () => () => {},
      state: () => ({ kind: "connecting" }),
      request: () => Promise.resolve({ kind: "ok", payload: { messages } }),
    },
    views: { read: () => Promise.resolve(null) } as unknown as CronParts["views"],
    files: {
      prepare: ({ payloads }: Said) =>
        Promise.resolve({ markdown: payloads[0]?.text ?? "", attached: [], apart: [] }),
      urlsOf: () => Promise.resolve([]),
    } as unknown as CronParts["files"],
    deliverer: kit.deliverer,
  });
  const delivery = { intended: { channel: "sms", to: ANN } };
  const run = { action: "finished", status: "ok", runId: "run", summary, delivery };
  hear({ event: "cron", payload: { ...run, sessionKey: "agent:main:cron:1" } });
  await kit.rest(60_000);
  stop();
  return kit.sent.map(({ body }) => body ?? "");
}

Deno.test("startCronDelivery() texts the whole of a report, though its transcript has tags that the summary lacks", async () => {
  const report = `${"A line of it.\n\n".repeat(200)}The end.`;
  const texted = await textedOf(
    `${report.slice(0, 2_000)}…`,
    `<think>A report.</think>[[reply_to_current]] ${report}`,
  );
  assertMatch(texted[0]!, /^\(1\/\d+\) A line of it\./);
  assertMatch(texted.at(-1)!, /The end\.$/);
});

Deno.test("startCronDelivery() texts nothing of a silent job, whatever its session says last", async () => {
  assertEquals(await textedOf("NO_REPLY", "An answer to somebody else."), []);
});
