/**
 * `queue export` and `queue import`: the queues as a file, one row of JSON a line.
 *
 * @module
 */
import type { Operations } from "../../operations/operations.ts";
import { Failure, failure } from "../../system/failure.ts";
import { QUEUE_EXPORT_BYTES_MAX } from "../../system/limits.ts";
import type { Command, ExitCode } from "../command.ts";
import type { Context } from "../terminal/context.ts";
import { printJson } from "../terminal/output.ts";
import { readFileWithin } from "../terminal/read_within.ts";
import { plural } from "../../text/amounts.ts";
import { writePrivate } from "../private_file.ts";
import { ask, QUEUE_OPTIONS } from "./queue.ts";

async function allLines(operations: Operations): Promise<string[]> {
  const lines: string[] = [];
  let after: string | null = null;
  do {
    const page: { lines: string[]; after: string | null } | Failure = await operations.ask(
      "exportQueue",
      after === null ? {} : { after },
    );
    if (page instanceof Failure) throw page;
    lines.push(...page.lines);
    after = page.after;
  } while (after !== null);
  return lines;
}

const exportCommand: Command = {
  path: ["queue", "export"],
  group: "Messages",
  summary: "export all items with their texts to a file",
  details: "The file is made with mode 0600: it holds what people wrote. `-` writes to stdout.",
  arguments: [{ name: "FILE", meaning: "a new file, or - for stdout" }],
  options: QUEUE_OPTIONS,
  examples: ["queue export queue.jsonl", "queue export - | wc -l"],
  async run(context, parsed): Promise<ExitCode> {
    const file = parsed.argument("FILE")!;
    const lines = await ask(context, parsed, allLines);
    const text = lines.map((line) => `${line}\n`).join("");
    if (file === "-") {
      context.stdout(text);
      return 0;
    }
    await writePrivate(file, (path) => Deno.writeTextFile(path, text));
    if (parsed.flag("json")) printJson(context, { file, exported: lines.length });
    else context.stdout(`${plural(lines.length, "item")} written to ${file}.\n`);
    return 0;
  },
};

async function linesOf(context: Context, file: string): Promise<string[]> {
  const text = file === "-"
    ? await context.readStdin(QUEUE_EXPORT_BYTES_MAX)
    : await readFileWithin(file, QUEUE_EXPORT_BYTES_MAX).catch((error) => {
      if (error instanceof Deno.errors.NotFound) {
        throw failure(
          "not-found",
          "file-absent",
          `Cannot find ${file}`,
          "name a file that is there",
        );
      }
      throw failure(
        "usage",
        "file-unreadable",
        `Cannot read ${file}: it is not a file that this user may read`,
        "name a file that `queue export` wrote",
      );
    });
  if (text === null) {
    const message = `Cannot take in more than ${QUEUE_EXPORT_BYTES_MAX} bytes at once`;
    throw failure(
      "usage",
      "input-too-long",
      message,
      "give it in several files: a line is an item",
    );
  }
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

interface Imported {
  readonly imported: number;
  /** Known already: waiting, answered, sent or given up. */
  readonly known: number;
}

async function importLines(
  operations: Operations,
  file: string,
  lines: readonly string[],
): Promise<Imported | Failure> {
  let imported = 0;
  for (const [at, line] of lines.entries()) {
    const result = await operations.ask("importQueued", { line });
    if (result instanceof Failure) {
      const { code, message, hint } = result;
      const so = imported === 0 ? "" : `; ${plural(imported, "item")} before it came in`;
      return failure(result.kind, code, `${file}:${at + 1}: ${message}${so}`, hint);
    }
    if (result.imported) imported++;
  }
  return { imported, known: lines.length - imported };
}

const importCommand: Command = {
  path: ["queue", "import"],
  group: "Messages",
  summary: "import a file that `queue export` wrote",
  details:
    "What is known here already is left alone, so that nothing is answered or sent twice.\n" +
    "An import that was broken off can be run again.",
  arguments: [{ name: "FILE", meaning: "the file, or - for stdin" }],
  options: QUEUE_OPTIONS,
  examples: ["queue import queue.jsonl"],
  async run(context, parsed): Promise<ExitCode> {
    const file = parsed.argument("FILE")!;
    const lines = await linesOf(context, file);
    const result = await ask(context, parsed, (operations) => importLines(operations, file, lines));
    if (parsed.flag("json")) printJson(context, result);
    else {
      const known = result.known === 0 ? "" : `, ${result.known} known already`;
      context.stdout(`${plural(result.imported, "item")} taken in${known}.\n`);
    }
    return 0;
  },
};

/** The commands that carry the queues from one place to another. */
export const QUEUE_TRANSFER_COMMANDS: readonly Command[] = [exportCommand, importCommand];
