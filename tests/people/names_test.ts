import { assert, assertEquals } from "@std/assert";
import { readPeople } from "../../src/operations/people_view.ts";
import { readName, setName, suggestName } from "../../src/people/names.ts";
import { readContactCards } from "../../src/policy/contact_card.ts";
import { ANN, createKit } from "../bridge/kit.ts";

/** Names that would move a cursor, colour a terminal, turn a line round or begin another. */
const HOSTILE = [
  "\x1b[31mAda\x1b[0m",
  "\x1b]0;title\x07Ada",
  "\x9b2JAda",
  "Ada\nroot",
  "Ada\rroot",
  "Ada\u2028root",
  "Ada\u202eadA",
  "\u2066Ada",
  "Ada\u200bB",
  "Ada\x00",
  "\ud800",
  "A".repeat(200),
];

Deno.test("readName() takes no name that does something to a terminal or a line", () => {
  for (const name of HOSTILE) assertEquals(readName(name), null, JSON.stringify(name));
  for (
    const name of ["Ada", "O'Neil, Jr.", "=1+1", "\u05d3\u05d5\u05d3", "\u{1f468}\u200d\u{1f467}"]
  ) {
    assertEquals(readName(` ${name} `), name);
  }
});

Deno.test("a contact card's name that does something to a terminal is nowhere kept, and what is kept is a suggestion", async () => {
  await using kit = await createKit();
  const { context, store, clock } = kit;
  await setName(context, "default", ANN, null);
  const name = async () => (await readPeople({ store, clock })).find(({ phone }) => phone === ANN);
  const card = (called: string) =>
    readContactCards(`BEGIN:VCARD\r\nFN:${called}\r\nTEL:${ANN}\r\nEND:VCARD`);
  for (const called of HOSTILE) {
    for (const one of card(called)) await suggestName(context, "default", ANN, one.name);
    const kept = (await name())?.suggestedName ?? "";
    assert(!/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(kept), JSON.stringify(called));
  }
  const quoted = "BEGIN:VCARD\r\nFN;ENCODING=QUOTED-PRINTABLE:=1B[31mAda=0D=0Aroot\r\n" +
    `TEL:${ANN}\r\nEND:VCARD`;
  for (const one of readContactCards(quoted)) {
    await suggestName(context, "default", ANN, one.name);
  }
  assert(!JSON.stringify(await name()).includes("root"));
  for (const one of card("Ada, of London")) await suggestName(context, "default", ANN, one.name);
  const kept = await name();
  assertEquals([kept?.name, kept?.suggestedName], [null, "Ada, of London"]);
});
