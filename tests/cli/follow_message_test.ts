import { assert, assertEquals, assertMatch } from "@std/assert";
import type { MessageView } from "../../src/operations/message_view.ts";
import type { Operations } from "../../src/operations/operations.ts";
import { exitCodeOf, followMessage, tellMessage } from "../../src/cli/follow_message.ts";
import { createSimClock } from "../../src/sim/clock.ts";
import { createTestContext } from "./test_context.ts";

const MESSAGE: MessageView = {
  id: "7",
  account: "default",
  direction: "out",
  number: "+12025550101",
  beganAtMs: 0,
  atMs: 0,
  status: "waiting",
  detail: "",
  advice: "",
  trouble: null,
  segments: 1,
  chunks: [],
};

/** Follows a message whose state is `states[n]` at the n-th look; the last one stays. */
async function follow(states: readonly Partial<MessageView>[], wait: boolean, timeoutMs = 60_000) {
  const clock = createSimClock();
  const begunAtMs = clock.now();
  let looks = 0;
  let refreshed = 0;
  const operations = {
    ask(_name: string, { refresh }: { refresh?: boolean }) {
      if (refresh === true) refreshed++;
      const state = states[Math.min(++looks, states.length - 1)];
      return Promise.resolve({ message: { ...MESSAGE, ...state } });
    },
  } as unknown as Operations;
  const context = createTestContext({ clock });
  const first = { ...MESSAGE, ...states[0] };
  const following = followMessage(context, operations, first, { wait, timeoutMs });
  let ended: MessageView | undefined;
  following.then((message) => (ended = message));
  await clock.advance(0);
  while (ended === undefined) await clock.advance(1_000);
  return { status: ended.status, looks, refreshed, tookMs: clock.now() - begunAtMs };
}

Deno.test("followMessage() ends when Twilio has taken it, or with wait when a carrier has spoken", async () => {
  const states = ["waiting", "waiting", "sent", "sent", "delivered"].map((status) => ({ status }));
  assertEquals((await follow(states, false)).status, "sent");
  assertEquals((await follow(states, true)).status, "delivered");
  assertEquals((await follow([{ status: "waiting" }, { status: "refused" }], true)).looks, 1);
});

Deno.test("followMessage() does not wait for what only a person mends", async () => {
  const { looks } = await follow([{}, { trouble: "credentials" }, { status: "sent" }], true);
  assertEquals(looks, 1);
});

Deno.test("followMessage() gives up when time is up, and asks Twilio itself ever less until then", async () => {
  const { status, refreshed, tookMs } = await follow([{ status: "sent" }], true, 20_000);
  assertEquals(status, "sent");
  assert(tookMs >= 20_000 && tookMs < 21_000, String(tookMs));
  assert(refreshed >= 2 && refreshed <= 4, String(refreshed));
  assertEquals((await follow([{}], false, 5_000)).refreshed, 0, "nothing to ask about");
});

Deno.test("exitCodeOf() tells sent, refused and unknown apart", () => {
  const code = (message: Partial<MessageView>, wait = false) =>
    exitCodeOf({ ...MESSAGE, ...message }, wait);
  assertEquals([code({ status: "sent" }), code({ status: "delivered" }, true)], [0, 0]);
  assertEquals(code({ status: "sent" }, true), 7, "no carrier has spoken");
  assertEquals(code({}), 7);
  assertEquals(code({ trouble: "credentials" }), 4);
  for (const status of ["refused", "failed", "conflicted", "opted-out", "too-old"]) {
    assertEquals(code({ status }), 1, status);
  }
});

Deno.test("tellMessage() masks the number and says with each trouble what to do", () => {
  const chunk = {
    sid: "SM1",
    status: "undelivered",
    errorCode: 30007,
    meaning: "a carrier filtered the message",
    advice: "Write less like an advertisement.",
    price: null,
    estimatedPrice: null,
    atMs: null,
  };
  const troubles: Partial<MessageView>[] = [
    { trouble: "credentials", detail: "Twilio does not accept the credentials" },
    { trouble: "rate", detail: "Twilio asks to send more slowly" },
    { status: "failed", chunks: [chunk] },
    { status: "refused", detail: "21211: not a number", advice: "Check the number." },
  ];
  for (const trouble of troubles) {
    const context = createTestContext();
    tellMessage(context, { ...MESSAGE, ...trouble }, { repeated: false, wait: true });
    assertMatch(context.err, /^error: .+\nhint: .+\n$/, JSON.stringify(trouble));
    assert(!`${context.out}${context.err}`.includes(MESSAGE.number));
  }
});
