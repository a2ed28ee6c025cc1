/**
 * What the fake Gateway's agent says: rules in the text itself, so that a test or a person decides.
 *
 * @module
 */

/** One question of `ask_user`. */
export interface AskedQuestion {
  readonly id: string;
  readonly header: string;
  readonly question: string;
  readonly options: readonly { readonly label: string }[];
  readonly multiSelect?: boolean;
  readonly isSecret?: boolean;
}

/** What the model asks for before it answers. */
export type Asks =
  | { readonly kind: "exec"; readonly command: string }
  | { readonly kind: "ask_user"; readonly questions: readonly AskedQuestion[] };

/** How a run goes. */
export interface Plan {
  readonly text: string;
  /** What it asks first; the text is then what its tool was told. */
  readonly asks?: Asks;
  readonly mediaUrls: readonly string[];
  /** How long the model takes. */
  readonly delayMs: number;
  /** The model fails with this HTTP status. */
  readonly failure: number | null;
}

function directive(message: string, name: string): string | undefined {
  return message.match(new RegExp(`\\[\\[${name}(?::((?:(?!\\]\\]).)*))?\\]\\]`, "s"))?.[1];
}

/** `count` paragraphs of Markdown. */
function paragraphs(count: number): string {
  return Array.from(
    { length: count },
    (_, i) =>
      `## Part ${i + 1}\n\nThis is **paragraph ${i + 1}** with a [link](https://example.com/${
        i + 1
      }) and \`code\`.`,
  ).join("\n\n");
}

/** What `[[tool:tool_call {"id":"exec","args":{…}}]]` asks, or the same with `ask_user`. */
function readAsks(message: string): Asks | null {
  const call = directive(message, "tool")?.match(/^tool_call (\{.*\})$/s)?.[1];
  if (call === undefined) return null;
  const { id, args } = JSON.parse(call);
  if (id === "exec") return { kind: "exec", command: String(args.command) };
  return id === "ask_user" && args.questions?.length > 0
    ? { kind: "ask_user", questions: args.questions }
    : null;
}

/**
 * The rules that tests use: `[[say:TEXT]]`, `[[long:N]]` paragraphs, `[[slow:MS]]` for each of six
 * pieces, `[[http:STATUS]]` for a failing model, `[[tool:…]]` for the tools `exec` and `ask_user`; any other
 * text is echoed.
 */
export function planReply(message: string): Plan {
  const long = Number(directive(message, "long") ?? 0);
  const said = directive(message, "say")?.replaceAll("\\n", "\n");
  const status = Number(directive(message, "http") ?? 200);
  const asks = readAsks(message);
  return {
    ...asks === null ? {} : { asks },
    text: said ?? (long > 0 ? paragraphs(long) : `echo: ${message}`),
    mediaUrls: [],
    delayMs: 6 * Number(directive(message, "slow") ?? 0),
    failure: status === 200 ? null : status,
  };
}
