/**
 * The newest release for this machine: which it is, and its archive with a sum that is right.
 *
 * @module
 */
import { encodeHex } from "@std/encoding/hex";
import { wantedInstead } from "../../config/describe.ts";
import { lookUp } from "../../config/json5/tree.ts";
import { readSources } from "../../config/sources.ts";
import { Failure, failure } from "../../system/failure.ts";
import { RELEASE_BYTES_MAX, SUMS_BYTES_MAX, UPDATE_CHECK_TIMEOUT_MS } from "../../system/limits.ts";
import { compareVersions, readReleasesUrl } from "../../system/releases.ts";
import { readTarGz } from "../../system/tar.ts";
import { VERSION } from "../../system/version.ts";
import type { Parsed } from "../command.ts";
import { type Context, homeOf } from "../terminal/context.ts";

/** An archive that SHA256SUMS names. */
export interface Release {
  readonly version: string;
  readonly name: string;
  readonly sum: string;
}

const NAMED = /^sms-bridge-(\d+\.\d+\.\d+(?:-[\w.-]+)?)$/;

/** The address to ask: what is configured, else what the executable was made with. @throws {Failure} */
export function releasesFrom(configured: string | undefined): string {
  const wanted = configured && wantedInstead("bridge.releasesUrl", configured);
  if (wanted) {
    throw failure(
      "configuration",
      "releases-invalid",
      `Cannot look for a newer version: bridge.releasesUrl must be ${wanted}`,
      "mend it; `sms-bridge config check` tells where it stands",
    );
  }
  const base = configured ?? readReleasesUrl();
  if (base !== null && base !== undefined) return base.replace(/\/+$/, "");
  throw failure(
    "configuration",
    "releases-unknown",
    "Cannot look for a newer version: it is not known where the releases are",
    "`sms-bridge config set bridge.releasesUrl <URL>`, where SHA256SUMS and the archives are",
  );
}

/** What is configured of releases; secrets need not be read for that. */
export function releaseSettings(context: Context, parsed: Parsed): {
  readonly url: string | undefined;
  readonly check: boolean;
} {
  const { root } = readSources({
    env: context.env,
    home: homeOf(context),
    configPath: parsed.text("config"),
    stateDir: parsed.text("state-dir"),
  });
  const setting = (key: string, variable: string): string | undefined => {
    const written = lookUp(root, "bridge", key);
    const value = written?.kind === "value" ? String(written.value) : undefined;
    return context.env(variable)?.trim() || value;
  };
  return {
    url: setting("releasesUrl", "SMS_BRIDGE_RELEASES"),
    check: /^(true|on)$/i.test(setting("updateCheck", "SMS_BRIDGE_UPDATE_CHECK") ?? ""),
  };
}

/** The newest release where it is newer than this program, else null. @throws {Failure} */
export async function newerRelease(
  context: Context,
  base: string,
  timeoutMs: number,
): Promise<Release | null> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(timeoutMs)]);
  const newest = await newestRelease(base, signal);
  return compareVersions(newest.version, VERSION) > 0 ? newest : null;
}

/** A word on a newer version, where that is asked for and can be known; null for none. */
export async function newerVersionWord(context: Context, parsed: Parsed): Promise<string | null> {
  const { url, check } = releaseSettings(context, parsed);
  if (!check) return null;
  try {
    const newer = await newerRelease(context, releasesFrom(url), UPDATE_CHECK_TIMEOUT_MS);
    return newer === null
      ? null
      : `sms-bridge ${newer.version} is there; this is ${VERSION}: \`sms-bridge upgrade\``;
  } catch (error) {
    if (error instanceof Failure || !context.signal.aborted) return null;
    throw error;
  }
}

async function fetchBytes(
  url: string,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const cannot = (why: string) =>
    failure("unreachable", "release-unread", `Cannot fetch ${url}: ${why}`, "check the address");
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw cannot(error instanceof Error && error.name === "TimeoutError" ? "timeout" : "no answer");
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw cannot(`it answers ${response.status}`);
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.byteLength;
    if (bytes > bytesMax) throw cannot(`it is longer than ${bytesMax} bytes`);
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** The newest archive for this machine. @throws {Failure} */
async function newestRelease(base: string, signal: AbortSignal): Promise<Release> {
  const text = new TextDecoder().decode(
    await fetchBytes(`${base}/SHA256SUMS`, SUMS_BYTES_MAX, signal),
  );
  const end = `-${Deno.build.target}.tar.gz`;
  const found = text.split("\n").flatMap((line) => {
    const [sum = "", name = ""] = line.split(/ [ *]/);
    const [, version] = name.endsWith(end) ? name.slice(0, -end.length).match(NAMED) ?? [] : [];
    return version === undefined || !/^[0-9a-f]{64}$/.test(sum) ? [] : [{ version, name, sum }];
  }).toSorted((a, b) => compareVersions(a.version, b.version));
  const newest = found.at(-1);
  if (newest !== undefined) return newest;
  throw failure(
    "not-found",
    "release-absent",
    `There is no release for ${Deno.build.target} at ${base}`,
    "build it: deno task compile",
  );
}

/** The executable of a release, once its archive's sum is right. @throws {Failure} */
export async function fetchProgram(
  base: string,
  { name, sum }: Release,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const archive = await fetchBytes(`${base}/${name}`, RELEASE_BYTES_MAX, signal);
  if (encodeHex(await crypto.subtle.digest("SHA-256", archive)) !== sum) {
    throw failure(
      "failed",
      "release-sum-wrong",
      `The SHA-256 of ${name} is not the one in SHA256SUMS; nothing was changed`,
      "try again later; if it stays so, tell whoever makes the releases",
    );
  }
  const program = Deno.build.os === "windows" ? "sms-bridge.exe" : "sms-bridge";
  const wanted = `${name.replace(/\.tar\.gz$/, "")}/${program}`;
  const file = (await readTarGz(archive)).find(({ path }) => path === wanted);
  if (file !== undefined) return file.bytes;
  throw failure("failed", "release-broken", `${name} holds no ${wanted}`, "fetch another release");
}
