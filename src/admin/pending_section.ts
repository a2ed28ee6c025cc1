/**
 * Who waits to be let in, with what can be chosen.
 *
 * @module
 */
import type { PendingView } from "../operations/pairing_operations.ts";
import { maskNumber } from "../system/redact.ts";
import { age, buttonForm, called, escapeHtml, section, usd } from "./markup.ts";
import type { RoomParts } from "./room.ts";

function decisionForms(
  { code, account, phone }: PendingView,
  csrf: string,
  priceUsd: number | null,
): string {
  const id = escapeHtml(code);
  const who = `${maskNumber(phone)}, code ${code}`;
  const costs = priceUsd === null ? "" : `, about ${usd(priceUsd)}`;
  const inputs = `<label for="name-${id}">Name <input id="name-${id}" name="name" ` +
    `maxlength="60" autocomplete="off"></label>` +
    `<label for="tell-${id}"><input type="checkbox" id="tell-${id}" name="tell" value="yes" ` +
    `checked> Tell them by an SMS${costs}</label>`;
  const fields = { code, account };
  return buttonForm({
    action: "/pairings/approve",
    id: `approve-${code}`,
    word: "Approve",
    label: `Approve ${who}`,
    csrf,
    fields,
    inputs,
    kind: "approve",
  }) + buttonForm({
    action: "/pairings/reject",
    id: `reject-${code}`,
    word: "Reject",
    label: `Reject ${who}`,
    csrf,
    fields,
    kind: "reject",
  });
}

/** The section about who waits. */
export async function pendingSection(
  { ask, session, nowMs }: Pick<RoomParts, "ask" | "session" | "nowMs">,
  pending: readonly PendingView[],
): Promise<string> {
  const rows = pending.map(async (one) => {
    const { phone: number, account } = one;
    const { usd: priceUsd } = await ask("estimate", { number, account });
    return `<li class="request"><div><strong>${called(null, number)}</strong> ` +
      `<code>${escapeHtml(one.code)}</code><br><small>${escapeHtml(account)}, ` +
      `asked ${age(one.createdAtMs, nowMs)}${
        one.lastReplyAtMs === null ? ", was sent no code" : ""
      }</small></div><div class="choice">${decisionForms(one, session.csrf, priceUsd)}</div></li>`;
  });
  return section(
    "waiting",
    "Waiting to be let in",
    rows.length === 0
      ? "<p>Nobody.</p>"
      : `<ul class="plain">${(await Promise.all(rows)).join("")}</ul>`,
  );
}
