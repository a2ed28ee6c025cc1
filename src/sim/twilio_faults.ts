/**
 * The ways in which the fake Twilio can fail.
 *
 * @module
 */

/** One failure. Those that end in `after` take the message and lose the answer. */
export type Fault =
  | {
    readonly kind: "status";
    readonly status: number;
    /** Twilio's error code; no code when it is left out. */
    readonly code?: number;
    readonly headers?: Readonly<Record<string, string>>;
  }
  | { readonly kind: "html"; readonly status: number }
  | { readonly kind: "reset-before" }
  | { readonly kind: "reset-after" }
  | { readonly kind: "hang-before" }
  | { readonly kind: "hang-after" }
  | { readonly kind: "cut-after" }
  | { readonly kind: "no-sid-after" };

/** Which requests a fault is for. */
export type FaultTarget = "send" | "read";

/** The faults that wait for their request. */
export interface Faults {
  /** Makes the next `times` requests of a kind fail; faults queue up in the order they are given. */
  next(fault: Fault, options?: { readonly times?: number; readonly on?: FaultTarget }): void;
  /** Forgets those that have not struck. */
  clear(): void;
  /** The fault of the request that has just come, if any. */
  take(target: FaultTarget): Fault | undefined;
}

/** Makes an empty queue of faults. */
export function createFaults(): Faults {
  const queues: Record<FaultTarget, Fault[]> = { send: [], read: [] };
  return {
    next(fault, { times = 1, on = "send" } = {}) {
      for (let i = 0; i < times; i++) queues[on].push(fault);
    },
    clear() {
      queues.send.length = queues.read.length = 0;
    },
    take: (target) => queues[target].shift(),
  };
}

/** Whether the request is worked on although its answer fails. */
export function takesRequest(fault: Fault): boolean {
  return fault.kind.endsWith("-after");
}

/** What the connection is made of: how to break it, and when it will be closed for good. */
export interface FaultLine {
  slam(): void;
  /** The same, as soon as part of an answer has gone out. */
  slamAfterPart(): void;
  /** Resolves when the fake is closed. */
  readonly closed: Promise<void>;
}

/** A JSON answer as Twilio writes it. */
export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** Twilio's error object. */
export function errorAnswer(
  status: number,
  code: number | undefined,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const more = code === undefined
    ? {}
    : { code, more_info: `https://www.twilio.com/docs/errors/${code}` };
  return jsonAnswer(status, { ...more, message, status }, headers);
}

/** Half an answer, after which the connection breaks. */
function cutOff(line: FaultLine): Response {
  line.slamAfterPart();
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"sid": "SM0123')),
    pull: () => line.closed,
  });
  return new Response(body, { status: 201, headers: { "content-type": "application/json" } });
}

/** Answers as a fault wants it. */
export async function failingAnswer(fault: Fault, line: FaultLine): Promise<Response> {
  switch (fault.kind) {
    case "status":
      return errorAnswer(fault.status, fault.code, "injected", fault.headers);
    case "html":
      return new Response("<html><body>502 Bad Gateway</body></html>", {
        status: fault.status,
        headers: { "content-type": "text/html" },
      });
    case "reset-before":
    case "reset-after":
      line.slam();
      return new Response(null);
    case "hang-before":
    case "hang-after":
      await line.closed;
      return new Response(null);
    case "cut-after":
      return cutOff(line);
    case "no-sid-after":
      return jsonAnswer(201, {});
  }
}
