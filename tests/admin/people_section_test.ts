import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { peopleSection, personMark } from "../../src/admin/people_section.ts";
import { adminPageOver } from "../../src/admin/wiring.ts";
import { createAdminSessions } from "../../src/admin/session.ts";
import { operationsOn } from "../../src/operations/operations.ts";
import type { PersonView } from "../../src/operations/people_view.ts";
import { isBlocked } from "../../src/people/blocked.ts";
import { setName } from "../../src/people/names.ts";
import { isPaired } from "../../src/people/pairing_book.ts";
import { systemRandom } from "../../src/system/random.ts";
import { ANN, createKit } from "../bridge/kit.ts";

const NOW_MS = Date.UTC(2026, 10, 26, 12);
const HOSTILE = '<img src="x">';
const person = (more: Partial<PersonView> = {}): PersonView => ({
  account: "default",
  phone: ANN,
  name: null,
  role: "let in",
  sinceMs: NOW_MS,
  lastTextAtMs: NOW_MS - 120_000,
  texts: 0,
  segments: 0,
  states: [],
  ...more,
});

Deno.test("peopleSection() shows name, masked number, role and state, and no whole number", () => {
  const html = peopleSection([person({ name: HOSTILE, states: ["opted out"] })], "c", NOW_MS);
  assert(!html.includes("<img") && !html.includes(ANN) && !html.includes(ANN.slice(1)));
  for (const shown of ["&lt;img", "+1•••••0101", "let in, opted out", "2m ago", "Lift opt-out"]) {
    assertStringIncludes(html, shown);
  }
  const blocked = peopleSection([person({ role: "blocked", states: ["blocked"] })], "c", NOW_MS);
  assertStringIncludes(blocked, ">Unblock</button>");
  assert(!blocked.includes(">Block</button>") && !blocked.includes(">Revoke</button>"));
  assertStringIncludes(peopleSection([], "c", NOW_MS), "Nobody yet");
});

Deno.test("peopleSection() shows fifty people and says how many more there are", () => {
  const html = peopleSection(Array.from({ length: 60 }, () => person()), "c", NOW_MS);
  assertEquals(html.match(/<li/g)?.length, 50);
  assertStringIncludes(html, "And 10 more");
});

Deno.test("a button of the page blocks, unblocks and revokes the person, and no form without its token does", async () => {
  await using kit = await createKit();
  const { context, clock, store } = kit;
  await setName(context, "default", ANN, "Ada");
  const settings = context.settings;
  const accounts = () => settings().accountChoice;
  const sessions = createAdminSessions(clock, systemRandom);
  const page = adminPageOver(operationsOn({ ...context, accounts }), {
    sessions,
    clock,
    random: systemRandom,
  });
  const origin = "http://127.0.0.1:1";
  const ask = async (path: string, init: RequestInit = {}) =>
    (await page.answer(new Request(`${origin}${path}`, init)))!;
  const entered = await ask(`/enter?t=${sessions.link()}`);
  const cookie = entered.headers.get("set-cookie")!.split(";")[0]!;
  const shown = async () => await (await ask("/", { headers: { cookie } })).text();
  const html = await shown();
  assertStringIncludes(html, "Ada");
  assert(!html.includes(ANN));
  const csrf = html.match(/name="csrf" value="([^"]+)"/)![1]!;
  const mark = personMark(person(), csrf);
  const press = async (action: string, fields: Record<string, string>) =>
    (await ask(`/people/${action}`, {
      method: "POST",
      headers: { cookie, origin, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(fields).toString(),
    })).status;
  assertEquals(await press("block", { csrf: "guess", person: mark }), 403);
  assertEquals(await press("block", { csrf, person: personMark(person(), "other") }), 303);
  assertEquals(await isBlocked({ store }, "default", ANN), false);
  assertEquals(await press("block", { csrf, person: mark }), 303);
  assertEquals(await isBlocked({ store }, "default", ANN), true);
  assertStringIncludes(await shown(), "Ada is blocked now.");
  assertEquals(await press("unblock", { csrf, person: mark }), 303);
  assertEquals(await isBlocked({ store }, "default", ANN), false);
  assertEquals(await press("revoke", { csrf, person: mark }), 303);
  assertEquals(await isPaired(store, "default", ANN), false);
});
