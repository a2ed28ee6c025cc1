/**
 * The room Doctor: whether Twilio, the Gateway and the public URL fit together, and what mends it.
 *
 * @module
 */
import type { Check, CheckState } from "../checks/check.ts";
import { plural } from "../text/amounts.ts";
import { age, buttonForm, escapeHtml, prose, section } from "./markup.ts";
import type { Room } from "./room.ts";

const KINDS: Readonly<Record<CheckState, string>> = {
  ok: "good",
  warning: "bad",
  problem: "bad",
  skipped: "",
};
const ORDER: readonly CheckState[] = ["problem", "warning", "skipped", "ok"];

function checkRow({ title, account, state, detail, fix, command }: Check): string {
  return `<li><span class="${KINDS[state]}">${escapeHtml(title)}</span>` +
    `${account === null ? "" : ` <small>${escapeHtml(account)}</small>`}` +
    `${state === "ok" ? "" : ` <em>${state}</em>`}<br>${prose(detail)}` +
    (fix === null ? "" : `<br><strong>${prose(fix)}</strong>`) +
    (command === null ? "" : `<br><code>${escapeHtml(command)}</code>`) + "</li>";
}

/** The room Doctor. */
export const DOCTOR_ROOM: Room = {
  path: "/doctor",
  title: "Doctor",
  render({ diagnosis, session: { csrf }, nowMs }) {
    const found = diagnosis();
    const run = (word: string) =>
      buttonForm({
        action: "/doctor/run",
        id: "run-doctor",
        word,
        label: word,
        csrf,
        fields: {},
        kind: "approve",
      });
    const about =
      "<p>Asks Twilio, the Gateway and the public URL; nobody is texted. What only the " +
      "machine knows, <code>sms-bridge doctor</code> looks at.</p>";
    if (found === null) {
      return Promise.resolve(section("doctor", "Doctor", about + run("Examine")));
    }
    if (found === "running") {
      return Promise.resolve(section("doctor", "The doctor looks", "<p>This takes seconds.</p>"));
    }
    const { atMs, checks, trouble } = found;
    const wrong = checks.filter(({ state }) => state === "problem" || state === "warning");
    const title = trouble !== null
      ? "The doctor could not look"
      : wrong.length === 0
      ? "All is well"
      : `${plural(wrong.length, "thing")} to mend`;
    const rows = checks.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
    return Promise.resolve(section(
      "doctor",
      title,
      (trouble === null ? "" : `<p>${prose(trouble)}</p>`) +
        `<p><small>Looked ${age(atMs, nowMs)}</small></p>` +
        `<ul class="plain checks">${rows.map(checkRow).join("")}</ul>${run("Examine again")}`,
      trouble === null && wrong.length === 0 ? "good" : "bad",
    ));
  },
};
