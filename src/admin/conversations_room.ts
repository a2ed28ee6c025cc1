/**
 * The room Conversations: with whom, and of one person all that came and went, in order.
 *
 * @module
 */
import { expectedPrice, priceOf, priceText } from "../operations/message_price.ts";
import type { ChunkView, MessageView } from "../operations/message_view.ts";
import { maskNumber } from "../system/redact.ts";
import { formatDuration, plural } from "../text/amounts.ts";
import { age, called, escapeHtml, prose, section } from "./markup.ts";
import type { Room, RoomParts } from "./room.ts";

const MESSAGES_SHOWN = 40;
/** Newest messages of all people that are looked through: more would make the page slow. */
const ROWS_READ = 2_000;

function clockTime(atMs: number): string {
  const iso = new Date(atMs).toISOString();
  return `<time datetime="${iso}">${iso.slice(5, 10)} ${iso.slice(11, 16)}</time>`;
}

/** What came of a text. */
const OUTCOMES: Readonly<Record<string, string>> = {
  answered: "answered",
  silent: "read; the assistant said nothing",
  waiting: "waits for its turn",
  joined: "answered with the next",
  refused: "not let in",
  paused: "came in a pause",
  failed: "the assistant failed",
  "too-old": "given up after a day",
  "opted-out": "opted out",
};

function cost(message: MessageView): string {
  const price = priceOf(message);
  if (price !== null) return `, ${priceText(price)}`;
  const expected = expectedPrice(message);
  return expected === null ? "" : `, about ${priceText(expected)}`;
}

function whenOf({ atMs }: ChunkView): string {
  return atMs === null ? "" : ` ${clockTime(atMs)}`;
}

function partRow(chunk: ChunkView, index: number, of: number): string {
  const failed = chunk.errorCode !== null;
  const which = of === 1 ? "" : `Part ${index + 1}: `;
  const why = failed
    ? `<br>${chunk.errorCode}: ${prose(chunk.meaning)}. <strong>${prose(chunk.advice)}</strong>`
    : "";
  return `<li${failed ? ' class="bad"' : ""}>${which}${escapeHtml(chunk.status)}${
    whenOf(chunk)
  }${why}</li>`;
}

function bodyOf({ body }: MessageView): string {
  return body === undefined ? "" : `<p class="body">${escapeHtml(body)}</p>`;
}

function entry(message: MessageView): string {
  const { direction, beganAtMs, atMs, status, detail, advice, chunks, segments } = message;
  if (direction === "in") {
    const took = status === "waiting" ? "" : ` after ${formatDuration(atMs - beganAtMs)}`;
    return `<li class="from"><small>Text in ${clockTime(beganAtMs)}</small>${bodyOf(message)}` +
      `<small>${escapeHtml(OUTCOMES[status] ?? status)}${took}</small></li>`;
  }
  const parts = chunks.map((chunk, index) => partRow(chunk, index, chunks.length)).join("");
  const told = [detail, advice].filter((one) => one !== "");
  return `<li class="to"><small>Sent ${clockTime(beganAtMs)}, ` +
    `${plural(Math.max(1, chunks.length), "SMS", "SMS")}, ${plural(segments, "segment")}` +
    `${escapeHtml(cost(message))}</small>${bodyOf(message)}` +
    (chunks.length === 1 && chunks[0]!.status === status && chunks[0]!.errorCode === null
      ? `<strong>${escapeHtml(status)}</strong>${whenOf(chunks[0]!)}`
      : `<strong>${escapeHtml(status)}</strong>${parts === "" ? "" : `<ul>${parts}</ul>`}`) +
    told.map((one) => `<p class="bad">${prose(one)}</p>`).join("") + "</li>";
}

async function timeline({ ask, people, session, query }: RoomParts): Promise<string> {
  const person = session.marks.find(query.get("person") ?? "");
  if (person === null) {
    return section("who", "Nobody", '<p>Choose from <a href="/conversations">the list</a>.</p>');
  }
  const { messages } = await ask("listMessages", {
    with: person.phone,
    account: person.account,
    limit: MESSAGES_SHOWN,
    rowsMax: ROWS_READ,
  });
  const isMeant = ({ phone, account }: { readonly phone: string; readonly account: string }) =>
    phone === person.phone && account === person.account;
  const { name } = (await people()).find(isMeant) ?? { name: null };
  const inOrder = messages.toSorted((a, b) =>
    a.beganAtMs - b.beganAtMs || Number(a.id) - Number(b.id)
  );
  return section(
    "who",
    `With ${name ?? maskNumber(person.phone)}`,
    `<p><small>${called(null, person.phone)}, ${escapeHtml(person.account)}</small></p>` +
      (inOrder.length === 0
        ? "<p>Nothing of late.</p>"
        : (inOrder.length > 5 ? '<p><a href="#newest">To the newest</a></p>' : "") +
          `<ol class="timeline">${inOrder.map(entry).join("")}</ol><div id="newest"></div>`) +
      `<p><small>Times are in UTC. Older ones: <code>sms-bridge messages --with …` +
      `${escapeHtml(person.phone.slice(-4))}</code>. What was written is kept only with ` +
      `<code>bridge.storeBodies</code>.</small></p>` +
      '<p><a href="/conversations">All conversations</a></p>',
  );
}

async function list({ ask, session, nowMs }: RoomParts): Promise<string> {
  const { conversations } = await ask("listConversations", {});
  const rows = conversations.map((one) =>
    `<li class="request"><div><a href="/conversations?person=${session.marks.of(one)}#newest">` +
    `${called(one.name, one.phone)}</a><br><small>${escapeHtml(one.account)}, ` +
    `${plural(one.texts, "text")} in, ${plural(one.messages, "message")} out; last ` +
    `${one.lastDirection === "in" ? "from them" : "to them"} ${age(one.lastAtMs, nowMs)}: ` +
    `${escapeHtml(OUTCOMES[one.lastOutcome] ?? one.lastOutcome)}</small></div></li>`
  );
  return section(
    "conversations",
    "Conversations",
    rows.length === 0 ? "<p>Nobody has texted yet.</p>" : `<ul class="plain">${rows.join("")}</ul>`,
  );
}

/** The room Conversations. */
export const CONVERSATIONS_ROOM: Room = {
  path: "/conversations",
  title: "Conversations",
  render: (parts) => parts.query.has("person") ? timeline(parts) : list(parts),
};
