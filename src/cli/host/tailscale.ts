/**
 * What Tailscale says of this machine.
 *
 * @module
 */
import type { FunnelPlace } from "../../checks/public_route.ts";
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

/** Where Funnel leads a path of this machine: null for nowhere. */
export type FunnelTargets = (host: string, place: FunnelPlace) => string | null;

interface ServeConfig {
  readonly Web?: Readonly<
    Record<string, { readonly Handlers?: Readonly<Record<string, { readonly Proxy?: string }>> }>
  >;
}

/** What Funnel serves now; null where Tailscale does not say. */
export async function funnelTargets(context: Context): Promise<FunnelTargets | null> {
  const text = await runQuietly(context, ["tailscale", "funnel", "status", "--json"]);
  if (text === null) return null;
  try {
    const { Web } = JSON.parse(text) as ServeConfig;
    return (host, { port, path }) => Web?.[`${host}:${port}`]?.Handlers?.[path]?.Proxy ?? null;
  } catch {
    return null;
  }
}
