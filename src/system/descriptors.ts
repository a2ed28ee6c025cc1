/**
 * How many files and connections this process may have open, and how many of them the public gets.
 *
 * @module
 */
import { DESCRIPTORS_RESERVED_MAX, WEBHOOK_CONNECTIONS_MAX } from "./limits.ts";

async function fromProc(): Promise<string | undefined> {
  const text = await Deno.readTextFile("/proc/self/limits").catch(() => "");
  return text.match(/^Max open files\s+(\S+)/m)?.[1];
}

/** A child has the limits of its parent. */
async function fromShell(): Promise<string | undefined> {
  try {
    const shell = new Deno.Command("/bin/sh", { args: ["-c", "ulimit -n"], stderr: "null" });
    return new TextDecoder().decode((await shell.output()).stdout).trim();
  } catch {
    return undefined;
  }
}

/** The limit in force, `Infinity` where there is none; null when the system does not tell. */
export async function descriptorLimit(): Promise<number | null> {
  if (Deno.build.os === "windows") return null;
  const said = await fromProc() ?? await fromShell();
  if (said === "unlimited") return Infinity;
  const limit = Number(said);
  return Number.isInteger(limit) && limit > 0 ? limit : null;
}

/** Connections that the public may have at this limit: the rest is for the store, Gateway and Twilio. */
export function connectionsWithin(limit: number | null): number {
  if (limit === null) return WEBHOOK_CONNECTIONS_MAX;
  const reserved = Math.min(DESCRIPTORS_RESERVED_MAX, Math.ceil(limit / 2));
  return Math.min(WEBHOOK_CONNECTIONS_MAX, Math.max(1, limit - reserved));
}
