/**
 * Which run of this bridge came before: one that starts again after it was killed need not wait until its own
 * lease has run out. One that starts on a copy of a state directory takes the lease, once, from the bridge
 * that the copy was made of: that one's commits fail from then on, as after any other change of hands.
 *
 * @module
 */

const RUN_FILE = "run";

/**
 * Notes in a state directory which run it belongs to now, and tells to which it did; null when that is not
 * known, which costs the wait for a lease. No other bridge may run on the directory.
 */
export async function noteRun(stateDir: string, run: string): Promise<string | null> {
  const path = `${stateDir}/${RUN_FILE}`;
  const former = await Deno.readTextFile(path).catch(() => null);
  await Deno.writeTextFile(path, run, { mode: 0o600 }).catch(() => {});
  return former;
}
