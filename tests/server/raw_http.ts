/**
 * A client that sends bytes as they are given, right or wrong.
 *
 * @module
 */

/** What came back on one connection. */
export interface RawAnswer {
  readonly text: string;
  /** Whether the server closed the connection. */
  readonly closed: boolean;
}

/** A connection on which bytes can be sent and answers read. */
export interface RawConnection {
  send(text: string): Promise<void>;
  /** Reads until the server closes, or until `enough` is satisfied with what has come. */
  receive(enough?: (text: string) => boolean): Promise<RawAnswer>;
  close(): void;
}

/** Latin-1, as in the vectors. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Opens a connection to a port of this machine. */
export async function connectRaw(port: number): Promise<RawConnection> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  let open = true;
  const close = () => {
    if (open) connection.close();
    open = false;
  };
  return {
    async send(text) {
      let rest = bytesOf(text);
      while (rest.byteLength > 0) rest = rest.subarray(await connection.write(rest));
    },
    async receive(enough = () => false) {
      const buffer = new Uint8Array(64 * 1024);
      let text = "";
      while (!enough(text)) {
        const length = await connection.read(buffer).catch(() => null);
        if (length === null) return { text, closed: true };
        text += new TextDecoder("latin1").decode(buffer.subarray(0, length));
      }
      return { text, closed: false };
    },
    close,
  };
}

/** Whether a text holds a whole answer with a `Content-Length`. */
export function isWholeAnswer(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  const length = /^content-length: (\d+)/im.exec(text)?.[1];
  return end >= 0 && length !== undefined && text.length >= end + 4 + Number(length);
}

/** A form post to the webhook path. */
export function formPost(body: string, headers = ""): string {
  return `POST /webhooks/sms HTTP/1.1\r\nHost: sms.example.com\r\n` +
    `Content-Type: application/x-www-form-urlencoded\r\n` +
    `Content-Length: ${body.length}\r\n${headers}\r\n${body}`;
}
