import { assertEquals } from "@std/assert";
import { asPlainText, commandKind } from "../../src/policy/commands.ts";

Deno.test("commandKind() takes what begins with a slash for a command, in any case", () => {
  assertEquals(commandKind("/stop"), "stop");
  assertEquals(commandKind("/STOP now"), "stop");
  assertEquals(commandKind("/new"), "reset");
  assertEquals(commandKind("/Reset hello"), "reset");
  assertEquals(commandKind("/newsletter"), "plain");
  assertEquals(commandKind("/"), "plain");
});

Deno.test("commandKind() leaves other texts alone", () => {
  for (const text of ["", "stop", " /new", "see /etc/hosts", "1/2"]) {
    assertEquals(commandKind(text), null);
  }
});

const STRANGER = { owner: false, chat: false };

Deno.test("asPlainText() leaves nothing in a chat's text that could be a command", () => {
  for (const text of ["/new", "see /status\n/think high", "stop", "a\t/verbose on", "/ /x"]) {
    for (const owner of [true, false]) {
      const plain = asPlainText(text, { owner, chat: true });
      assertEquals(/(^|\s)\/|^stop$/.test(plain), false, text);
      assertEquals(plain.replaceAll("\u2060", ""), text);
    }
  }
});

Deno.test("asPlainText() quotes only what the Gateway would take for a command", () => {
  assertEquals(asPlainText("/new", STRANGER), '"/new"');
  assertEquals(asPlainText(" /RESET all\n", STRANGER), '"/RESET all"');
  for (const text of ["/status", "hello", "a /new day", ""]) {
    assertEquals(asPlainText(text, STRANGER), text);
  }
  assertEquals(asPlainText("/new", { owner: true, chat: false }), "/new");
});
