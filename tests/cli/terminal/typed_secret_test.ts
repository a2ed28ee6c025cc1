import { assertEquals } from "@std/assert";
import { typedSecret } from "../../../src/cli/terminal/typed_secret.ts";

Deno.test("typedSecret() edits a line as a terminal does, and is ended by Ctrl-C and Ctrl-D", () => {
  assertEquals(typedSecret("abc\r"), "abc");
  assertEquals(typedSecret("abx\x7fc\n"), "abc");
  assertEquals(typedSecret("wrong\x15right\r"), "right");
  assertEquals(typedSecret("a\x1b[Db\x1b[1;5Cc\r"), "abc");
  assertEquals(typedSecret("\r"), "");
  assertEquals(typedSecret("abc\x03"), null);
  assertEquals(typedSecret("\x04"), null);
});
