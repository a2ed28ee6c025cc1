/**
 * A Gateway in a worker of its own whose agent answers one person with megabytes of tags: making such an
 * answer must not slow down whoever measures.
 *
 * @module
 */
import { startFakeGateway } from "../../src/sim/gateway.ts";
import { planReply } from "../../src/sim/gateway_replies.ts";

const TAGS = "<div><a href='x'>**b**</a><i>";
const big = TAGS.repeat(5_000_000 / TAGS.length);

const gateway = startFakeGateway({
  token: "test-token",
  respond: (message, sessionKey) => ({
    ...planReply(message),
    ...(/1202555100\d$/.test(sessionKey) ? { text: big } : {}),
  }),
});
(self as unknown as { postMessage(url: string): void }).postMessage(gateway.url);
