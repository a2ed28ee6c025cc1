/**
 * The attacker of a bench, in a worker of its own: requests with bad signatures, as fast as they go.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { signedBody } from "./store.ts";

const CLIENTS = 16;

self.onmessage = async ({ data: port }: MessageEvent<number>) => {
  let forged = 0;
  setInterval(() => self.postMessage(forged), 200);
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    for (;;) {
      const { body, signature } = signedBody(forged++, "not-the-token");
      const response = await fetch(`http://127.0.0.1:${port}/webhooks/sms`, {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "x-twilio-signature": signature,
        },
        body,
      }).catch(() => null);
      await response?.body?.cancel();
    }
  }));
};
