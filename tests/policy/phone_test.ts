import { assertEquals } from "@std/assert";
import { isPhone, parseAddress, parsePhone, parseSender } from "../../src/policy/phone.ts";
import { seededRandom } from "../../src/system/random.ts";
import { normalizePhone } from "../vectors/adapt_policy.ts";
import vectors from "../vectors/phones.json" with { type: "json" };

interface PhoneExpectation {
  accept?: boolean;
  e164?: string | null;
  lenient?: boolean;
  debatable?: boolean;
  candidates?: string[];
}

Deno.test("normalizePhone() agrees with libphonenumber on every vector", () => {
  for (const { id, input, expect } of vectors.cases) {
    const wanted: PhoneExpectation = expect;
    const got = normalizePhone(input);
    if (wanted.debatable) {
      assertEquals(got === null || wanted.candidates!.includes(got), true, `${id}: ${got}`);
    } else if (!(wanted.lenient && got === null)) {
      assertEquals(got, wanted.accept ? wanted.e164 : null, id);
    }
  }
});

Deno.test("parsePhone() reads what people write", () => {
  const written = [
    "+12025550123",
    "12025550123",
    " sms:+1 (202) 555-0123",
    "TWILIO-SMS: +1.202.555.0123",
    "tel:+1-202-555-0123",
    "rcs:+12025550123",
    "(+1) 202/555\u20130123\n",
    "\u202a+1\u00a0202\u00a0555\u00a00123\u202c",
  ];
  for (const input of written) assertEquals(parsePhone(input) as string, "+12025550123", input);
});

Deno.test("parsePhone() drops a trunk zero in brackets unless the country keeps its zero", () => {
  assertEquals(parsePhone("+49 (0)30 901820") as string, "+4930901820");
  assertEquals(parsePhone("sms:+44 (0) 7700 900123") as string, "+447700900123");
  assertEquals(parsePhone("+39 (0)6 698"), null);
  assertEquals(parsePhone("+39 06 698") as string, "+3906698");
});

Deno.test("parsePhone() refuses what is not certainly one number", () => {
  const refused = [
    "",
    "+",
    "*",
    "sms:",
    "2025550123",
    "0012025550123",
    "+0012025550123",
    "+123456",
    "+1234567890123456",
    "++12025550123",
    "+1+2025550123",
    "12025550123+",
    "+1202555O123",
    "+12025550123x5",
    "+12025550123,+12025550124",
    "sms:sms:+12025550123",
    "whatsapp:+12025550123",
    "signal:12025550123",
    `+1${" ".repeat(1000)}2025550123`,
    "9".repeat(1_000_000),
  ];
  for (const input of refused) assertEquals(parsePhone(input), null, input.slice(0, 40));
});

Deno.test("parsePhone() never makes another number of one with a character changed", () => {
  const seed = 5;
  const random = seededRandom(seed);
  const number = "+12025550123";
  for (let i = 0; i < 20_000; i++) {
    const at = random.below(number.length);
    const put = String.fromCharCode(0x20 + random.below(0x300));
    const changed = number.slice(0, at) + put + number.slice(at + random.below(2));
    const got = parsePhone(changed);
    const digits = `+${changed.replace(/\D/g, "")}`;
    assertEquals(got === null || got === digits, true, `seed ${seed}: ${changed} gave ${got}`);
  }
});

Deno.test("parseAddress() names the channel in lower case", () => {
  assertEquals(parseAddress("WhatsApp:+34 600 123 456") as unknown, {
    channel: "whatsapp",
    phone: "+34600123456",
  });
  assertEquals(parseAddress("+34600123456")?.channel, "");
  assertEquals(parseAddress("whatsapp:34600123456"), null);
});

Deno.test("isPhone() takes E.164 and nothing around it", () => {
  assertEquals(isPhone("+1234567"), true);
  assertEquals(isPhone("+123456789012345"), true);
  for (
    const text of ["+123456", "+1234567890123456", "12025550123", "+1 2025550123", "+12025550123\n"]
  ) {
    assertEquals(isPhone(text), false, text);
  }
});

Deno.test("parseSender() tells numbers from what cannot be answered", () => {
  const kinds: [string, string][] = [
    ["+12025550123", "phone"],
    ["+1 202 555 0123", "phone"],
    ["sms:+12025550123", "other-channel"],
    ["32665", "short-code"],
    ["+32665", "short-code"],
    ["12345678", "short-code"],
    ["MyBank", "alphanumeric"],
    ["A T&T", "alphanumeric"],
    ["1800FLOWERS", "alphanumeric"],
    ["whatsapp:+12025550123", "other-channel"],
    ["tel:+12025550123", "other-channel"],
    ["rcs:example_agent", "other-channel"],
    ["messenger:1234567890", "other-channel"],
    ["", "invalid"],
    ["2025550123", "invalid"],
    ["MyVeryLongBankName", "invalid"],
    ["+12025550123;ext=1", "invalid"],
  ];
  for (const [from, kind] of kinds) assertEquals(parseSender(from).kind, kind, from);
  assertEquals(parseSender("WhatsApp:x"), { kind: "other-channel", channel: "whatsapp" });
});

Deno.test("parseSender() leaves every digit in its place", () => {
  const sender = parseSender("+49 (0)30 901820");
  assertEquals(sender.kind === "phone" ? sender.phone as string : sender.kind, "+49030901820");
});

Deno.test("parseSender() folds an RCS sender to its number", () => {
  const folded = parseSender("rcs:+12025550123");
  assertEquals(folded as unknown, { kind: "phone", phone: "+12025550123", rcs: true });
  const plain = parseSender("+12025550123");
  assertEquals(plain.kind === "phone" && plain.rcs, false);
});
