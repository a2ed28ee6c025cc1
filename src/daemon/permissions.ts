/**
 * What the running service may do: exactly what its settings name, and nothing else of this machine.
 *
 * @module
 */
import type { Settings } from "../config/settings.ts";
import { addressText } from "../server/listen.ts";
import { dirname } from "../system/path.ts";

/** The permissions of a worker, as Deno takes them (https://docs.deno.com/runtime/fundamentals/workers). */
export interface DaemonPermissions {
  readonly net: readonly string[];
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly env: false;
  readonly ffi: false;
  readonly import: false;
  readonly run: false;
  readonly sys: false;
}

/** Where Twilio's API is, and the storage that its media addresses lead to. */
const TWILIO_HOSTS = ["*.twilio.com:443", "*.twiliocdn.com:443", "*.amazonaws.com:443"];
/** The Gateway of this machine at whatever port, and tests. */
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/** A URL's host with its port, also where the scheme has it as a default. */
function hostOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  const secure = protocol === "https:" || protocol === "wss:";
  return `${hostname}:${port === "" ? (secure ? 443 : 80) : port}`;
}

/** Unix sockets that the service listens on. */
function sockets({ bridge }: Settings): string[] {
  const { adminListen, stateDir } = bridge;
  const admin = adminListen !== null && "path" in adminListen ? [adminListen.path] : [];
  return [controlSocketPath(stateDir), ...admin];
}

/**
 * Computes what a service with these settings needs.
 *
 * @param namesSockets Whether this Deno asks for the names of Unix sockets; before 2.5 it does not know
 * such names, and the permission for the file is enough.
 */
export function permissionsFor(settings: Settings, namesSockets: boolean): DaemonPermissions {
  const { accounts, bridge, gateway } = settings;
  const { adminListen, listen, stateDir, twilioApiUrl } = bridge;
  const urls = [
    gateway.url,
    ...accounts.flatMap(({ publicWebhookUrl }) => publicWebhookUrl ?? []),
    ...(twilioApiUrl === undefined ? [] : [twilioApiUrl]),
    ...(bridge.store === undefined ? [] : [bridge.store]),
  ];
  const files = [stateDir, ...sockets(settings)];
  return {
    net: [
      ...new Set([
        ...LOOPBACK,
        ...TWILIO_HOSTS,
        ...urls.map(hostOf),
        addressText(listen),
        ...(adminListen === null || "path" in adminListen ? [] : [addressText(adminListen)]),
        ...(namesSockets ? sockets(settings).map((path) => `unix:${path}`) : []),
      ]),
    ],
    read: [...new Set([...files, ...bridge.mediaRoots, ...files.slice(1).map(dirname)])],
    write: [...new Set(files)],
    env: false,
    ffi: false,
    import: false,
    run: false,
    sys: false,
  };
}

/** What changed settings would need beyond what was given at the start, in words; empty for nothing. */
export function missingPermissions(
  given: DaemonPermissions,
  wanted: DaemonPermissions,
): readonly string[] {
  const beyond = (kind: "net" | "read" | "write") =>
    wanted[kind].some((one) => !given[kind].includes(one));
  return [
    ...(beyond("net") ? ["hosts"] : []),
    ...(beyond("read") || beyond("write") ? ["folders"] : []),
  ];
}

/** Where the daemon with this state directory listens for commands. */
export function controlSocketPath(stateDir: string): string {
  return `${stateDir}/control.sock`;
}
