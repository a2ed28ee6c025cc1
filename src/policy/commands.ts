/**
 * Commands of the Gateway, such as `/status`: what an owner's text asks for, and how everyone else's is
 * kept from being taken for one.
 *
 * @module
 */

/**
 * What a command needs: `stop` must not wait behind the turn that it stops, `reset` begins the
 * conversation anew and needs the Gateway's admin scope, everything else is `plain`.
 */
export type CommandKind = "stop" | "reset" | "plain";

const KINDS: ReadonlyMap<string, CommandKind> = new Map([
  ["stop", "stop"],
  ["new", "reset"],
  ["reset", "reset"],
]);
/** What the Gateway takes for a command in every text that it is given. */
const TAKEN_ANYWHERE = /^\s*\/(new|reset)\b/i;

/** What kind of command a text is; null when it does not begin with `/`. */
export function commandKind(text: string): CommandKind | null {
  const word = text.match(/^\/(\S*)/)?.[1];
  return word === undefined ? null : KINDS.get(word.toLowerCase()) ?? "plain";
}

/** Invisible, and enough that the Gateway takes what follows for a text. */
const WORD_JOINER = "\u2060";

/**
 * A text that is to be none of the Gateway's commands. Where they go as turns, it takes two words alone
 * for commands, and those quoted for a text; an owner with the admin scope may use them. In a chat it looks
 * for commands anywhere in a text, and for words such as `stop`.
 */
export function asPlainText(
  text: string,
  { owner, chat }: { readonly owner: boolean; readonly chat: boolean },
): string {
  if (chat) return WORD_JOINER + text.replace(/(\s)\//g, `$1${WORD_JOINER}/`);
  return !owner && TAKEN_ANYWHERE.test(text) ? `"${text.trim()}"` : text;
}
