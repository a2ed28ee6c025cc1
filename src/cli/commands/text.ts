/**
 * `text preview`: what a reply would become, and cost.
 *
 * @module
 */
import { errorText, Failure, failure } from "../../system/failure.ts";
import {
  type Preview,
  type PreviewChunk,
  type PreviewOptions,
  previewReply,
} from "../../text/sms/preview.ts";
import { type Command, type ExitCode, JSON_OPTION, type Parsed } from "../command.ts";
import { loadFor } from "../settings_source.ts";
import type { Context } from "../terminal/context.ts";
import { paint, printJson } from "../terminal/output.ts";
import { readFileWithin } from "../terminal/read_within.ts";
import { plural } from "../../text/amounts.ts";

/** Far more than a reply may have; what is longer is not one. */
const INPUT_BYTES_MAX = 8 * 1024 * 1024;

/** As `bridge.limits.segmentsPerReplyMax` has it by default. */
const SEGMENTS_PER_REPLY_MAX = 30;

const INPUT_HINT = "give - to read from standard input";

async function readInput(context: Context, file: string): Promise<string> {
  try {
    const text = file === "-"
      ? await context.readStdin(INPUT_BYTES_MAX)
      : await readFileWithin(file, INPUT_BYTES_MAX);
    if (text !== null) return text;
    throw failure("usage", "input-too-long", `The text is longer than ${INPUT_BYTES_MAX} bytes`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw failure("not-found", "file-not-found", `There is no file ${file}`, INPUT_HINT);
    }
    if (error instanceof Failure) throw error;
    throw failure(
      "usage",
      "file-not-readable",
      `Cannot read ${file} as ${unreadableReason(error)}`,
      INPUT_HINT,
    );
  }
}

function unreadableReason(error: unknown): string {
  if (error instanceof Deno.errors.IsADirectory) return "it is a directory";
  if (error instanceof Deno.errors.PermissionDenied) return "its permissions forbid it";
  return `it is no file that can be read: ${errorText(error)}`;
}

function describeChunk(context: Context, chunk: PreviewChunk, number: number): string {
  const { bold, dim, yellow } = paint(context.colour);
  const title = bold(`SMS ${number}`);
  const facts = `${chunk.encoding}, ${plural(chunk.segments, "segment")}, ${
    plural(chunk.characters, "character")
  }`;
  const costly = chunk.costly.map(({ character, codePoint, count }) =>
    `${character} (${codePoint}${count > 1 ? `, ${count} times` : ""})`
  );
  const reason = costly.length === 0 ? "" : yellow(`  UCS-2 because of ${costly.join(" ")}\n`);
  return `${title} ${dim(facts)}\n${reason}${chunk.body.replace(/^/gm, "  ")}\n\n`;
}

function describe(context: Context, preview: Preview): string {
  if (preview.chunks.length === 0) return "Nothing would be sent.\n";
  const chunks = preview.chunks.map((chunk, i) => describeChunk(context, chunk, i + 1));
  const cost = preview.cost === null ? "" : `, cost ${preview.cost}`;
  const cut = preview.truncated ? "The reply is longer than allowed and was cut.\n" : "";
  return `${chunks.join("")}${cut}In all: ${preview.chunks.length} SMS, ${
    plural(preview.segments, "segment")
  }${cost}\n`;
}

/** How replies are rendered here; as by default where nothing valid is configured. */
async function configuredOptions(context: Context, parsed: Parsed): Promise<PreviewOptions> {
  const { settings } = await loadFor(context, parsed);
  if (settings === null) return { segmentsPerReplyMax: SEGMENTS_PER_REPLY_MAX };
  const { smartEncoding, partMarks, maxChunksPerReply, limits } = settings.bridge;
  const { segmentsPerReplyMax } = limits;
  const account = settings.accounts.find(({ id }) => id === settings.defaultAccount);
  return {
    smartEncoding,
    partMarks,
    maxChunksPerReply,
    segmentsPerReplyMax,
    ...(account === undefined ? {} : { textChunkLimit: account.textChunkLimit }),
  };
}

/** The command `text preview`. */
export const textPreviewCommand: Command = {
  path: ["text", "preview"],
  group: "Messages",
  summary: "show what a reply in Markdown becomes as SMS, and its cost",
  details: "Reads Markdown from a file or standard input. Nothing is sent.\n" +
    "What no option says is as configured for the default account, the cut at\n" +
    "bridge.limits.segmentsPerReplyMax included.\n" +
    "A bug in the rendering of text is best reported with its output.",
  arguments: [{ name: "FILE", meaning: "the file to read; - is standard input", optional: true }],
  options: [
    { name: "limit", kind: "number", value: "N", meaning: "textChunkLimit, 70 to 1600" },
    {
      name: "smart",
      kind: "string",
      value: "MODE",
      choices: ["auto", "always", "off"],
      meaning: "smartEncoding",
    },
    {
      name: "marks",
      kind: "string",
      value: "MODE",
      choices: ["auto", "off"],
      meaning: "part marks such as (1/3)",
    },
    { name: "max-chunks", kind: "number", value: "N", meaning: "maxChunksPerReply" },
    {
      name: "max-segments",
      kind: "number",
      value: "N",
      meaning: "segmentsPerReplyMax; 0 for no limit",
    },
    { name: "price", kind: "number", value: "PRICE", meaning: "price of one segment" },
    JSON_OPTION,
  ],
  examples: ["text preview reply.md", "text preview - --limit 320 --price 0.0083 --json"],
  async run(context, parsed): Promise<ExitCode> {
    const configured = await configuredOptions(context, parsed);
    const markdown = await readInput(context, parsed.argument("FILE") ?? "-");
    const limit = parsed.number("limit");
    const maxChunks = parsed.number("max-chunks");
    const maxSegments = parsed.number("max-segments");
    const price = parsed.number("price");
    const smart = parsed.text("smart") as "auto" | "always" | "off" | undefined;
    const marks = parsed.text("marks") as "auto" | "off" | undefined;
    let preview: Preview;
    try {
      preview = previewReply(markdown, {
        ...configured,
        ...(maxSegments === undefined ? {} : { segmentsPerReplyMax: maxSegments }),
        ...(limit === undefined ? {} : { textChunkLimit: limit }),
        ...(maxChunks === undefined ? {} : { maxChunksPerReply: maxChunks }),
        ...(price === undefined ? {} : { pricePerSegment: price }),
        ...(smart === undefined ? {} : { smartEncoding: smart }),
        ...(marks === undefined ? {} : { partMarks: marks }),
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw failure(
        "usage",
        "option-out-of-range",
        error.message,
        "see `sms-bridge text preview --help`",
      );
    }
    if (parsed.flag("json")) printJson(context, preview);
    else context.stdout(describe(context, preview));
    return 0;
  },
};
