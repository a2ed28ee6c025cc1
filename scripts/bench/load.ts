/**
 * The load of a bench, in a worker of its own: signed texts over keep-alive connections.
 *
 * Both share the machine, so the load is cheap: signatures are made ahead, and each request is the one
 * before it with another MessageSid and signature written over.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { signedBody } from "./store.ts";

interface Order {
  readonly port: number;
  readonly clients: number;
  readonly seconds: number;
  readonly token: string;
}

/** More than a server here can answer. */
const REQUESTS_PER_SECOND_MAX = 16_000;
const SIGNATURE_CHARS = 28;
const encoder = new TextEncoder();

interface Load {
  /** The number of the first text. */
  readonly first: number;
  readonly signatures: Uint8Array;
  /** The index of the next text. */
  next: number;
}

function prepare({ token, seconds }: Order): Load {
  const first = Math.floor(Math.random() * 1e9) * 1_000;
  const count = seconds * REQUESTS_PER_SECOND_MAX;
  const signatures = new Uint8Array(count * SIGNATURE_CHARS);
  for (let i = 0; i < count; i++) {
    const { signature } = signedBody(first + i, token);
    encoder.encodeInto(signature, signatures.subarray(i * SIGNATURE_CHARS));
  }
  return { first, signatures, next: 0 };
}

/** A request, and where in it the changing parts stand. */
function template({ token }: Order, number: number) {
  const { body, signature } = signedBody(number, token);
  const text = `POST /webhooks/sms HTTP/1.1\r\nHost: sms.example.com\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n` +
    `X-Twilio-Signature: ${signature}\r\n\r\n${body}`;
  const sid = `SM${number.toString(16).padStart(32, "0")}`;
  const sidsAt = [...text.matchAll(new RegExp(sid, "g"))].map(({ index }) => index + 2);
  return { bytes: encoder.encode(text), sidsAt, signatureAt: text.indexOf(signature) };
}

/** Whether an answer begins `HTTP/1.1 200`. */
function isOk(answer: Uint8Array): boolean {
  return answer[9] === 0x32 && answer[10] === 0x30 && answer[11] === 0x30;
}

async function client(order: Order, load: Load, latenciesMs: number[]): Promise<void> {
  const { bytes, sidsAt, signatureAt } = template(order, load.first);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: order.port });
  const buffer = new Uint8Array(1_024);
  const endMs = performance.now() + order.seconds * 1_000;
  while (performance.now() < endMs) {
    const at = load.next++ * SIGNATURE_CHARS;
    if (at >= load.signatures.length) throw new Error("the server outran the load");
    const sid = (load.first + load.next - 1).toString(16).padStart(32, "0");
    for (const sidAt of sidsAt) encoder.encodeInto(sid, bytes.subarray(sidAt));
    bytes.set(load.signatures.subarray(at, at + SIGNATURE_CHARS), signatureAt);
    const beganMs = performance.now();
    await connection.write(bytes);
    const length = await connection.read(buffer);
    if (length === null || !isOk(buffer)) throw new Error("the server did not answer 200");
    latenciesMs.push(performance.now() - beganMs);
  }
  connection.close();
}

self.onmessage = async ({ data }: MessageEvent<Order>) => {
  const latenciesMs: number[] = [];
  const load = prepare(data);
  await Promise.all(Array.from({ length: data.clients }, () => client(data, load, latenciesMs)));
  self.postMessage(latenciesMs);
};
