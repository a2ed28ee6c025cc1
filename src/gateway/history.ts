/**
 * Reading a session's transcript over a link.
 *
 * @module
 */
import { HISTORY_PAGE_ROWS } from "../system/limits.ts";
import type { JsonObject } from "./frames.ts";
import type { Link } from "./link.ts";

/**
 * Reads the end of a transcript, and ten times as much of it when `read` finds in the first page that it
 * does not go back far enough.
 *
 * @param read Gives what the page says and whether it reaches; `limit` is how many rows were asked for.
 * @returns What `read` gave last; null when the Gateway did not answer.
 */
export async function readHistory<T>(
  link: Pick<Link, "request">,
  sessionKey: string,
  read: (payload: JsonObject, limit: number) => { readonly found: T; readonly reaches: boolean },
  signal?: AbortSignal,
): Promise<T | null> {
  const options = signal === undefined ? {} : { signal };
  let last: T | null = null;
  for (const limit of [HISTORY_PAGE_ROWS, HISTORY_PAGE_ROWS * 10]) {
    const answer = await link.request("chat.history", { sessionKey, limit }, options);
    if (answer.kind !== "ok") return null;
    const { found, reaches } = read(answer.payload, limit);
    last = found;
    if (reaches) break;
  }
  return last;
}
