/**
 * The wires between a simulated bridge and its Gateway: frames that take time, arrive in order, get
 * lost without a word (half-open), or end with their socket.
 */
import type { Socket } from "../../src/gateway/connection.ts";
import type { Clock } from "../../src/system/clock.ts";
import type { Random } from "../../src/system/random.ts";

/** One socket, seen from outside. */
export interface Wire {
  /** The bridge's end. */
  readonly client: Socket;
  /** Loses all that is on the way and all that follows, and tells nobody. */
  mute(): void;
  /** Breaks it; both ends are told after a while. */
  cut(): void;
  /** The bridge's process is gone: nothing reaches it any more, the Gateway sees a close. */
  orphan(): void;
}

/** What a wire is made from. */
export interface WireParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Takes the Gateway's end. */
  readonly accept: (socket: WebSocket) => void;
}

const TICK = JSON.stringify({ type: "event", event: "tick", payload: {} });
const TICK_MS = 30_000;
const DELAY_MS_MAX = 40;

class Line implements Wire {
  readonly client: Socket;
  #parts: WireParts;
  #server: { readyState: number } & Pick<WebSocket, "onopen" | "onmessage" | "onclose">;
  #dead = { client: false, server: false };
  #muted = false;
  #clear = { up: 0, down: 0 };

  constructor(parts: WireParts) {
    this.#parts = parts;
    this.client = {
      send: (text) =>
        this.#carry(
          "up",
          () => this.#server.onmessage?.call(asSocket(this.#server), asMessage(text)),
        ),
      close: () => this.#end("client"),
      onmessage: null,
      onclose: null,
    };
    const server = {
      readyState: WebSocket.OPEN as number,
      onopen: null,
      onmessage: null,
      onclose: null,
      send: (text: string) => this.#carry("down", () => this.client.onmessage?.({ data: text })),
      close: () => this.#end("server"),
    };
    this.#server = server;
    this.#carry("up", () => {
      parts.accept(asSocket(server));
      this.#server.onopen?.call(asSocket(server), new Event("open"));
    });
    this.#tick();
  }

  mute(): void {
    this.#muted = true;
  }

  cut(): void {
    this.#end("client");
    this.#end("server");
  }

  orphan(): void {
    this.#dead.client = true;
    this.#end("client");
  }

  /** Delivers after what was sent before it. */
  #carry(way: "up" | "down", deliver: () => void): void {
    if (this.#muted) return;
    const { clock, random } = this.#parts;
    const dueMs = Math.max(this.#clear[way], clock.now() + random.below(DELAY_MS_MAX));
    this.#clear[way] = dueMs;
    const to = way === "up" ? "server" : "client";
    clock.after(dueMs - clock.now(), () => {
      if (!this.#muted && !this.#dead[to]) deliver();
    });
  }

  #end(by: "client" | "server"): void {
    const told = by === "client" ? "server" : "client";
    this.#carry(by === "client" ? "up" : "down", () => {
      this.#dead[told] = true;
      if (told === "client") this.client.onclose?.({ code: 1006, reason: "" });
      else this.#closeServer();
    });
    if (by === "server") this.#closeServer();
  }

  #closeServer(): void {
    this.#dead.server = true;
    this.#server.readyState = WebSocket.CLOSED;
    this.#server.onclose?.call(asSocket(this.#server), new CloseEvent("close"));
  }

  #tick(): void {
    this.#parts.clock.after(TICK_MS, () => {
      if (this.#muted || this.#dead.server || this.#dead.client) return;
      this.#carry("down", () => this.client.onmessage?.({ data: TICK }));
      this.#tick();
    });
  }
}

function asSocket(server: unknown): WebSocket {
  return server as WebSocket;
}

function asMessage(data: string): MessageEvent {
  return { data } as MessageEvent;
}

/** Makes a wire. */
export function createWire(parts: WireParts): Wire {
  return new Line(parts);
}
