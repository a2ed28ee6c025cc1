/**
 * Marks of people: what forms and links of a session name them by, so that no whole number stands on the
 * page, in an address or in a browser's history.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { nodePart } from "../system/node_part.ts";

/** Somebody in an account. */
export interface Person {
  readonly account: string;
  readonly phone: Phone;
}

/** The marks of one session. */
export interface Marks {
  /** What stands for somebody. */
  of(person: Person): string;
  /** Whom it stands for; null when it was not given out here, or long ago. */
  find(mark: string): Person | null;
}

/** More people than all pages of a session show at a time. */
const MARKS_MAX = 1_000;

/** Makes the marks of the session with this secret. */
export function createMarks(secret: string): Marks {
  const people = new Map<string, Person>();
  return {
    of({ account, phone }) {
      const mark = nodePart("node:crypto").createHash("sha256")
        .update(`${secret} ${account} ${phone}`).digest("hex")
        .slice(0, 32);
      people.delete(mark);
      people.set(mark, { account, phone });
      const [oldest] = people.keys();
      if (people.size > MARKS_MAX && oldest !== undefined) people.delete(oldest);
      return mark;
    },
    find: (mark) => people.get(mark) ?? null,
  };
}
