/**
 * The room People: who waits, who they are, and what can be done about each.
 *
 * @module
 */
import type { PersonView } from "../operations/people_view.ts";
import { maskNumber } from "../system/redact.ts";
import { plural } from "../text/amounts.ts";
import type { PersonAction } from "./actions.ts";
import { age, buttonForm, called, escapeHtml, fold, section, usd } from "./markup.ts";
import { pendingSection } from "./pending_section.ts";
import type { Room, RoomParts } from "./room.ts";

/** People shown at most, those heard of last. */
const PEOPLE_SHOWN = 40;
const WORDS: Readonly<Record<PersonAction, string>> = {
  block: "Block",
  unblock: "Unblock",
  revoke: "Revoke",
  resume: "Resume",
  "opt-in": "Lift opt-out",
  name: "Name",
};
/** What each does, where the word alone does not say it. */
const MEANINGS: Partial<Record<PersonAction, string>> = {
  block: "They get no answer, no code and no text any more.",
  revoke: "Their texts do not reach the assistant any more; they may ask again.",
};

function actionsFor({ role, sinceMs, states }: PersonView): PersonAction[] {
  if (role === "blocked") return ["unblock"];
  const isLetIn = (role === "let in" || role === "owner") && sinceMs !== null;
  return [
    ...(states.includes("paused") ? ["resume" as const] : []),
    ...(states.includes("opted out") ? ["opt-in" as const] : []),
    ...(isLetIn ? ["revoke" as const] : []),
    "block",
  ];
}

function actionForm(
  action: PersonAction,
  { name, suggestedName, phone }: PersonView,
  mark: string,
  csrf: string,
): string {
  const inputs = action === "name"
    ? `<label for="called-${mark}">Name <input id="called-${mark}" name="name" ` +
      `maxlength="60" autocomplete="off" value="${
        escapeHtml(name ?? suggestedName ?? "")
      }"></label>`
    : "";
  const form = buttonForm({
    action: `/people/${action}`,
    id: `${action}-${mark}`,
    word: WORDS[action],
    label: `${WORDS[action]}: ${name ?? maskNumber(phone)}`,
    csrf,
    fields: { person: mark },
    inputs,
  });
  const meaning = MEANINGS[action];
  return meaning === undefined
    ? form
    : fold(`${action}-fold-${mark}`, `${WORDS[action]}…`, `<p>${meaning}</p>${form}`);
}

function personRow(
  one: PersonView,
  { csrf, marks }: RoomParts["session"],
  nowMs: number,
  spent: number | undefined,
): string {
  const states = one.states.filter((state) => state !== one.role);
  const mark = marks.of(one);
  const role = one.role + (one.sinceMs === null ? "" : ` since ${age(one.sinceMs, nowMs)}`);
  const heard = one.lastTextAtMs === null ? "" : `; last text ${age(one.lastTextAtMs, nowMs)}`;
  const cost = one.usdMonth ?? spent;
  const counts = (one.texts === 0 ? "" : `, ${plural(one.texts, "text")} in 30 days`) +
    (cost === undefined || cost === 0 ? "" : `, ${usd(cost)} this month`);
  return `<li class="request"><div><strong><bdi>${escapeHtml(one.name ?? "")}</bdi></strong> ` +
    (one.suggestedName === null ? "" : `<bdi>${escapeHtml(one.suggestedName)}</bdi>? `) +
    `<a href="/conversations?person=${mark}#newest">${called(null, one.phone)}</a>` +
    `<br><small>${escapeHtml(one.account)}, ${
      [role, ...states].join(", ")
    }${heard}${counts}</small></div><div class="choice">` +
    actionsFor(one).map((action) => actionForm(action, one, mark, csrf)).join("") +
    fold(`name-fold-${mark}`, "Name…", actionForm("name", one, mark, csrf)) +
    "</div></li>";
}

/** Whether somebody is meant by what was typed: a part of the name, or the last digits. */
function isMeant({ name, phone }: PersonView, wanted: string): boolean {
  const digits = wanted.replace(/\D/g, "");
  return (name ?? "").toLowerCase().includes(wanted.toLowerCase()) ||
    (digits.length >= 2 && phone.endsWith(digits.slice(-4)));
}

/** The section about the people themselves. */
function peopleSection(
  people: readonly PersonView[],
  spent: ReadonlyMap<string, number>,
  { session, nowMs }: Pick<RoomParts, "session" | "nowMs">,
  wanted: string,
): string {
  const meant = wanted === "" ? people : people.filter((one) => isMeant(one, wanted));
  const shown = meant.slice(0, PEOPLE_SHOWN);
  const more = meant.length - shown.length;
  const search = people.length <= 10 ? "" : `<form method="get" action="/people" role="search">` +
    `<label for="who">Find <input id="who" name="who" value="${escapeHtml(wanted)}" ` +
    `autocomplete="off"></label><button id="find" aria-label="Find people">Find</button></form>`;
  const rows = shown.map((one) => personRow(one, session, nowMs, spent.get(one.phone)));
  const none = wanted === "" ? "<p>Nobody yet.</p>" : "<p>Nobody is called so.</p>";
  return section(
    "people",
    "People",
    search + (rows.length === 0 ? none : `<ul class="plain">${rows.join("")}</ul>`) +
      (more > 0
        ? `<p>And ${plural(more, "person", "people")} more: <code>sms-bridge people</code></p>`
        : ""),
  );
}

/** The room People. */
export const PEOPLE_ROOM: Room = {
  path: "/people",
  title: "People",
  async render(parts) {
    const [people, by, { pending }, { refused }] = await Promise.all([
      parts.people(),
      parts.spenders(),
      parts.ask("listPending", {}),
      parts.ask("listRefused", {}),
    ]);
    const wanted = (parts.query.get("who") ?? "").trim().slice(0, 60);
    const rows = refused.map((one) =>
      `<li>${called(null, one.phone)}, ${age(one.atMs, parts.nowMs)}: ` +
      `${escapeHtml(one.why)}${one.texts > 1 ? ` (${plural(one.texts, "text")})` : ""}</li>`
    );
    const turnedAway = rows.length === 0
      ? ""
      : section("refused", "Refused of late", `<ul>${rows.join("")}</ul>`);
    return await pendingSection(parts, pending) +
      peopleSection(people, new Map(by.rows.map(({ name, usd }) => [name, usd])), parts, wanted) +
      turnedAway;
  },
};
