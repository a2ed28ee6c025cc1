/**
 * The load of a bench, in a worker of its own: signed texts over keep-alive connections.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { signedBody } from "./bench_store.ts";

interface Order {
  readonly port: number;
  readonly clients: number;
  readonly seconds: number;
  readonly token: string;
}

/** More than a server here can answer. */
const REQUESTS_PER_SECOND_MAX = 20_000;

/** Requests made ahead, so that signing them takes no time from the server that is measured. */
function prepare({ token, seconds }: Order): Uint8Array[] {
  const encoder = new TextEncoder();
  const first = Math.floor(Math.random() * 1e9) * 1_000;
  return Array.from({ length: seconds * REQUESTS_PER_SECOND_MAX }, (_, i) => {
    const { body, signature } = signedBody(first + i, token);
    return encoder.encode(
      `POST /webhooks/sms HTTP/1.1\r\nHost: sms.example.com\r\n` +
        `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n` +
        `X-Twilio-Signature: ${signature}\r\n\r\n${body}`,
    );
  });
}

/** Whether an answer begins `HTTP/1.1 200`. */
function isOk(answer: Uint8Array): boolean {
  return answer[9] === 0x32 && answer[10] === 0x30 && answer[11] === 0x30;
}

async function client(
  order: Order,
  next: () => Uint8Array | undefined,
  latenciesMs: number[],
): Promise<void> {
  const endMs = performance.now() + order.seconds * 1_000;
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: order.port });
  const buffer = new Uint8Array(4_096);
  while (performance.now() < endMs) {
    const request = next();
    if (request === undefined) throw new Error("the server outran the load");
    const beganMs = performance.now();
    await connection.write(request);
    const length = await connection.read(buffer);
    if (length === null || !isOk(buffer)) throw new Error("the server did not answer 200");
    latenciesMs.push(performance.now() - beganMs);
  }
  connection.close();
}

self.onmessage = async ({ data }: MessageEvent<Order>) => {
  const latenciesMs: number[] = [];
  const requests = prepare(data);
  const next = () => requests.pop();
  const clients = Array.from({ length: data.clients }, () => client(data, next, latenciesMs));
  await Promise.all(clients);
  self.postMessage(latenciesMs);
};
