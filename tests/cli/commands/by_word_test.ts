import { assertEquals, assertStrictEquals } from "@std/assert";
import { BY_WORD, commandsFor } from "../../../src/cli/commands/by_word.ts";
import { COMMANDS } from "../../../src/cli/commands/table.ts";

Deno.test("BY_WORD has every command of its words, as the table has them", async () => {
  for (const [word, load] of Object.entries(BY_WORD)) {
    assertEquals(await load(), COMMANDS.filter(({ path }) => path[0] === word), word);
  }
});

Deno.test("commandsFor() gives all commands where a command line is wrong, or asks for help", async () => {
  for (
    const line of [[], ["--help"], ["pair", "--help"], ["pair", "aprove"], ["version", "x"], [
      "help",
    ]]
  ) {
    assertStrictEquals(await commandsFor(line), COMMANDS, line.join(" "));
  }
  assertEquals((await commandsFor(["pair", "list"])).length < COMMANDS.length, true);
});
