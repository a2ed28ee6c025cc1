/**
 * What Tailscale says of this machine.
 *
 * @module
 */
import { runQuietly } from "./run_program.ts";
import type { Context } from "../terminal/context.ts";

/** The machine's public name, such as `box.tail1234.ts.net`; null where there is none. */
export async function tailscaleName(context: Context): Promise<string | null> {
  const text = await runQuietly(context, ["tailscale", "status", "--json"]);
  if (text === null) return null;
  try {
    const name: unknown = JSON.parse(text).Self?.DNSName;
    return typeof name === "string" && name !== "" ? name.replace(/\.$/, "") : null;
  } catch {
    return null;
  }
}
