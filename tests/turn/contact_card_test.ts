import { assertEquals, assertStringIncludes } from "@std/assert";
import { setName } from "../../src/people/names.ts";
import { readPeople } from "../../src/operations/people_view.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { withFiles } from "../../src/turn/incoming_files.ts";
import type { TwilioClient } from "../../src/twilio/rest.ts";
import { enterPage } from "../admin/page_kit.ts";
import { ANN, createKit, type Kit } from "../bridge/kit.ts";

const STRANGER = "+12025550199" as Phone;

/** Somebody sends a contact card. */
async function sendCard(kit: Kit, name: string, phone: Phone): Promise<void> {
  const text = `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL:${phone}\nEND:VCARD\n`;
  const bytes = new TextEncoder().encode(text);
  const fetchMedia = () => Promise.resolve([{ kind: "file", contentType: "text/vcard", bytes }]);
  const twilio = () => ({ fetchMedia } as unknown as TwilioClient);
  const context = { ...kit.context, twilio };
  const row = await kit.text("here", ANN, { mediaMissing: 1 });
  await kit.rest();
  await withFiles(context, kit.context.settings().accounts[0]!, row);
}

async function suggested({ context }: Kit): Promise<(readonly [string, string | null])[]> {
  const people = await readPeople(context);
  return people.map(({ phone, suggestedName }) => [phone, suggestedName]);
}

Deno.test("a contact card suggests a name for somebody who is known here, and for nobody else", async () => {
  await using kit = await createKit();
  await kit.take("hello");
  await kit.rest(60_000);
  await sendCard(kit, "Ada", STRANGER);
  await sendCard(kit, "Ada", ANN);
  assertEquals(await suggested(kit), [[ANN, "Ada"]]);
  const html = await (await enterPage(kit)).open("/people");
  assertStringIncludes(html, 'value="Ada"');
  assertStringIncludes(html, "<bdi>Ada</bdi>?");
});

Deno.test("a contact card changes no name that an operator gave, and brings none that is no line", async () => {
  await using kit = await createKit();
  await setName(kit.context, "default", ANN, "Annie");
  await sendCard(kit, "Ada", ANN);
  assertEquals(await suggested(kit), [[ANN, null]]);
  await setName(kit.context, "default", ANN, null);
  await sendCard(kit, "A\u202eda", ANN);
  assertEquals(await suggested(kit), [[ANN, null]]);
});
