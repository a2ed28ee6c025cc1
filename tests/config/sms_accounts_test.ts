import { assertEquals } from "@std/assert";
import { emptyTree, type Tree } from "../../src/config/json5/tree.ts";
import { listAccountIds } from "../../src/config/sms_accounts.ts";

Deno.test("listAccountIds() orders ids as OpenClaw does: by the rules of languages", () => {
  const ids = [
    "work",
    "b2",
    "B",
    "a-1",
    "10",
    "2",
    "ab",
    "a_b",
    "Über",
    "zed",
    "a",
    "home9",
    "home10",
  ];
  const accounts: Tree = {
    ...emptyTree(),
    entries: new Map(ids.map((id) => [id, emptyTree()])),
  };
  const channel: Tree = { ...emptyTree(), entries: new Map([["accounts", accounts]]) };
  assertEquals(
    listAccountIds(channel, () => undefined),
    ids.toSorted((a, b) => a.localeCompare(b)),
  );
});
