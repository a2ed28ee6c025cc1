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

async function client(order: Order, numbers: () => number, latenciesMs: number[]): Promise<void> {
  const endMs = performance.now() + order.seconds * 1_000;
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: order.port });
  const encoder = new TextEncoder();
  const buffer = new Uint8Array(4_096);
  while (performance.now() < endMs) {
    const { body, signature } = signedBody(numbers(), order.token);
    const head = `POST /webhooks/sms HTTP/1.1\r\nHost: sms.example.com\r\n` +
      `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n` +
      `X-Twilio-Signature: ${signature}\r\n\r\n`;
    const beganMs = performance.now();
    await connection.write(encoder.encode(head + body));
    const length = await connection.read(buffer);
    if (length === null || !new TextDecoder().decode(buffer.subarray(0, 12)).endsWith("200")) break;
    latenciesMs.push(performance.now() - beganMs);
  }
  connection.close();
}

self.onmessage = async ({ data }: MessageEvent<Order>) => {
  const latenciesMs: number[] = [];
  let number = Math.floor(Math.random() * 1e9) * 1_000;
  const clients = Array.from(
    { length: data.clients },
    () => client(data, () => number++, latenciesMs),
  );
  await Promise.all(clients);
  self.postMessage(latenciesMs);
};
