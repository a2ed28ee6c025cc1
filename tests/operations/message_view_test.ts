import { assertEquals } from "@std/assert";
import { listMessages } from "../../src/operations/message_view.ts";
import type { Range } from "../../src/store/kv.ts";
import { OUTBOX, type OutboxRow } from "../../src/store/outbox_row.ts";
import { ANN, createKit } from "../bridge/kit.ts";

Deno.test("listMessages() tells a message once that moves to the history while it lists", async () => {
  await using kit = await createKit();
  await kit.text("hello");
  await kit.rest(5_000);
  const [answer] = await listMessages(kit.store, { limit: 1 });
  const before: OutboxRow = {
    id: Number(answer!.id),
    account: "default",
    to: ANN,
    kind: "reply",
    inReplyTo: null,
    chunks: [{ body: "hi", segments: 1, mediaUrls: [] }],
    sids: [],
    begunAtMs: null,
    attempts: 0,
    notBeforeMs: 0,
    createdAtMs: kit.context.clock.now(),
  };
  async function* list<T>(range: Range<T>) {
    if (range.prefix[0] === OUTBOX[0]) {
      yield { key: OUTBOX, value: before, versionstamp: "1" } as never;
    }
    yield* kit.store.list(range);
  }
  const ids = (await listMessages({ ...kit.store, list }, { limit: 10 })).map(({ id }) => id);
  assertEquals([ids.length, new Set(ids).size], [2, 2]);
});
