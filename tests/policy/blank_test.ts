import { assert, assertFalse } from "@std/assert";
import { isBlank } from "../../src/policy/blank.ts";

Deno.test("isBlank() takes every white space and every invisible character for nothing", () => {
  const blank = [
    "",
    " ",
    "\n",
    "\r\n\t",
    "\u00a0",
    "\u3000",
    "\ufeff",
    "\u2028",
    "\u2029",
    "\u0085",
  ];
  const invisible = [
    "\u200b",
    "\u200d\u2060",
    "\u00ad",
    "\ufe0f",
    "\u3164",
    "\u2800",
    "\u{e0020}",
    "\0",
  ];
  for (const text of [...blank, ...invisible, " \u200b\n\u00a0"]) {
    assert(isBlank(text), JSON.stringify(text));
  }
});

Deno.test("isBlank() lets everything pass that shows", () => {
  for (const text of ["a", " . ", "\u200bok", "👍🏽", "👨‍👩‍👧", "\u0301", "ا", "。"]) {
    assertFalse(isBlank(text), JSON.stringify(text));
  }
});
