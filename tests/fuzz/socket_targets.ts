/**
 * What the fuzzer attacks through real sockets: bytes go in as they are, and whatever comes back must be an
 * answer. Now and then an honest request is answered still.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { startControlServer } from "../../src/server/control.ts";
import { systemClock } from "../../src/system/clock.ts";
import { Failure } from "../../src/system/failure.ts";
import { silentLog } from "../../src/system/log.ts";
import type { Random } from "../../src/system/random.ts";
import { withWebhookServer } from "../server/webhook_server.ts";
import { pick, wild } from "./targets.ts";

/** Plays a case. */
export type Play = (random: Random) => Promise<void>;

interface Stream {
  readonly connect: () => Promise<Deno.Conn>;
  /** The paths that are known there. */
  readonly paths: readonly string[];
}

/** Cases after which an honest request is sent. */
const HONEST_SHARE = 0.1;

const METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "PRI", ""];
const HEADERS = [
  "Host: a",
  "Host: a\r\nHost: b",
  "Content-Type: application/x-www-form-urlencoded",
  "X-Twilio-Signature: AAAA",
  "X-Forwarded-For: 1.2.3.4, ::1",
  "Tailscale-Funnel-Request: ?1",
  "Expect: 100-continue",
  "Connection: upgrade\r\nUpgrade: websocket",
  "Content-Encoding: gzip",
  "Transfer-Encoding: gzip, chunked",
  " folded: x",
  "constructor: a",
  "__proto__: a\r\ntoString: b",
  `X-Long: ${"a".repeat(9_000)}`,
];
const FRAMINGS = [
  (body: string) => `Content-Length: ${body.length}\r\n\r\n${body}`,
  (body: string) => `Content-Length: ${body.length + 7}\r\n\r\n${body}`,
  (body: string) => `Content-Length: -1\r\n\r\n${body}`,
  (body: string) => `Content-Length: 1\r\nContent-Length: 2\r\n\r\n${body}`,
  (body: string) =>
    `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  (body: string) => `Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n${body}`,
  (body: string) => `Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n${body}`,
  (body: string) => `\r\n${body}`,
];

function requestOf(random: Random, paths: readonly string[]): string {
  if (random.fraction() < 0.2) return wild(random, 60);
  const path = random.fraction() < 0.6 ? pick(random, paths) : `/${wild(random, 8)}`;
  const headers = Array.from({ length: random.below(5) }, () => `${pick(random, HEADERS)}\r\n`);
  return `${pick(random, METHODS)} ${path} HTTP/1.${pick(random, ["1", "1", "0", "9"])}\r\n` +
    headers.join("") + pick(random, FRAMINGS)(wild(random, 30));
}

/** Sends bytes, says that no more come, and reads to the end. */
async function exchange({ connect }: Stream, request: string): Promise<string> {
  const conn = await connect();
  try {
    let rest = new TextEncoder().encode(request);
    while (rest.length > 0) rest = rest.subarray(await conn.write(rest));
    await conn.closeWrite();
    const decoder = new TextDecoder("latin1");
    const buffer = new Uint8Array(16 * 1_024);
    let text = "";
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) return text;
      text += decoder.decode(buffer.subarray(0, count));
    }
  } catch {
    return "";
  } finally {
    conn.close();
  }
}

async function play(stream: Stream, honest: RegExp, random: Random): Promise<void> {
  const text = await exchange(stream, requestOf(random, stream.paths));
  assertMatch(text, /^$|^HTTP\/1\.[01] [1234]\d\d/);
  assert(!/HTTP\/1\.1 5(?!03)\d\d/.test(text), text);
  if (random.fraction() > HONEST_SHARE) return;
  const path = stream.paths[0];
  const alive = await exchange(
    stream,
    `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
  );
  assertMatch(alive, honest);
}

/** Targets by name: each opens a server, has it attacked, and closes it. */
export const SOCKET_TARGETS: Readonly<
  Record<string, (attack: (play: Play) => Promise<void>) => Promise<void>>
> = {
  async control(attack) {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/control.sock`;
    const server = await startControlServer({
      path,
      clock: systemClock,
      log: { ...silentLog, error: (_, fields) => assertEquals(fields, undefined) },
      routes: {
        "GET /v1/status": () => ({ ok: true }),
        "GET /v1/messages/{id}": ({ params, query }) => ({ ...params, full: query.get("full") }),
        "POST /v1/messages": ({ body, idempotencyKey }) => ({ body, idempotencyKey }),
      },
    });
    assert(!(server instanceof Failure));
    const connect = () => Deno.connect({ transport: "unix", path });
    const paths = [
      "/v1/status",
      "/v1/messages",
      "/v1/messages/a%2Fb?full=%E0%A4",
      "/v1/messages/%",
    ];
    await attack((random) => play({ connect, paths }, /^HTTP\/1\.1 200/, random));
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  },
  async http(attack) {
    const limits = { headersTimeoutMs: 2_000, bodyTimeoutMs: 2_000 };
    await withWebhookServer({ limits }, async ({ port }) => {
      const connect = () => Deno.connect({ hostname: "127.0.0.1", port });
      const paths = ["/alive", "/webhooks/sms", "/webhooks/sms/", "http://a/webhooks/sms", "*"];
      await attack((random) => play({ connect, paths }, /^HTTP\/1\.1 404/, random));
    });
  },
};
