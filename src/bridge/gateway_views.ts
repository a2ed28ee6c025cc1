/**
 * The Gateway's own settings, read once for each of its starts.
 *
 * @module
 */
import { type GatewayView, readGatewayView } from "../gateway/config_view.ts";
import type { Link } from "../gateway/link.ts";

/** What is known of the Gateway's settings. */
export interface GatewayViews {
  /** What was read last, of whichever start. */
  readonly last: GatewayView | undefined;
  /** The settings of the start with this boot id; null when the Gateway does not answer. */
  read(bootId: string): Promise<GatewayView | null>;
}

/** Reads them over a link. */
export function createGatewayViews(link: Pick<Link, "request">): GatewayViews {
  let seen: { readonly bootId: string; readonly view: GatewayView } | undefined;
  return {
    get last() {
      return seen?.view;
    },
    async read(bootId) {
      if (seen?.bootId === bootId) return seen.view;
      const view = await readGatewayView(link);
      if (view !== null) seen = { bootId, view };
      return view;
    },
  };
}
