/**
 * Protocol Buffers, as far as KV Connect uses them: numbers and what has a length.
 *
 * @module
 */

/** The fields of a message in the order they came. */
export interface Field {
  readonly number: number;
  /** A number, or what has a length. */
  readonly value: bigint | Uint8Array<ArrayBuffer>;
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH = 2;
const FIXED_32 = 5;

function pushVarint(bytes: number[], number: bigint): void {
  for (; number > 0x7fn; number >>= 7n) bytes.push(Number(number & 0x7fn) | 0x80);
  bytes.push(Number(number));
}

/** Writes a message: a number below 0 is not written, as none here may be. */
export function writeMessage(
  fields: readonly (readonly [number: number, value: number | boolean | Uint8Array])[],
): Uint8Array<ArrayBuffer> {
  const parts = fields.map(([number, value]) => {
    const head: number[] = [];
    const isBytes = value instanceof Uint8Array;
    pushVarint(head, BigInt(number << 3 | (isBytes ? LENGTH : VARINT)));
    pushVarint(head, BigInt(isBytes ? value.length : Number(value)));
    return { head, body: isBytes ? value : new Uint8Array() };
  });
  const message = new Uint8Array(
    parts.reduce((sum, { head, body }) => sum + head.length + body.length, 0),
  );
  let at = 0;
  for (const { head, body } of parts) {
    message.set(head, at);
    message.set(body, at += head.length);
    at += body.length;
  }
  return message;
}

/** Reads a message. @throws {RangeError} When it is cut off or no message. */
export function readMessage(bytes: Uint8Array<ArrayBuffer>): Field[] {
  let at = 0;
  function take(length: number): Uint8Array<ArrayBuffer> {
    if (at + length > bytes.length) throw new RangeError("the message is cut off");
    return bytes.subarray(at, at += length);
  }
  function varint(): bigint {
    let number = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = take(1)[0]!;
      number |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return number;
    }
    throw new RangeError("a number of the message is too long");
  }
  const fields: Field[] = [];
  while (at < bytes.length) {
    const tag = Number(varint());
    const number = tag >> 3;
    switch (tag & 7) {
      case VARINT:
        fields.push({ number, value: varint() });
        break;
      case LENGTH:
        fields.push({ number, value: take(Number(varint())) });
        break;
      case FIXED_64:
        take(8);
        break;
      case FIXED_32:
        take(4);
        break;
      default:
        throw new RangeError("the message has a field of an unknown kind");
    }
  }
  return fields;
}

/** What has a length under `number`, in order. */
export function allBytes(fields: readonly Field[], number: number): Uint8Array<ArrayBuffer>[] {
  return fields.flatMap((field) =>
    field.number === number && typeof field.value !== "bigint" ? [field.value] : []
  );
}

/** What has a length under `number`; empty where it is not there. */
export function oneBytes(fields: readonly Field[], number: number): Uint8Array<ArrayBuffer> {
  return allBytes(fields, number).at(-1) ?? new Uint8Array();
}

/** The number under `number`; 0 where it is not there. */
export function oneNumber(fields: readonly Field[], number: number): number {
  const found = fields.findLast((field) =>
    field.number === number && typeof field.value === "bigint"
  );
  return Number(found?.value ?? 0);
}
