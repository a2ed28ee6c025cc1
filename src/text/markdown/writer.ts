/**
 * Writes blocks of plain text under one another.
 *
 * @module
 */
import type { TextRange } from "../breaks.ts";

/** Deeper nesting is not shown: a phone's line is short. */
const SHOWN_DEPTH_MAX = 6;

/** What stands in front of a list item, and how deep its list is in other lists. */
export interface ListMarker {
  readonly text: string;
  readonly depth: number;
}

/** A text that is being written. */
export interface Writer {
  readonly parts: string[];
  /** Length of what is written. */
  length: number;
  /** Line breaks to come before the next block. */
  gap: number;
  /** How deep in lists the next block is. */
  depth: number;
  /** Comes once in front of the next block. */
  marker: ListMarker | null;
  /** What should not be parted: code, and each heading with the first character behind it. */
  readonly kept: TextRange[];
  /** Where the heading begins that waits for its text; null when there is none. */
  headingAt: number | null;
}

/** A writer that has written nothing. */
export function createWriter(): Writer {
  return { parts: [], length: 0, gap: 0, depth: 0, marker: null, kept: [], headingAt: null };
}

/** At least `lines` line breaks will come before the next block. */
export function leaveGap(writer: Writer, lines: number): void {
  writer.gap = Math.max(writer.gap, lines);
}

/** Writes one block; an empty one leaves no trace. */
export function writeBlock(
  writer: Writer,
  text: string,
  kind: "text" | "code" | "heading" = "text",
): void {
  if (text === "") return;
  const indent = indentation(writer.depth);
  const { marker } = writer;
  const first = marker === null ? indent : indentation(marker.depth) + marker.text;
  const gap = writer.length === 0 ? "" : "\n".repeat(writer.gap);
  const body = indent === "" ? text : text.replace(/\n(?!\n)/g, `\n${indent}`);
  const start = writer.length + gap.length;
  writer.parts.push(gap, first, body);
  writer.length = start + first.length + body.length;
  writer.gap = 0;
  writer.marker = null;
  if (writer.headingAt !== null) {
    writer.kept.push({ start: writer.headingAt, end: start + first.length + 1 });
  }
  if (kind === "code") writer.kept.push({ start, end: writer.length });
  writer.headingAt = kind === "heading" ? start : null;
}

function indentation(depth: number): string {
  return "  ".repeat(Math.min(depth, SHOWN_DEPTH_MAX));
}
