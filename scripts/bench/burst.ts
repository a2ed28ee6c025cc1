/**
 * A burst of signed texts over keep-alive connections, as many as the rates of an account let in.
 *
 * @module
 */
import { share } from "./measure.ts";
import { signedBody } from "./store.ts";

const CONNECTIONS = 32;

/** A number that texts. */
export const benchNumber = (i: number) => `+1202555${String(1_000 + i)}`;

/** A text as it is posted. */
export interface SignedText {
  readonly body: string;
  readonly signature: string;
  readonly path?: string;
}

async function post(
  connection: Deno.TcpConn,
  { body, signature, path = "/webhooks/sms" }: SignedText,
): Promise<boolean> {
  const text = `POST ${path} HTTP/1.1\r\nHost: sms.example.com\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n` +
    `X-Twilio-Signature: ${signature}\r\n\r\n${body}`;
  await connection.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(2_048);
  const length = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, length ?? 0)).startsWith("HTTP/1.1 200");
}

/** How fast a burst was acknowledged. */
export interface Acknowledged {
  readonly perSecond: number;
  readonly p99Ms: number;
}

/** Sends texts from ten numbers. @throws {Error} When one was not acknowledged. */
export async function burst(
  port: number,
  texts: number,
  sign: (number: number, from: string) => SignedText = (number, from) =>
    signedBody(number, "token", from),
): Promise<Acknowledged> {
  const first = Math.floor(Math.random() * 1e9) * 1_000;
  const bodies = Array.from({ length: texts }, (_, i) => sign(first + i, benchNumber(i % 10)));
  const connections = await Promise.all(
    Array.from({ length: CONNECTIONS }, () => Deno.connect({ hostname: "127.0.0.1", port })),
  );
  const tookMs: number[] = [];
  const beganMs = performance.now();
  await Promise.all(connections.map(async (connection) => {
    for (let one = bodies.pop(); one !== undefined; one = bodies.pop()) {
      const sentMs = performance.now();
      if (!await post(connection, one)) throw new Error("a text got no 200");
      tookMs.push(performance.now() - sentMs);
    }
  }));
  const seconds = (performance.now() - beganMs) / 1_000;
  connections.forEach((connection) => connection.close());
  return { perSecond: texts / seconds, p99Ms: share(tookMs, 0.99) };
}
