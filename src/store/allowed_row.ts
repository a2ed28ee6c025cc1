/**
 * The row of somebody who was let in.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { createRowsView, readView, type RowsView } from "./follow.ts";
import { below, keyOf } from "./keys.ts";
import type { Store, ViewKind } from "./kv.ts";

/** Someone who was let in. */
export interface AllowedSender {
  readonly account: string;
  readonly phone: Phone;
  readonly atMs: number;
  /** By a pairing code, or by `pair allow`. */
  readonly via: "code" | "hand";
  /** Whether the sender may run commands of the Gateway, such as `/new`. */
  readonly owner: boolean;
}

/** Where these rows stand. */
export const ALLOWED = keyOf<AllowedSender>("allowed");
const EVERYBODY: ViewKind<RowsView<AllowedSender>> = {
  name: "allowed",
  make: () => createRowsView<AllowedSender, AllowedSender>({ prefix: ALLOWED, keep: (row) => row }),
};

/** Who was let in, to an account or to any, in no order. */
export async function everybodyAllowed(
  { store }: { readonly store: Pick<Store, "list" | "follow"> },
  account?: string,
): Promise<AllowedSender[]> {
  const all = (await readView(store, EVERYBODY)).values();
  return account === undefined ? all : all.filter((one) => one.account === account);
}

/** That a sender was let in. */
export const allowedKey = (account: string, phone: Phone) => below(ALLOWED, account, phone);
