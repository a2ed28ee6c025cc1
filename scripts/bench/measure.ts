/**
 * Measuring: times, percentiles and memory of processes.
 *
 * @module
 */

/** Resolves after these milliseconds. */
export const sleep = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Milliseconds that something takes. */
export async function timed(work: () => Promise<void>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return performance.now() - beganMs;
}

/** The least of several runs: what else the machine does only adds to it. */
export async function best(runs: number, measure: () => Promise<number>): Promise<number> {
  let least = Infinity;
  for (let run = 0; run < runs; run++) least = Math.min(least, await measure());
  return least;
}

/** The least of several runs of two, in turn, so that what else the machine does meets both. */
export async function bestOfBoth(
  runs: number,
  one: () => Promise<number>,
  other: () => Promise<number>,
): Promise<[number, number]> {
  const least: [number, number] = [Infinity, Infinity];
  for (let run = 0; run < runs; run++) {
    least[0] = Math.min(least[0], await one());
    least[1] = Math.min(least[1], await other());
  }
  return least;
}

/** The value below which this share of them lies. */
export function share(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** The memory of a process in MiB; NaN where it cannot be read. */
export async function residentMiB(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "");
  return Number(status.match(/VmRSS:\s+(\d+) kB/)?.[1] ?? NaN) / 1_024;
}

/** Seconds of CPU that a process has used; NaN where it cannot be read. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
