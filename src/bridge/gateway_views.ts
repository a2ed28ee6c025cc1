/**
 * The Gateway's own settings: read anew after each of its starts, and now and then, as it takes changes of
 * its configuration without a restart.
 *
 * @module
 */
import { type GatewayView, readGatewayView } from "../gateway/config_view.ts";
import type { Link } from "../gateway/link.ts";
import type { Clock } from "../system/clock.ts";
import { GATEWAY_VIEW_TTL_MS } from "../system/limits.ts";

/** What is known of the Gateway's settings. */
export interface GatewayViews {
  /** What was read last, of whichever start. */
  readonly last: GatewayView | undefined;
  /** The settings of the start with this boot id; null when the Gateway does not answer. */
  read(bootId: string): Promise<GatewayView | null>;
}

/** Reads them over a link. */
export function createGatewayViews(link: Pick<Link, "request">, clock: Clock): GatewayViews {
  let seen:
    | { readonly bootId: string; readonly atMs: number; readonly view: GatewayView }
    | undefined;
  return {
    get last() {
      return seen?.view;
    },
    async read(bootId) {
      const atMs = clock.now();
      const fresh = seen?.bootId === bootId && Math.abs(atMs - seen.atMs) < GATEWAY_VIEW_TTL_MS;
      if (seen !== undefined && fresh) return seen.view;
      const view = await readGatewayView(link);
      if (view !== null) seen = { bootId, atMs, view };
      return view;
    },
  };
}
