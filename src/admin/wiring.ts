/**
 * The admin page of the running program: its rooms joined with the operations.
 *
 * @module
 */
import type { InputOf, OperationName, Operations, OutputOf } from "../operations/operations.ts";
import type { Clock } from "../system/clock.ts";
import { Failure } from "../system/failure.ts";
import type { Random } from "../system/random.ts";
import { ACTIONS, perform } from "./actions.ts";
import { CONVERSATIONS_ROOM } from "./conversations_room.ts";
import { DOCTOR_ROOM } from "./doctor_room.ts";
import { adminDocument } from "./document.ts";
import { createLatest } from "./latest.ts";
import { MONEY_ROOM } from "./money_room.ts";
import { NOW_ROOM } from "./now_room.ts";
import { type AdminPage, createAdminPage, type Tailnet } from "./page.ts";
import { PEOPLE_ROOM } from "./people_room.ts";
import { QUEUES_ROOM } from "./queues_room.ts";
import type { Diagnosis, Room, SlowViews } from "./room.ts";
import type { AdminSessions } from "./session.ts";

/** The rooms, in the order of the page's menu. */
const ROOMS: readonly Room[] = [
  NOW_ROOM,
  CONVERSATIONS_ROOM,
  PEOPLE_ROOM,
  MONEY_ROOM,
  QUEUES_ROOM,
  DOCTOR_ROOM,
];

/** How old what takes long to read may be. */
const FRESH_MS = { status: 5_000, people: 15_000, spenders: 60_000 } as const;

type Ask = <Name extends OperationName>(
  name: Name,
  input: InputOf<Name>,
) => Promise<OutputOf<Name>>;

/** Asks, and throws what the bridge cannot do. */
function asking(operations: Operations): Ask {
  return async (name, input) => {
    const result = await operations.ask(name, input);
    if (result instanceof Failure) throw result;
    return result;
  };
}

/** The doctor: looks behind the page, and remembers what it found. */
function createDoctor(ask: Ask, clock: Clock) {
  let found: Diagnosis | "running" | null = null;
  return {
    last: () => found,
    examine(): void {
      if (found === "running") return;
      found = "running";
      const told = (checks: Diagnosis["checks"], trouble: string | null) =>
        void (found = { atMs: clock.now(), checks, trouble });
      ask("probe", {}).then(
        ({ checks }) => told(checks, null),
        (error) =>
          told([], error instanceof Failure ? error.message : "Something broke; see the log."),
      );
    },
  };
}

function monthStart(nowMs: number): number {
  return Date.UTC(new Date(nowMs).getUTCFullYear(), new Date(nowMs).getUTCMonth());
}

/** Makes the page over the operations of a running bridge. */
export function adminPageOver(
  operations: Operations,
  { sessions, clock, random, balances, tailnet }: {
    readonly sessions: AdminSessions;
    readonly clock: Clock;
    readonly random: Random;
    /** What was left at Twilio of late; null until it has answered. */
    readonly balances: SlowViews["balances"];
    readonly tailnet?: () => Tailnet;
  },
): AdminPage {
  const ask = asking(operations);
  const doctor = createDoctor(ask, clock);
  const latest = {
    status: createLatest(clock, () => ask("status", {}), FRESH_MS.status),
    people: createLatest(
      clock,
      async () => (await ask("listPeople", { brief: true })).people,
      FRESH_MS.people,
    ),
    spenders: createLatest(
      clock,
      () => ask("spend", { by: "person", sinceMs: monthStart(clock.now()) }),
      FRESH_MS.spenders,
    ),
  };
  const views: SlowViews = {
    status: latest.status.get,
    people: latest.people.get,
    spenders: latest.spenders.get,
    balances,
    diagnosis: doctor.last,
  };
  return createAdminPage({
    sessions,
    clock,
    random,
    ...tailnet && { tailnet },
    rooms: ROOMS.map(({ path }) => path),
    document: (parts) => adminDocument(parts, ROOMS),
    async main({ path, query }, session) {
      const room = ROOMS.find((one) => one.path === path)!;
      const html = await room.render({ ...views, ask, session, query, nowMs: clock.now() });
      const { ready } = await views.status();
      const { pending } = await ask("listPending", {});
      const waiting = pending.length === 1 ? "1 request" : `${pending.length} requests`;
      const summary = `${ready ? "Ready" : "Not ready"}, ${waiting} waiting`;
      return `<div id="content" data-summary="${summary}">${html}</div>`;
    },
    warm() {
      Object.values(latest).forEach((one) => one.peek());
      // Whoever opens that room is told why it cannot be read.
      ask("listConversations", {}).catch(() => {});
    },
    actions: ACTIONS,
    async act(path, form, session) {
      const told = await perform(ACTIONS[path]!, { ask, examine: doctor.examine, session, form });
      Object.values(latest).forEach((one) => one.forget());
      return told;
    },
  });
}
