/**
 * What others wait for the acknowledgement of their texts while an agent answers somebody with megabytes.
 *
 * @module
 */
import { createWorld } from "../../tests/e2e/program.ts";
import { benchNumber } from "./burst.ts";
import { share, sleep, timed } from "./measure.ts";
import { OPEN, signer } from "./signer.ts";

const SECONDS = 15;
const TEXT_EVERY_MS = 210;
/** People who get the megabytes, in turn: the worker knows them by their numbers. */
const BIG = 10;
/** The first texts measure the compiler. */
const WARM_UP = 20;

async function bigReplyGateway(): Promise<{ url: string; end(): void }> {
  const address = new URL("./big_reply_gateway.ts", import.meta.url);
  const worker = new Worker(address, { type: "module" });
  const url = await new Promise<string>((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
  });
  return { url, end: () => worker.terminate() };
}

/** Milliseconds to each acknowledgement while every second somebody gets a reply of 5 MB, or of a few words. */
async function acknowledged(big: boolean): Promise<number[]> {
  await using world = await createWorld();
  const gateway = await bigReplyGateway();
  try {
    const { port } = await world.serve({ ...OPEN, SMS_BRIDGE_GATEWAY_URL: gateway.url });
    const sign = signer(world);
    let number = 0;
    const post = (from: string) =>
      timed(async () => {
        const { body, signature } = sign(++number, from);
        const headers = {
          "content-type": "application/x-www-form-urlencoded",
          "x-twilio-signature": signature,
        };
        const url = `http://127.0.0.1:${port}/webhooks/sms`;
        const response = await fetch(url, { method: "POST", headers, body });
        await response.body?.cancel();
        if (!response.ok) throw new Error(`a text got ${response.status}`);
      });
    for (let i = 0; i < WARM_UP; i++) await post(benchNumber(100 + i));
    const took: number[] = [];
    const rounds = SECONDS * 1_000 / TEXT_EVERY_MS;
    for (let i = 0; i < rounds; i++) {
      if (i % 5 === 0) await post(benchNumber(big ? i / 5 % BIG : 80 + i / 5 % BIG));
      else took.push(await post(benchNumber(20 + i % 40)));
      await sleep(TEXT_EVERY_MS);
    }
    return took;
  } finally {
    gateway.end();
  }
}

/** The row. */
export async function besideBigReplies() {
  const floor = share(await acknowledged(false), 0.99);
  const took = await acknowledged(true);
  const detail = `p50 ${share(took, 0.5).toFixed(1)} ms`;
  const floorIs = "the same beside short replies";
  return { value: share(took, 0.99), unit: "ms", floor, floorIs, detail };
}
