/**
 * The admin page's document around what stands on it: one file with its own style and script.
 *
 * @module
 */
import type { DocumentParts } from "./page.ts";
import { escapeHtml } from "./markup.ts";
import type { Room } from "./room.ts";

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #c9d0d8; --soft: #4f5965;
  --good: #116329; --bad: #a40e26; --act: #0b5cad; --panel: #f4f6f8;
  --mid: #5a6b7c; --pale: #8db4dc; --warn: #9a6700; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ed; --paper: #14171b; --line: #3b434c; --soft: #a5b0bc; --good: #6fdd8b;
    --bad: #ff9aa2; --act: #8cc4ff; --panel: #1d2228;
    --mid: #93a3b3; --pale: #41668c; --warn: #e3b341; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 54rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.25rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
h3 { font-size: 1rem; margin: .75rem 0 .25rem; }
section { background: var(--panel); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem;
  margin: 1rem 0; }
.good { color: var(--good); } .bad { color: var(--bad); }
.good::before { content: "✓ "; } .bad::before { content: "! "; }
ul { margin: .25rem 0; padding-left: 1.25rem; } ul.plain { list-style: none; padding: 0; }
small, caption { color: var(--soft); font-size: .875rem; }
.request { display: flex; flex-wrap: wrap; gap: .5rem 1rem; justify-content: space-between;
  align-items: center; border-top: 1px solid var(--line); padding: .75rem 0; }
.request:first-child { border-top: 0; }
.choice { display: flex; flex-wrap: wrap; gap: .5rem; }
button { font: inherit; min-height: 2.75rem; min-width: 5.5rem; padding: .25rem 1rem; cursor: pointer;
  border: 1px solid var(--act); border-radius: .375rem; background: transparent; color: var(--act); }
button.approve { background: var(--act); color: var(--paper); }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
code { font-size: 1.05em; letter-spacing: .05em; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; font-weight: normal; padding: .375rem .5rem .375rem 0;
  border-top: 1px solid var(--line); }
thead th { font-weight: 600; border-top: 0; }
thead th, td { overflow-wrap: normal; } td:last-child, thead th:last-child { padding-right: 0; }
#notice { border-left: .25rem solid var(--act); padding: .5rem .75rem; background: var(--panel); }
section > :last-child { margin-bottom: 0; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
h1 { margin-bottom: .5rem; }
a { color: var(--act); }
nav ul { list-style: none; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: .25rem; }
nav a { display: inline-flex; align-items: center; padding: .5rem .75rem; border-radius: .375rem; min-height: 2.75rem; }
nav a[aria-current] { background: var(--act); color: var(--paper); text-decoration: none; }
.skip { position: absolute; left: -99rem; } .skip:focus { left: 1rem; background: var(--paper); }
summary { cursor: pointer; min-height: 2.75rem; padding: .5rem 0; color: var(--act); }
label { display: inline-flex; align-items: center; gap: .375rem; min-height: 2.75rem; }
input:not([type=checkbox]) { font: inherit; min-height: 2.75rem; width: 11rem; padding: .25rem .5rem;
  color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: .375rem; }
input[type=checkbox] { width: 1.25rem; height: 1.25rem; accent-color: var(--act); }
form { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
figure { margin: 0 0 1.5rem; } figcaption { font-weight: 600; margin-bottom: .25rem; }
figure p { margin: .25rem 0; }
svg.chart { display: block; width: 100%; height: 8rem; border-bottom: 1px solid var(--soft); }
svg.strip { display: block; width: 100%; height: 1rem; margin-bottom: 1rem; }
.axis { display: flex; justify-content: space-between; color: var(--soft); font-size: .8125rem; }
.in, .billed { fill: var(--act); } .out { fill: var(--mid); } .estimated { fill: var(--pale); }
.link-up { fill: var(--good); } .link-shaky { fill: var(--warn); } .link-down { fill: var(--bad); }
.link-off { fill: var(--line); }
line.limit { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 6 4;
  vector-effect: non-scaling-stroke; }
.key span::before { content: ""; display: inline-block; width: .75rem; height: .75rem;
  margin-right: .375rem; background: var(--act); }
.key { margin-bottom: 1.5rem; } .key span { display: inline-block; margin-right: .75rem; }
.key span.limit::before { background: none; height: 0; border-top: 2px dashed var(--bad); }
.key span.estimated::before { background: var(--pale); }
.timeline { list-style: none; padding: 0; display: flex; flex-direction: column; gap: .5rem; }
.timeline > li { max-width: 85%; padding: .5rem .75rem; border-radius: .75rem;
  border: 1px solid var(--line); background: var(--paper); }
.timeline > li.to { align-self: flex-end; border-color: var(--act); }
.timeline small { display: block; }
.timeline p { margin: .25rem 0; } .body { white-space: pre-wrap; }
.checks li { padding: .5rem 0; border-top: 1px solid var(--line); }
@media (max-width: 30rem) { body { padding: .5rem; } section { padding: .75rem; }
  table { font-size: .8125rem; } }
`;

const SCRIPT = `
const main = document.querySelector("main");
const spoken = document.getElementById("spoken");
let shown = null;
function kept() {
  const open = [...main.querySelectorAll("details[open]")].map(({ id }) => id);
  const fields = [...main.querySelectorAll("input:not([type=hidden])")].filter((one) =>
    one.value !== one.defaultValue || one.checked !== one.defaultChecked
  ).map(({ id, value, checked }) => ({ id, value, checked }));
  const at = main.contains(document.activeElement) ? document.activeElement : null;
  return { open, fields, focused: at?.id, caret: at?.selectionStart ?? null };
}
function restore({ open, fields, focused, caret }) {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  for (const { id, value, checked } of fields) {
    const field = document.getElementById(id);
    if (field) { field.value = value; field.checked = checked; }
  }
  const at = focused ? document.getElementById(focused) : null;
  at?.focus();
  if (caret !== null) at?.setSelectionRange?.(caret, caret);
}
new EventSource(main.dataset.events).addEventListener("main", ({ data }) => {
  if (data === shown) return;
  shown = data;
  const before = kept();
  main.innerHTML = data;
  restore(before);
  const { summary } = document.getElementById("content").dataset;
  if (spoken.textContent !== summary) spoken.textContent = summary;
});
`;

function menu(here: string, rooms: readonly Pick<Room, "path" | "title">[]): string {
  const links = rooms.map(({ path, title }) =>
    `<li><a href="${path}"${path === here ? ' aria-current="page"' : ""}>${title}</a></li>`
  );
  return `<nav aria-label="Rooms"><ul>${links.join("")}</ul></nav>`;
}

/** The whole page. */
export function adminDocument(
  { nonce, notice, place: { path, query }, main }: DocumentParts,
  rooms: readonly Pick<Room, "path" | "title">[],
): string {
  const title = rooms.find((one) => one.path === path)?.title ?? "";
  const events = new URLSearchParams([...query, ["room", path]]);
  const told = notice === null ? "" : `<p id="notice" role="status">${escapeHtml(notice)}</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · sms-bridge</title>
<link rel="icon" href="data:,">
<noscript><meta http-equiv="refresh" content="30"></noscript>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">Skip the menu</a>
<header><h1>sms-bridge: ${title}</h1>${menu(path, rooms)}</header>
${told}
<p id="spoken" class="unseen" role="status"></p>
<main id="main" data-events="/events?${escapeHtml(String(events))}">${main}</main>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;
}
