import { assert, assertEquals } from "@std/assert";
import { createOutgoingFiles } from "../../src/outbound/outgoing_files.ts";
import type { Spool } from "../../src/store/spool.ts";
import { HOSTED_URL_TTL_MS } from "../../src/system/limits.ts";
import { noDisk } from "../simulation/memory_store.ts";
import { createKit } from "../bridge/kit.ts";

const NAME = "0123456789abcdef".repeat(2);
const HOSTED = `hosted:${NAME};image/png`;
const BYTES = new Uint8Array([1, 2, 3]);
const spool: Spool = {
  ...noDisk.spool,
  holds: (name) => Promise.resolve(name === NAME),
  read: (name) => Promise.resolve(name === NAME ? BYTES : null),
};

Deno.test("OutgoingFiles.urlsOf() hosts a file below the webhook's path, whatever that ends with", async () => {
  for (const end of ["", "/", "?key=value", "/?key=value", "#rc=2"]) {
    const path = end.startsWith("/") ? "/webhooks/sms/" : "/webhooks/sms";
    const publicWebhookUrl = `https://sms.example.com/webhooks/sms${end}`;
    await using kit = await createKit({ account: { publicWebhookUrl, webhookPath: path } });
    const files = createOutgoingFiles(kit.context, { ...noDisk, spool });
    const [account] = kit.context.settings().accounts;
    const [url] = await files.urlsOf(account!, [HOSTED]);
    assert(/^https:\/\/sms\.example\.com\/webhooks\/sms\/media\/[0-9a-f]{32}$/.test(url!), url);
    const route = files.contentFor(new URL(url!).pathname);
    const content = await route!({ clientAddress: "" });
    assertEquals(content, { kind: "content", type: "image/png", body: BYTES });
  }
});

Deno.test("OutgoingFiles.contentFor() has a file for ten minutes, and none that is not there", async () => {
  await using kit = await createKit();
  const files = createOutgoingFiles(kit.context, { ...noDisk, spool });
  const [account] = kit.context.settings().accounts;
  const gone = HOSTED.replace(NAME, "f".repeat(32));
  const foreign = "https://example.com/a.png";
  const urls = await files.urlsOf(account!, [gone, foreign, HOSTED]);
  assertEquals([urls.length, urls[0]], [2, foreign]);
  const route = files.contentFor(new URL(urls[1]!).pathname)!;
  const kind = async () => (await route({ clientAddress: "" })).kind;
  assertEquals(await kind(), "content");
  await kit.rest(HOSTED_URL_TTL_MS - 1);
  assertEquals(await kind(), "content");
  await kit.rest(1);
  assertEquals(await kind(), "refused");
  assertEquals(files.contentFor("/webhooks/sms/media/short"), undefined);
});
