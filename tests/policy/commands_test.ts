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

Deno.test("asPlainText() quotes only what the Gateway would take for a command", () => {
  assertEquals(asPlainText("/new"), '"/new"');
  assertEquals(asPlainText(" /RESET all\n"), '"/RESET all"');
  for (const text of ["/status", "hello", "a /new day", ""]) assertEquals(asPlainText(text), text);
});
