/**
 * Commands that show what parsing and help must cope with.
 *
 * @module
 */
import { ACCOUNT_OPTION, type Command, JSON_OPTION } from "../../src/cli/command.ts";

const nothing = () => 0 as const;

/** A small table: a group, aliases with fixed words, rest arguments, repeated and limited options. */
export const SAMPLE_COMMANDS: readonly Command[] = [
  {
    path: ["pair", "list"],
    aliases: [["pairing", "list", "sms"]],
    group: "People",
    summary: "list who waits to be let in",
    options: [JSON_OPTION, ACCOUNT_OPTION],
    examples: ["pair list"],
    run: nothing,
  },
  {
    path: ["pair", "approve"],
    aliases: [["pairing", "approve", "sms"]],
    group: "People",
    summary: "let the sender of a code in",
    arguments: [{ name: "CODE", meaning: "the code that was sent" }],
    options: [JSON_OPTION, { name: "yes", short: "y", kind: "boolean", meaning: "do not ask" }],
    examples: ["pair approve ABCD2345"],
    run: nothing,
  },
  {
    path: ["send"],
    group: "Messages",
    summary: "send a message",
    details: "The text comes from standard input when it is a dash.",
    arguments: [
      { name: "NUMBER", meaning: "whom to send to" },
      { name: "TEXT", meaning: "what to send", rest: true },
    ],
    options: [
      { name: "media", kind: "string", repeat: true, value: "URL", meaning: "a file to send" },
      { name: "limit", short: "n", kind: "number", value: "COUNT", meaning: "at most so many" },
      { name: "encoding", kind: "string", choices: ["gsm", "ucs2"], meaning: "it's the encoding" },
    ],
    examples: ['send +15551234567 "hello"'],
    run: nothing,
  },
];
