// deno-lint-ignore-file no-console
/**
 * README's chapters for `sms-bridge help TOPIC`: `deno task docs` writes them into
 * `src/cli/chapters.json`. Reference tables are left out, as `--help` and `config show` tell these, and what was
 * measured.
 *
 * It imports nothing that reads the JSON, so that it can mend what a merge has left there.
 *
 * @module
 */
import { TOPICS } from "../src/cli/topics.ts";

/** README's chapters as the JSON that the program holds. */
export function chaptersJson(readme: string): string {
  const written = readme.replace(/<!-- ([\w-]+) -->[^]*?<!-- \/\1 -->\n*/g, "");
  const [, ...parts] = written.split(/^## (?=[A-Z])/m);
  const chapters = parts.flatMap((part) => {
    const end = part.indexOf("\n");
    const title = part.slice(0, end);
    if (title === "Contents") return [];
    const topic = TOPICS[title];
    if (topic === undefined) {
      throw new Error(
        `Cannot name the chapter "${title}": src/cli/topics.ts has no topic for it`,
      );
    }
    return [{ topic, title, lines: part.slice(end).trim().split("\n") }];
  });
  return `${JSON.stringify(chapters, null, 2)}\n`;
}

if (import.meta.main) {
  const readme = await Deno.readTextFile(new URL("../README.md", import.meta.url));
  const path = new URL("../src/cli/chapters.json", import.meta.url);
  const made = chaptersJson(readme);
  const stale = await Deno.readTextFile(path).catch(() => "") !== made;
  if (stale) await Deno.writeTextFile(path, made);
  console.log(stale ? "src/cli/chapters.json: written" : "src/cli/chapters.json was up to date");
}
