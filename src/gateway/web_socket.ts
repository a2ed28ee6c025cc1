/**
 * A WebSocket to the Gateway over a connection of our own, with a limit on what a message may hold.
 *
 * @module
 */
import { encodeBase64 } from "@std/encoding/base64";
import { GATEWAY_CLOSE_MS, GATEWAY_MESSAGE_BYTES_MAX } from "../system/limits.ts";
import type { Socket } from "./connection.ts";
import { createFrameReader, encodeClientFrame, OPCODE } from "./ws_frames.ts";

const HEAD_BYTES_MAX = 16 * 1_024;
/** Closed without a word, as the platform's client says it. */
const NO_WORD = 1006;
/** TLS did not come about (RFC 6455, 7.4.1): nobody who is trusted vouches for the certificate. */
const UNTRUSTED = 1015;
/** RFC 6455, 1.3. */
const ACCEPT_SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

interface Target {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  /** What the request line and the Host header say. */
  readonly path: string;
  readonly host: string;
  readonly caCerts: readonly string[];
}

function targetOf(url: string, caCerts: readonly string[]): Target {
  const { protocol, hostname, port, pathname, search, host } = new URL(url);
  const secure = protocol === "wss:";
  if (!secure && protocol !== "ws:") throw new TypeError("Not a WebSocket's URL");
  return {
    secure,
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (secure ? 443 : 80) : Number(port),
    path: pathname + search,
    host,
    caCerts,
  };
}

async function dial({ secure, hostname, port, caCerts }: Target): Promise<Deno.Conn> {
  if (secure) {
    const tls = { alpnProtocols: ["http/1.1"], caCerts: [...caCerts] };
    return await Deno.connectTls({ hostname, port, ...tls });
  }
  const conn = await Deno.connect({ hostname, port });
  conn.setNoDelay();
  return conn;
}

/** With which code a connection has ended that broke with an error. */
function codeOf(error: unknown): number {
  const untrusted = error instanceof Deno.errors.InvalidData && /certificate/.test(error.message);
  return untrusted ? UNTRUSTED : NO_WORD;
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
}

async function acceptOf(key: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key + ACCEPT_SALT));
  return encodeBase64(new Uint8Array(hash));
}

/** Whether the head of an answer agrees to the WebSocket asked for with `key`. */
async function agrees(head: string, key: string): Promise<boolean> {
  const [status = "", ...lines] = head.split("\r\n");
  const headers = new Map(lines.map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
  }));
  return /^HTTP\/1\.1 101( |$)/.test(status) &&
    headers.get("upgrade")?.toLowerCase() === "websocket" &&
    headers.get("sec-websocket-accept") === await acceptOf(key) &&
    !headers.has("sec-websocket-extensions") && !headers.has("sec-websocket-protocol");
}

/** Reads the head of the answer; what came behind it is returned. Null when it does not agree. */
async function shakeHands(conn: Deno.Conn, { path, host }: Target): Promise<Uint8Array | null> {
  const key = encodeBase64(crypto.getRandomValues(new Uint8Array(16)));
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\n` +
    `Connection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`;
  await writeAll(conn, new TextEncoder().encode(request));
  const buffer = new Uint8Array(HEAD_BYTES_MAX);
  for (let held = 0; held < buffer.length;) {
    const count = await conn.read(buffer.subarray(held));
    if (count === null) return null;
    held += count;
    const text = new TextDecoder("latin1").decode(buffer.subarray(0, held));
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) continue;
    return await agrees(text.slice(0, end), key) ? buffer.slice(end + 4, held) : null;
  }
  return null;
}

class GatewaySocket implements Socket {
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  #conn: Deno.Conn | null = null;
  #open = false;
  #closing = false;
  #ended = false;
  #written: Promise<void> = Promise.resolve();
  #pongWaits = false;

  constructor(target: Target) {
    this.#run(target).catch(codeOf).then((code) => this.#end(code));
  }

  send(text: string): void {
    if (!this.#open || this.#closing) throw new Error("Cannot send: the WebSocket is not open");
    this.#write(OPCODE.text, new TextEncoder().encode(text));
  }

  close(): void {
    this.#closeWith(1000);
  }

  #write(opcode: number, payload: Uint8Array): Promise<void> {
    const conn = this.#conn;
    if (conn === null) return this.#written;
    const frame = encodeClientFrame(opcode, payload, crypto.getRandomValues(new Uint8Array(4)));
    // Whoever breaks off is noticed by the reading side.
    this.#written = this.#written.then(() => writeAll(conn, frame)).catch(() => {});
    return this.#written;
  }

  /** Says why, then ends the connection; soon also when the other side takes nothing any more. */
  #closeWith(code: number): void {
    if (this.#closing) return;
    this.#closing = true;
    if (!this.#open) return this.#hangUp();
    const timer = setTimeout(() => this.#hangUp(), GATEWAY_CLOSE_MS);
    this.#write(OPCODE.close, new Uint8Array([code >> 8, code & 0xff])).then(() => {
      clearTimeout(timer);
      this.#hangUp();
    });
  }

  #hangUp(): void {
    const conn = this.#conn;
    this.#conn = null;
    try {
      conn?.close();
    } catch {
      // The other side was faster.
    }
  }

  #end(code: number): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#open = false;
    if (!this.#closing) this.#hangUp();
    this.onclose?.({ code, reason: "" });
  }

  /** Runs the connection to its end and says with which code that was. */
  async #run(target: Target): Promise<number> {
    const conn = await dial(target);
    this.#conn = conn;
    if (this.#closing) this.#hangUp();
    const rest = await shakeHands(conn, target);
    if (rest === null || this.#closing) return NO_WORD;
    this.#open = true;
    const reader = createFrameReader(GATEWAY_MESSAGE_BYTES_MAX);
    const buffer = new Uint8Array(64 * 1_024);
    for (let bytes = rest;;) {
      for (const event of reader.read(bytes)) {
        if (this.#closing) return NO_WORD;
        if (event.kind === "text") this.onmessage?.({ data: event.text });
        else if (event.kind === "ping") this.#pong(event.payload);
        else {
          this.#closeWith(event.kind === "close" ? 1000 : event.code);
          return event.code;
        }
      }
      const count = await conn.read(buffer);
      if (count === null) return NO_WORD;
      bytes = buffer.subarray(0, count);
    }
  }

  /** Answers a ping; of several that come faster than answers can leave, one. */
  #pong(payload: Uint8Array): void {
    if (this.#pongWaits) return;
    this.#pongWaits = true;
    this.#write(OPCODE.pong, payload).then(() => this.#pongWaits = false);
  }
}

/**
 * Opens a WebSocket. That it did not come about is told by `onclose`.
 *
 * @throws {Error} When the URL is none, or the program may not connect there.
 */
export function openGatewaySocket(url: string, caCerts: readonly string[] = []): Socket {
  const target = targetOf(url, caCerts);
  const { hostname, port } = target;
  const host = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  if (Deno.permissions.querySync({ name: "net", host }).state !== "granted") {
    throw new Deno.errors.NotCapable("The program may not connect there");
  }
  return new GatewaySocket(target);
}
