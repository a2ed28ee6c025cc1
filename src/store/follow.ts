/**
 * Views: what a store of one's own keeps in memory of its rows, so that whoever asks does not read them all.
 * A view is filled by one reading of its rows, when somebody first asks; from then on every commit tells it.
 *
 * @module
 */
import { type Change, type Key, passedOn, type Store, type View, type ViewKind } from "./kv.ts";

type Touched = readonly (readonly [key: Key, row: unknown])[];

interface State {
  readonly of: string | undefined;
  readonly view: View;
  readonly filled: Promise<void>;
  /** Rows that are gone, each with how much had begun then and may still tell an older state. */
  gone: { readonly key: Key; readonly begun: number }[];
}

interface UnderWay {
  readonly begun: number;
  /** First parts of the keys that it is about. */
  readonly kinds: ReadonlySet<unknown>;
}

function touchedBy({ set = [], delete: gone = [] }: Change): Touched {
  return [
    ...set.map(({ key, value }) => [key, value] as const),
    ...gone.map((key) => [key, null] as const),
  ];
}

function isBelow(key: Key, prefix: Key): boolean {
  return key.length > prefix.length && prefix.every((part, index) => part === key[index]);
}

async function fill(view: View, store: Pick<Store, "list">, rowsMax?: number): Promise<void> {
  const { prefix, start } = view;
  const newest = rowsMax === undefined ? {} : { reverse: true, limit: rowsMax };
  for await (const one of store.list({ prefix, ...start && { start }, ...newest })) {
    view.note(one.key, one.versionstamp, one.value);
  }
}

/**
 * A view of the rows: the one that the store keeps, else one that is made for this reading.
 *
 * @param rowsMax Of how many rows at most the latter is made, the newest; of all when left out.
 */
export async function readView<V extends View>(
  store: Pick<Store, "list" | "follow">,
  kind: ViewKind<V>,
  rowsMax?: number,
): Promise<V> {
  if (store.follow !== undefined) return await store.follow(kind);
  const view = kind.make();
  await fill(view, store, rowsMax);
  return view;
}

/** What is under way, so that it can be awaited. */
function createUnderWay(onEnd: () => void) {
  const all = new Map<Promise<void>, UnderWay>();
  let begun = 0;
  const of = (kind: unknown) => [...all].filter(([, { kinds }]) => kinds.has(kind));
  return {
    get begun() {
      return begun;
    },
    ends: (kind: unknown) => Promise.all(of(kind).map(([end]) => end)),
    oldest: (kind: unknown) => of(kind)[0]?.[1].begun ?? Infinity,
    add<T>(work: Promise<T>, kinds: ReadonlySet<unknown>): Promise<T> {
      const end = work.then(() => {}, () => {}).then(() => {
        all.delete(end);
        onEnd();
      });
      all.set(end, { begun: begun++, kinds });
      return work;
    },
  };
}

/**
 * A store that keeps views, as nobody else writes into it. Whoever asks for a view awaits the commits under
 * way, so that it holds all that anybody was told of.
 */
export function followingStore(store: Store): Store {
  const states = new Map<string, State>();
  const underWay = createUnderWay(() => states.forEach(settle));

  function settle(state: State): void {
    const oldest = underWay.oldest(state.view.prefix[0]);
    const settled = state.gone.filter(({ begun }) => begun <= oldest);
    if (settled.length === 0) return;
    state.view.settle(settled.map(({ key }) => key));
    state.gone = state.gone.slice(settled.length);
  }
  function drop(name: string, state: State): void {
    if (states.get(name) === state) states.delete(name);
  }
  async function noted(change: Change, touched: Touched, mine: [string, State][]) {
    try {
      const versionstamp = await store.commit(change);
      if (versionstamp === null) return null;
      for (const [key, row] of touched) {
        for (const [, state] of mine) {
          if (!isBelow(key, state.view.prefix)) continue;
          state.view.note(key, versionstamp, row);
          if (row === null) state.gone.push({ key, begun: underWay.begun });
        }
      }
      return versionstamp;
    } catch (error) {
      // Whether it was carried out is read anew.
      for (const [name, state] of mine) drop(name, state);
      throw error;
    }
  }
  function begin({ name, of, make }: ViewKind<View>): State {
    const view = make();
    const kind = view.prefix[0];
    // What began before does not tell this view: it is read after that.
    const before = underWay.ends(kind);
    const filled = underWay.add(before.then(() => fill(view, store)), new Set([kind]));
    const state: State = { of, view, filled, gone: [] };
    states.set(name, state);
    filled.catch(() => drop(name, state));
    return state;
  }
  return {
    ...passedOn(store),
    commit(change) {
      const touched = touchedBy(change);
      const kinds = new Set<unknown>(touched.map(([key]) => key[0]));
      const mine = [...states].filter(([, { view }]) => kinds.has(view.prefix[0]));
      return underWay.add(noted(change, touched, mine), kinds);
    },
    async follow<V extends View>(kind: ViewKind<V>): Promise<V> {
      for (;;) {
        const known = states.get(kind.name);
        const state = known?.of === kind.of && known !== undefined ? known : begin(kind);
        const before = underWay.ends(state.view.prefix[0]);
        await state.filled;
        await before;
        // A kind makes views of its own type alone.
        if (states.get(kind.name) === state) return state.view as V;
      }
    },
  };
}

/** What a view of rows is made of. */
export interface RowsOptions<Row, Kept> {
  readonly prefix: Key;
  readonly start?: Key;
  /** What is kept of a row; null for one that does not matter. */
  readonly keep: (row: Row, key: Key) => Kept | null;
  /** Hears of each change. */
  readonly changed?: (before: Kept | null, after: Kept | null) => void;
}

/** A view that keeps something of each row, in no order. */
export interface RowsView<Kept> extends View {
  values(): Kept[];
}

/** Makes one. What it is told late and out of order changes nothing. */
export function createRowsView<Row, Kept>(
  { prefix, start, keep, changed }: RowsOptions<Row, Kept>,
): RowsView<Kept> {
  const rows = new Map<string, { readonly versionstamp: string; readonly kept: Kept | null }>();
  const nameOf = (key: Key) => key.slice(prefix.length).join(" ");
  return {
    prefix,
    ...start && { start },
    note(key, versionstamp, row) {
      const name = nameOf(key);
      const known = rows.get(name);
      if (known !== undefined && known.versionstamp >= versionstamp) return;
      // Only rows of one type stand below a prefix.
      const kept = row === null ? null : keep(row as Row, key);
      rows.set(name, { versionstamp, kept });
      changed?.(known?.kept ?? null, kept);
    },
    settle(gone) {
      for (const key of gone) if (rows.get(nameOf(key))?.kept === null) rows.delete(nameOf(key));
    },
    values() {
      const all: Kept[] = [];
      for (const { kept } of rows.values()) if (kept !== null) all.push(kept);
      return all;
    },
  };
}
