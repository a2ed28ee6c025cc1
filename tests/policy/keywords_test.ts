import { assertEquals } from "@std/assert";
import { classifyKeyword } from "../../src/policy/keywords.ts";

Deno.test("classifyKeyword() knows each family, in any case and with space around it", () => {
  const families = {
    stop: [
      "STOP",
      "StopAll",
      "unsubscribe",
      "cancel",
      "END",
      "Quit",
      "revoke",
      "OPTOUT",
      " stop \n",
    ],
    start: ["START", "unstop"],
    help: ["Help", "INFO"],
  };
  for (const [keyword, words] of Object.entries(families)) {
    for (const word of words) assertEquals(classifyKeyword(word) as string, keyword, word);
  }
});

Deno.test("classifyKeyword() leaves a keyword inside a text to the agent", () => {
  const texts = [
    "help me with my taxes",
    "cancel my 3pm",
    "the end",
    "STOP!",
    "/stop",
    "",
    "stop stop",
  ];
  for (const text of [...texts, "\u017ftop", "\uff33\uff34\uff2f\uff30"]) {
    assertEquals(classifyKeyword(text), null, text);
  }
});

Deno.test("classifyKeyword() takes YES for a keyword only from someone opted out", () => {
  assertEquals(classifyKeyword("Yes"), null);
  assertEquals(classifyKeyword("Yes", { optedOut: false }), null);
  assertEquals(classifyKeyword("Yes", { optedOut: true }), "start");
});

Deno.test("classifyKeyword() believes OptOutType more than the text", () => {
  assertEquals(classifyKeyword("Yes", { optOutType: "START" }), "start");
  assertEquals(classifyKeyword("arret", { optOutType: "STOP" }), "stop");
  assertEquals(classifyKeyword("stop", { optOutType: "help" }), "help");
});

Deno.test("classifyKeyword() leaves every word to the agent that owners can take away at Twilio", () => {
  const minimal = { optOutKeywords: [" Minimal "], optedOut: true };
  for (const word of ["Info", "unstop", "YES", "Cancel", "end", "Quit", "revoke", "optout"]) {
    assertEquals(classifyKeyword(word, minimal), null, word);
  }
  assertEquals(classifyKeyword("info", { ...minimal, optOutType: "HELP" }), "help");
  const always = ["stop", "Start", "HELP"].map((word) => classifyKeyword(word, minimal));
  assertEquals(always, ["stop", "start", "help"]);
});

Deno.test("classifyKeyword() falls back to the text when OptOutType is unknown", () => {
  assertEquals(classifyKeyword("stop", { optOutType: "" }), "stop");
  assertEquals(classifyKeyword("hello", { optOutType: "PAUSE" }), null);
});
