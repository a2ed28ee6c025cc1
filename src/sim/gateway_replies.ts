/**
 * What the fake Gateway's agent says: rules in the text itself, so that a test or a person decides.
 *
 * @module
 */

/** How a run goes. */
export interface Plan {
  readonly text: string;
  readonly mediaUrls: readonly string[];
  /** How long the model takes. */
  readonly delayMs: number;
  /** The model fails with this HTTP status. */
  readonly failure: number | null;
}

/** Decides about a text. */
export type Respond = (message: string, from: string) => Partial<Plan> & { readonly text: string };

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

/**
 * The rules that tests use: `[[say:TEXT]]`, `[[long:N]]` paragraphs, `[[slow:MS]]` for each of six
 * pieces, `[[http:STATUS]]` for a failing model; any other text is echoed.
 */
export function planReply(message: string): Plan {
  const long = Number(directive(message, "long") ?? 0);
  const said = directive(message, "say")?.replaceAll("\\n", "\n");
  const status = Number(directive(message, "http") ?? 200);
  return {
    text: said ?? (long > 0 ? paragraphs(long) : `echo: ${message}`),
    mediaUrls: [],
    delayMs: 6 * Number(directive(message, "slow") ?? 0),
    failure: status === 200 ? null : status,
  };
}
