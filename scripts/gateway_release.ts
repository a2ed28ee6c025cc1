/**
 * Releases of the real Gateway on this machine: each by its npm package, in a folder of its own.
 *
 * @module
 */

/** The tools beside the repository that start a Gateway. */
export const SHARED = Deno.env.get("SMS_BRIDGE_SHARED") ??
  new URL("../../shared", import.meta.url).pathname;
/** The release of Node.js that runs it. */
export const NODE_RELEASE = "24.21.0";
/** Where releases are kept; several hundred megabytes each. */
export const CACHE = `${
  Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`
}/sms-bridge/gateway`;

/** A release on the disk. */
export interface InstalledGateway {
  /** The program that runs it. */
  readonly node: string;
  readonly folder: string;
}

/** Why no real Gateway can be started here at all; null when one can. */
export function whyNoGateway(): string | null {
  if (Deno.build.os === "windows") return "the tools that start a Gateway are for Unix";
  const script = `${SHARED}/tools/start-gateway.sh`;
  try {
    if (Deno.statSync(script).isFile) return null;
  } catch {
    // There is none.
  }
  return `there is no ${script} to start a Gateway with`;
}

/** Installs a release when it is not there yet; gives npm's exit code when that fails. */
export async function installGateway(release: string): Promise<InstalledGateway | number> {
  const arch = Deno.build.arch === "aarch64" ? "arm64" : "x64";
  const node = `node-${Deno.build.os}-${arch}`;
  const prefix = `${CACHE}/${release}`;
  const installed = {
    node: `${prefix}/node_modules/${node}/bin/node`,
    folder: `${prefix}/node_modules/openclaw`,
  };
  try {
    await Deno.stat(`${installed.folder}/package.json`);
    await Deno.stat(installed.node);
    return installed;
  } catch {
    await Deno.mkdir(prefix, { recursive: true });
  }
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  const packages = [`${node}@${NODE_RELEASE}`, `openclaw@${release}`];
  try {
    const { code } = await new Deno.Command("npm", {
      args: ["install", "--prefix", prefix, ...quiet, ...packages],
      stdin: "null",
    }).output();
    return code === 0 ? installed : code;
  } catch {
    // No npm.
    return 127;
  }
}
