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
  /** The answer is out: nothing is held any more. */
  rest(): void;
  /** The connection is gone. */
  leave(): void;
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

/** Makes an empty crowd. */
export function createCrowd(limits: CrowdLimits): Crowd {
  // A set lists its members in the order they were added: the first has waited longest.
  const members = new Set<Member>();
  let bufferedBytes = 0;

  function release(member: Member): void {
    bufferedBytes -= member.heldBytes;
    member.heldBytes = 0;
  }

  function dismiss(member: Member): void {
    members.delete(member);
    release(member);
    member.giveWay();
  }

  const isFull = () =>
    members.size > limits.connectionsMax || bufferedBytes > limits.bufferedBytesMax;

  function makeRoom(): void {
    for (const member of members) {
      if (!isFull()) return;
      if (member.state === "working") continue;
      if (members.size > limits.connectionsMax || member.heldBytes > 0) dismiss(member);
    }
  }

  function placeOf(member: Member): Place {
    return {
      begin() {
        if (!members.delete(member)) return;
        members.add(member);
        member.state = "reading";
      },
      hold(bytes) {
        if (!members.has(member)) return;
        member.heldBytes += bytes;
        bufferedBytes += bytes;
        makeRoom();
      },
      work() {
        member.state = "working";
      },
      rest() {
        member.state = "idle";
        release(member);
      },
      leave() {
        members.delete(member);
        release(member);
      },
    };
  }

  return {
    enter(giveWay) {
      const member: Member = { giveWay, state: "idle", heldBytes: 0 };
      members.add(member);
      makeRoom();
      return placeOf(member);
    },
    dismissIdle() {
      const idle = [...members].filter((member) => member.state === "idle");
      idle.forEach(dismiss);
      return idle.length;
    },
    get size() {
      return members.size;
    },
    get bufferedBytes() {
      return bufferedBytes;
    },
  };
}
