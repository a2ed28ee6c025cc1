/**
 * The row of somebody who was let in.
 *
 * @module
 */
import type { Phone } from "../policy/phone.ts";
import { below, keyOf } from "./keys.ts";

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
/** That a sender was let in. */
export const allowedKey = (account: string, phone: Phone) => below(ALLOWED, account, phone);
