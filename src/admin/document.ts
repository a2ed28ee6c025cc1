/**
 * The admin page's document around what stands on it: one file with its own style and script.
 *
 * @module
 */
import type { DocumentParts } from "./page.ts";
import { escapeHtml } from "./html.ts";

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #c9d0d8; --soft: #4f5965;
  --good: #116329; --bad: #a40e26; --act: #0b5cad; --panel: #f4f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ed; --paper: #14171b; --line: #3b434c; --soft: #a5b0bc; --good: #6fdd8b;
    --bad: #ff9aa2; --act: #8cc4ff; --panel: #1d2228; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 48rem; color: var(--ink); background: var(--paper);
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
#notice { border-left: .25rem solid var(--act); padding: .5rem .75rem; background: var(--panel); }
section > :last-child { margin-bottom: 0; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (max-width: 30rem) { body { padding: .5rem; } section { padding: .75rem; }
  table { font-size: .8125rem; } }
`;

const SCRIPT = `
const main = document.querySelector("main");
const spoken = document.getElementById("spoken");
new EventSource("/events").addEventListener("main", ({ data }) => {
  if (main.contains(document.activeElement) && main.innerHTML === data) return;
  const focused = main.contains(document.activeElement) ? document.activeElement.id : "";
  main.innerHTML = data;
  if (focused) document.getElementById(focused)?.focus();
  const { summary } = document.getElementById("content").dataset;
  if (spoken.textContent !== summary) spoken.textContent = summary;
});
`;

/** The whole page. */
export function adminDocument({ nonce, notice, main }: DocumentParts): string {
  const told = notice === null ? "" : `<p id="notice" role="status">${escapeHtml(notice)}</p>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sms-bridge</title>
<link rel="icon" href="data:,">
<noscript><meta http-equiv="refresh" content="30"></noscript>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<header><h1>sms-bridge</h1></header>
${told}
<p id="spoken" class="unseen" role="status"></p>
<main>${main}</main>
<script nonce="${nonce}">${SCRIPT}</script>
</body>
</html>
`;
}
