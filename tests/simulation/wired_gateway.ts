/**
 * A fake Gateway on a simulated clock, with a link that leads to it by a wire.
 */
import { createLink, type Link } from "../../src/gateway/link.ts";
import type { SimClock } from "../../src/sim/clock.ts";
import { type FakeGateway, startFakeGateway } from "../../src/sim/gateway.ts";
import { silentLog } from "../../src/system/log.ts";
import { seededRandom } from "../../src/system/random.ts";
import { createWire } from "./wire.ts";

/** Starts both; the link is ready a second later. */
export function startWiredGateway(
  clock: SimClock,
): { readonly gateway: FakeGateway; readonly link: Link } {
  const random = seededRandom(1);
  const gateway = startFakeGateway({ token: "T", clock, random, listen: false });
  const accept = (socket: WebSocket) => gateway.accept(socket);
  const link = createLink({
    url: "ws://127.0.0.1:1",
    token: "T",
    version: "0",
    clock,
    random,
    log: silentLog,
    openSocket: () => createWire({ clock, random, accept }).client,
  });
  return { gateway, link };
}
