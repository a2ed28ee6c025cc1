/**
 * Frames of a WebSocket (RFC 6455) as a client reads and writes them. Deno's own client collects the
 * fragments of a message without a limit and offers no hook below it, so this one is ours.
 *
 * @module
 */

/** The opcodes in use. */
export const OPCODE = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** What a server says. */
export type WsEvent =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "ping"; readonly payload: Uint8Array<ArrayBuffer> }
  | { readonly kind: "close"; readonly code: number }
  /** It does not keep to the protocol or to the limit: the connection ends, `code` says why. */
  | { readonly kind: "fault"; readonly code: 1002 | 1003 | 1007 | 1009 };

/** Reads frames byte by byte, however they are cut. */
export interface FrameReader {
  /** What these bytes complete, in order; nothing after a `close` or a `fault`. */
  read(bytes: Uint8Array): WsEvent[];
}

const CONTROL_BYTES_MAX = 125;
/** What a control frame says when it carries no code. */
const NO_CODE = 1005;

/** So much of a message is kept as bytes before it becomes text: pieces of a byte cost no more than a byte. */
const DECODED_BYTES = 64 * 1_024;

/** A text that arrives in pieces. It is decoded as it comes: of a large one there is one copy, not three. */
class Message {
  #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #bytes = new Uint8Array(DECODED_BYTES);
  #held = 0;
  #text = "";
  /** Its bytes so far. */
  length = 0;

  /** @throws {TypeError} When it is not UTF-8. */
  put(piece: Uint8Array): void {
    this.length += piece.length;
    for (let rest = piece; rest.length > 0;) {
      const part = rest.subarray(0, DECODED_BYTES - this.#held);
      this.#bytes.set(part, this.#held);
      this.#held += part.length;
      rest = rest.subarray(part.length);
      if (this.#held === DECODED_BYTES) this.#decode(true);
    }
  }

  /** @throws {TypeError} When it is not UTF-8. */
  take(): string {
    this.#decode(false);
    const text = this.#text;
    this.#text = "";
    this.length = 0;
    return text;
  }

  #decode(stream: boolean): void {
    this.#text += this.#decoder.decode(this.#bytes.subarray(0, this.#held), { stream });
    this.#held = 0;
  }
}

function headBytes(head: Uint8Array, held: number): number {
  const short = held < 2 ? 0 : head[1]! & 0x7f;
  return short === 126 ? 4 : short === 127 ? 10 : 2;
}

function payloadBytes(head: Uint8Array): number {
  const short = head[1]! & 0x7f;
  const view = new DataView(head.buffer);
  if (short === 126) return view.getUint16(2);
  return short === 127 ? Number(view.getBigUint64(2)) : short;
}

interface Frame {
  readonly opcode: number;
  readonly last: boolean;
  left: number;
}

class Reader implements FrameReader {
  #messageBytesMax: number;
  #head = new Uint8Array(10);
  #held = 0;
  #frame: Frame | null = null;
  #inMessage = false;
  #message = new Message();
  #control: number[] = [];
  #ended = false;

  constructor(messageBytesMax: number) {
    this.#messageBytesMax = messageBytesMax;
  }

  read(bytes: Uint8Array): WsEvent[] {
    const events: WsEvent[] = [];
    for (let at = 0; !this.#ended;) {
      const frame = this.#frame;
      if (frame === null) {
        if (at === bytes.length) break;
        this.#head[this.#held++] = bytes[at++]!;
        if (this.#held === headBytes(this.#head, this.#held)) this.#begin(events);
        continue;
      }
      const piece = bytes.subarray(at, at + frame.left);
      at += piece.length;
      frame.left -= piece.length;
      try {
        if (frame.opcode >= OPCODE.close) this.#control.push(...piece);
        else this.#message.put(piece);
        if (frame.left > 0) break;
        this.#frame = null;
        this.#finish(frame, events);
      } catch {
        this.#end(events, { kind: "fault", code: 1007 });
      }
    }
    return events;
  }

  #end(events: WsEvent[], event: WsEvent & { kind: "close" | "fault" }): void {
    this.#ended = true;
    events.push(event);
  }

  /** Judges a frame by its head, before any of its bytes are kept. */
  #begin(events: WsEvent[]): void {
    this.#held = 0;
    const opcode = this.#head[0]! & 0x0f;
    const last = this.#head[0]! >= 0x80;
    const left = payloadBytes(this.#head);
    const isReserved = (this.#head[0]! & 0x70) !== 0 || this.#head[1]! >= 0x80;
    const isControl = opcode >= OPCODE.close;
    const isKnown = isControl ? opcode <= OPCODE.pong : opcode <= OPCODE.binary;
    const isMisplaced = isControl
      ? !last || left > CONTROL_BYTES_MAX
      : (opcode === OPCODE.more) !== this.#inMessage;
    const fault = isReserved || !isKnown || isMisplaced
      ? 1002
      : opcode === OPCODE.binary
      ? 1003
      : !isControl && this.#message.length + left > this.#messageBytesMax
      ? 1009
      : null;
    if (fault !== null) return this.#end(events, { kind: "fault", code: fault });
    if (!isControl) this.#inMessage = !last;
    this.#frame = { opcode, last, left };
  }

  /** @throws {TypeError} When a text that ends here is not UTF-8. */
  #finish({ opcode, last }: Frame, events: WsEvent[]): void {
    if (opcode < OPCODE.close) {
      if (last) events.push({ kind: "text", text: this.#message.take() });
      return;
    }
    const payload = new Uint8Array(this.#control);
    this.#control = [];
    if (opcode === OPCODE.ping) events.push({ kind: "ping", payload });
    if (opcode !== OPCODE.close) return;
    if (payload.length === 1) return this.#end(events, { kind: "fault", code: 1002 });
    const code = payload.length === 0 ? NO_CODE : payload[0]! * 256 + payload[1]!;
    this.#end(events, { kind: "close", code });
  }
}

/** Makes a reader of what a server sends; a message may have `messageBytesMax`, however it is cut. */
export function createFrameReader(messageBytesMax: number): FrameReader {
  return new Reader(messageBytesMax);
}

/** One whole frame from a client, masked as these must be. */
export function encodeClientFrame(
  opcode: number,
  payload: Uint8Array,
  mask: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const lengthBytes = length <= 125 ? 0 : length < 65_536 ? 2 : 8;
  const start = 2 + lengthBytes + 4;
  const frame = new Uint8Array(start + length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127);
  if (lengthBytes === 2) view.setUint16(2, length);
  if (lengthBytes === 8) view.setBigUint64(2, BigInt(length));
  frame.set(mask, start - 4);
  for (let i = 0; i < length; i++) frame[start + i] = payload[i]! ^ mask[i & 3]!;
  return frame;
}
