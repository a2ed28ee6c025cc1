/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/**
 * Plays the seeds that it is told, one after the other, beside others that do so.
 */
import { simulate } from "./simulate.ts";
import { simulateShared } from "./simulate_shared.ts";

/** A seed to be played. */
export interface Order {
  readonly seed: number;
  readonly shared: boolean;
}

// Where errors come from is of use in a replay; to find out costs much of the time of a seed.
Error.stackTraceLimit = 0;

self.onmessage = async ({ data: { seed, shared } }: MessageEvent<Order>) => {
  self.postMessage(await (shared ? simulateShared : simulate)(seed));
};
