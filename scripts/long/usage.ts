// deno-lint-ignore-file no-console
/**
 * What a script that runs for long tells of itself before it begins.
 *
 * @module
 */

/** How a script was called. */
export interface Call {
  /** Such as `fuzz`, of `deno task fuzz`. */
  readonly task: string;
  readonly usage: string;
  readonly help: boolean;
  /** Words that it does not know. */
  readonly unknown: readonly string[];
  /** What else is wrong with its words; null for nothing. */
  readonly wrong: string | null;
}

/** What is wrong with the executable that is to be run instead of the source; null for nothing. */
export function binaryTrouble(): string | null {
  const binary = Deno.env.get("SMS_BRIDGE_BIN");
  if (binary === undefined) return null;
  try {
    const { success } = new Deno.Command(binary, { args: ["version"] }).outputSync();
    return success ? null : `SMS_BRIDGE_BIN names ${binary}, whose \`version\` fails`;
  } catch {
    return `SMS_BRIDGE_BIN names ${binary}, which cannot be run`;
  }
}

/** Ends the script with its usage where that was asked for, or where it was called with what it does not take. */
export function checkCall({ task, usage, help, unknown, wrong }: Call): void {
  if (help) {
    console.log(usage);
    Deno.exit(0);
  }
  const why = unknown.length > 0 ? `there is no ${unknown.join(", ")}` : wrong;
  if (why === null) return;
  console.error(`Cannot ${task}: ${why}\n\n${usage}`);
  Deno.exit(2);
}
