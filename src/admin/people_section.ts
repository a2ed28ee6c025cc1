/**
 * The people on the admin page: who they are, and what can be done about them. A form names a person by a
 * mark that only its session can read back, so that no whole number stands on the page.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { PersonView } from "../operations/people_view.ts";
import { maskNumber } from "../system/redact.ts";
import { age, escapeHtml } from "./html.ts";

/** What a button does about a person. */
export type PersonAction = "block" | "unblock" | "revoke" | "opt-in";
/** All of them. */
export const PERSON_ACTIONS: readonly PersonAction[] = ["block", "unblock", "revoke", "opt-in"];

/** People shown at most, those heard of last. */
const PEOPLE_SHOWN = 50;
const WORDS: Readonly<Record<PersonAction, string>> = {
  block: "Block",
  unblock: "Unblock",
  revoke: "Revoke",
  "opt-in": "Lift opt-out",
};

/** What stands for a person in the forms of a session. */
export function personMark({ account, phone }: PersonView, csrf: string): string {
  return createHash("sha256").update(`${csrf} ${account} ${phone}`).digest("hex").slice(0, 32);
}

function actionsFor({ role, sinceMs, states }: PersonView): PersonAction[] {
  if (role === "blocked") return ["unblock"];
  const isLetIn = (role === "let in" || role === "owner") && sinceMs !== null;
  return [
    ...(states.includes("opted out") ? ["opt-in" as const] : []),
    ...(isLetIn ? ["revoke" as const] : []),
    "block",
  ];
}

function form(action: PersonAction, person: PersonView, csrf: string): string {
  const mark = personMark(person, csrf);
  const who = escapeHtml(person.name ?? maskNumber(person.phone));
  return `<form method="post" action="/people/${action}">` +
    `<input type="hidden" name="csrf" value="${escapeHtml(csrf)}">` +
    `<input type="hidden" name="person" value="${mark}">` +
    `<button id="${action}-${mark}" aria-label="${WORDS[action]}: ${who}">${WORDS[action]}` +
    "</button></form>";
}

/** The section about people. */
export function peopleSection(
  people: readonly PersonView[],
  csrf: string,
  nowMs: number,
): string {
  const rows = people.slice(0, PEOPLE_SHOWN).map((one) => {
    const states = one.states.filter((state) => state !== one.role);
    return `<li class="request"><div><strong>${escapeHtml(one.name ?? "")}</strong> ` +
      `${escapeHtml(maskNumber(one.phone))}<br><small>${escapeHtml(one.account)}, ` +
      `${[one.role, ...states].join(", ")}; last text ${
        age(one.lastTextAtMs, nowMs)
      }</small></div>` +
      `<div class="choice">${actionsFor(one).map((action) => form(action, one, csrf)).join("")}` +
      "</div></li>";
  });
  const more = people.length - rows.length;
  return '<section aria-labelledby="people"><h2 id="people">People</h2>' +
    (rows.length === 0 ? "<p>Nobody yet.</p>" : `<ul class="plain">${rows.join("")}</ul>`) +
    (more > 0 ? `<p>And ${more} more: <code>sms-bridge people</code></p>` : "") + "</section>";
}
