/**
 * Reloading: settings that changed are read again at SIGHUP, and when one of their files changes.
 *
 * @module
 */
import type { Loaded } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { type Clock, sleep } from "../system/clock.ts";
import { CONFIG_POLL_MS } from "../system/limits.ts";
import type { Log } from "../system/log.ts";

/** What reloading works with. */
export interface ReloadParts {
  readonly load: () => Promise<Loaded>;
  /** Puts settings into force; returns those that need a restart. */
  readonly apply: (settings: Settings) => readonly string[] | Promise<readonly string[]>;
  /** Tells the running bridge what its status is to say of the configuration; empty when all is in force. */
  readonly standing?: (notes: readonly string[]) => unknown;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the watching. */
  readonly signal: AbortSignal;
}

/** What tells one state of files from another. */
function fingerprint(files: readonly string[]): string {
  return files.map((file) => {
    try {
      const { mtime, size, ino } = Deno.statSync(file);
      return `${mtime?.getTime()} ${size} ${ino}`;
    } catch {
      return "absent";
    }
  }).join("\n");
}

async function reload({ load, apply, log, standing }: ReloadParts): Promise<Loaded> {
  const loaded = await load();
  const { settings, problems } = loaded;
  if (settings === null) {
    for (const { name, problem, fix, where } of problems) {
      log.error("settings.refused", { name, problem, where, hint: fix });
    }
    const [first] = problems;
    await standing?.([
      `the configuration was changed and is refused; the former one stays in force: ${first?.name} ` +
      `${first?.problem}; \`sms-bridge config check\` tells all`,
    ]);
    return loaded;
  }
  const restart = await apply(settings);
  await standing?.(
    restart.length === 0 ? [] : [
      `changed, and waiting for a restart (\`sms-bridge service restart\`): ${restart.join(", ")}`,
    ],
  );
  for (const warning of settings.warnings) log.warn("settings.warning", { warning });
  log.info("settings.reloaded", {
    accounts: settings.accounts.map(({ id }) => id).join(" "),
    needRestart: restart.length === 0 ? undefined : restart.join(" "),
  });
  return loaded;
}

/** Reloads until `signal` aborts. Invalid settings are refused whole; those in force stay. */
export async function watchSettings(parts: ReloadParts, first: Loaded): Promise<void> {
  const { clock, signal } = parts;
  let wake = new AbortController();
  let asked = false;
  const hangUp = () => {
    asked = true;
    wake.abort();
  };
  const listens = Deno.build.os !== "windows";
  if (listens) Deno.addSignalListener("SIGHUP", hangUp);
  let { files } = first;
  let seen = fingerprint(files);
  while (!signal.aborted) {
    wake = new AbortController();
    if (!asked) await sleep(clock, CONFIG_POLL_MS, AbortSignal.any([signal, wake.signal]));
    const now = fingerprint(files);
    if (signal.aborted || (!asked && now === seen)) continue;
    asked = false;
    const next = (await reload(parts)).files;
    // What changed while it was read is seen at the next look.
    seen = next.join() === files.join() ? now : fingerprint(next);
    files = next;
  }
  if (listens) Deno.removeSignalListener("SIGHUP", hangUp);
}
