/**
 * The crowd at the webhook listener, kept bounded without ever turning a newcomer away.
 *
 * A cap that refuses newcomers can be filled by clients that stall: 64 of them silence a server with
 * 64 places. Here the connection that has waited longest gives way instead. An honest request needs
 * milliseconds, so whoever has waited longest is stalling.
 *
 * @module
 */

/** How much the crowd may hold. */
export interface CrowdLimits {
  /** Connections at the same time. */
  readonly connectionsMax: number;
  /** Bytes of unfinished bodies, of all connections together. */
  readonly bufferedBytesMax: number;
}

/** One client's place in the crowd. */
export interface Place {
  /** A new request begins: its connection becomes the youngest. */
  begin(): void;
  /** `bytes` more of the request's body are held. May make others, or this place, give way. */
  hold(bytes: number): void;
  /** The request is whole and being worked on: from here on it does not give way. */
  work(): void;
  /** The answer is kept back on purpose: the connection may give way meanwhile. */
  wait(): void;
  /** The answer is out: nothing is held any more. */
  rest(): void;
  /** The connection is gone. */
  leave(): void;
  /** Connections at this moment, this one among them. */
  readonly among: number;
}

/** The connections that are open. */
export interface Crowd {
  /** Takes a connection in; `giveWay` must close it. */
  enter(giveWay: () => void): Place;
  /** Makes every connection give way that has no request whole or on its way; returns how many. */
  dismissIdle(): number;
  /** Connections at this moment. */
  readonly size: number;
  /** Bytes of unfinished bodies at this moment. */
  readonly bufferedBytes: number;
}

interface Member {
  readonly giveWay: () => void;
  state: "idle" | "reading" | "working";
  heldBytes: number;
}

/** All places, and what they hold together. */
class OpenCrowd implements Crowd {
  #limits: CrowdLimits;
  // A set lists its members in the order they were added: the first has waited longest.
  #members = new Set<Member>();
  #bufferedBytes = 0;

  constructor(limits: CrowdLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#members.size;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  enter(giveWay: () => void): Place {
    const member: Member = { giveWay, state: "idle", heldBytes: 0 };
    this.#members.add(member);
    this.#makeRoom();
    const members = this.#members;
    return {
      get among() {
        return members.size;
      },
      begin: () => this.#begin(member),
      hold: (bytes) => this.#hold(member, bytes),
      work: () => {
        member.state = "working";
      },
      wait: () => {
        member.state = "reading";
      },
      rest: () => {
        member.state = "idle";
        this.#release(member);
      },
      leave: () => {
        this.#members.delete(member);
        this.#release(member);
      },
    };
  }

  dismissIdle(): number {
    const idle = [...this.#members].filter((member) => member.state === "idle");
    for (const member of idle) this.#dismiss(member);
    return idle.length;
  }

  #begin(member: Member): void {
    if (!this.#members.delete(member)) return;
    this.#members.add(member);
    member.state = "reading";
  }

  #hold(member: Member, bytes: number): void {
    if (!this.#members.has(member)) return;
    member.heldBytes += bytes;
    this.#bufferedBytes += bytes;
    this.#makeRoom();
  }

  #release(member: Member): void {
    this.#bufferedBytes -= member.heldBytes;
    member.heldBytes = 0;
  }

  #dismiss(member: Member): void {
    this.#members.delete(member);
    this.#release(member);
    member.giveWay();
  }

  #isFull(): boolean {
    const { connectionsMax, bufferedBytesMax } = this.#limits;
    return this.#members.size > connectionsMax || this.#bufferedBytes > bufferedBytesMax;
  }

  #makeRoom(): void {
    for (const member of this.#members) {
      if (!this.#isFull()) return;
      if (member.state === "working") continue;
      const tooMany = this.#members.size > this.#limits.connectionsMax;
      if (tooMany || member.heldBytes > 0) this.#dismiss(member);
    }
  }
}

/** Makes an empty crowd. */
export function createCrowd(limits: CrowdLimits): Crowd {
  return new OpenCrowd(limits);
}
