import { assertEquals } from "@std/assert";
import { compareOptWords, noteOptWord, readOptWords } from "../../src/people/opt_words.ts";
import { createKit } from "../bridge/kit.ts";

Deno.test("compareOptWords() tells of our words that Twilio hands on, once it is known to name them", async () => {
  await using kit = await createKit();
  const differ = async () => compareOptWords(await readOptWords(kit.store, "default"), ["twilio"]);
  await noteOptWord(kit.context, "default", "Cancel", undefined);
  assertEquals(
    await differ(),
    { missing: [], untyped: null },
    "no Advanced Opt-Out, as far as known",
  );
  await noteOptWord(kit.context, "default", "STOP", "STOP");
  assertEquals(await differ(), { missing: [], untyped: "cancel" });
  const minimal = compareOptWords(await readOptWords(kit.store, "default"), ["minimal"]);
  assertEquals(minimal, { missing: [], untyped: null }, "mended by the setting");
});

Deno.test("compareOptWords() tells of words that opt out at Twilio and are not among ours", async () => {
  await using kit = await createKit();
  for (
    const [word, type] of [["ARRET", "STOP"], ["arret ", "STOP"], ["Join", "START"], ["hi", "HELP"]]
  ) {
    await noteOptWord(kit.context, "default", word!, type);
  }
  const words = await readOptWords(kit.store, "default");
  assertEquals([words.stop, words.start], [["arret"], ["join"]]);
  assertEquals(compareOptWords(words, ["twilio"]).missing, ["arret"]);
  assertEquals(compareOptWords(words, ["STOP", "Arret"]).missing, []);
});

Deno.test("noteOptWord() keeps no text, and no more words than Twilio lets one have", async () => {
  await using kit = await createKit();
  await noteOptWord(kit.context, "default", "hello, how are you?", undefined);
  for (let i = 0; i < 200; i++) await noteOptWord(kit.context, "default", `word ${i}`, "STOP");
  await noteOptWord(kit.context, "default", "x".repeat(500), "STOP");
  const words = await readOptWords(kit.store, "default");
  assertEquals([words.stop.length, words.stop.at(-1), words.untyped], [50, "word 199", null]);
});
