import { assertEquals } from "@std/assert";
import { readContactCards } from "../../src/policy/contact_card.ts";

const card = (...lines: string[]) =>
  ["BEGIN:VCARD", "VERSION:3.0", ...lines, "END:VCARD", ""].join("\r\n");

Deno.test("readContactCards() takes the name and the whole numbers of each card", () => {
  const text = card("FN:Ada Lovelace", "TEL;TYPE=CELL:+1 (202) 555-0101") +
    card("item1.FN:Bob\\, the other", "item1.TEL;VALUE=uri:tel:+1-202-555-0102");
  assertEquals(readContactCards(text), [
    { name: "Ada Lovelace", phones: ["+12025550101"] },
    { name: "Bob, the other", phones: ["+12025550102"] },
  ] as never);
});

Deno.test("readContactCards() reads folded lines and names in quoted-printable", () => {
  const folded = card("FN:Ada Love", " lace", "TEL:+12025550101");
  assertEquals(readContactCards(folded)[0]?.name, "Ada Lovelace");
  const old = card(
    "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Andr=C3=A9=",
    "=20Weil",
    "TEL:+12025550101",
  );
  assertEquals(readContactCards(old)[0]?.name, "André Weil");
});

Deno.test("readContactCards() makes nothing of cards without a name or a whole number, and of what is no card", () => {
  for (
    const text of [
      card("FN:Ada"),
      card("TEL:+12025550101"),
      card("FN:Ada", "TEL:555-0101"),
      "FN:Ada\nTEL:+12025550101",
      "",
    ]
  ) assertEquals(readContactCards(text), [], text);
});

Deno.test("readContactCards() takes the parts of a name where a card has no whole one", () => {
  const card = (name: string) => `BEGIN:VCARD\nVERSION:2.1\n${name}\nTEL:+12025550101\nEND:VCARD`;
  for (
    const [name, said] of [
      ["N:Lovelace;Ada", "Ada Lovelace"],
      ["N:Lovelace;Ada;King;Lady;\nFN:", "Lady Ada King Lovelace"],
      ["FN:Countess\nN:Lovelace;Ada;;;", "Countess"],
      ["N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Weil;Andr=C3=A9", "André Weil"],
      ["N:Smith\\; Sons;;;;", "Smith; Sons"],
    ] as const
  ) assertEquals(readContactCards(card(name))[0]?.name, said);
});

Deno.test("readContactCards() loses nothing behind a line that ends with an equals sign", () => {
  const card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ada\r\nPHOTO;ENCODING=b:AAAA\r\n AAA=\r\n" +
    "TEL:+12025550101\r\nURL:https://example.com/?q=\r\nTEL:+12025550102\r\n" +
    "NOTE:not the END:VCARD yet\r\nTEL:+12025550103\r\nEND:VCARD\r\n";
  assertEquals(readContactCards(card)[0]?.phones.length, 3);
});

Deno.test("readContactCards() comes to an end with cards that are made to take long", () => {
  const whole = 'FN:Ada\nTEL;X-LABEL="a:b":+12025550101';
  for (
    const line of [
      '"a"'.repeat(1e5),
      "NOTE;ENCODING=QUOTED-PRINTABLE:" + "a=\n".repeat(3e5),
    ]
  ) {
    const card = `BEGIN:VCARD\n${whole}\n${line}\nEND:VCARD\n`;
    const cards = readContactCards(card + "BEGIN:VCARD\n".repeat(3e5));
    assertEquals(cards.map(({ name, phones }) => `${name} ${phones}`), ["Ada +12025550101"]);
  }
});

Deno.test("readContactCards() reads the beginning of a card that goes on for megabytes", () => {
  const begins = "BEGIN:VCARD\nFN:Ada\nTEL:+12025550101\n";
  for (const line of ["N;QUOTED-PRINTABLE:=41=\n", "X:y\n"]) {
    const card = `${begins}${line.repeat(1e5)}\nTEL:+12025550102\nEND:VCARD\n`;
    const [{ name, phones } = { name: "", phones: [] }] = readContactCards(card);
    assertEquals([name, phones[0]], ["Ada", "+12025550101"]);
  }
  const lines = "X:y\n".repeat(1e4);
  const far = readContactCards(`${begins}${lines}TEL:+12025550102\nEND:VCARD\n`);
  assertEquals(far[0]?.phones.join(), "+12025550101");
});
