/** How attempts at what must not be possible ended: `done`, or the name of the error. */
export async function endsOf(
  attempts: Readonly<Record<string, () => unknown>>,
): Promise<Record<string, string>> {
  const ends: Record<string, string> = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      await attempt();
      ends[name] = "done";
    } catch (error) {
      ends[name] = (error as Error).name;
    }
  }
  return ends;
}
