/**
 * The service file of this machine: where it belongs, what it says, and what starts it.
 *
 * @module
 */
import { defaultStateDir } from "../../config/sources.ts";
import { LAUNCHD_LABEL, launchdPlist, systemdUnit, UNIT_NAME } from "../../daemon/service_unit.ts";
import type { OptionSpec, Parsed } from "../command.ts";
import { etcOf, isThere, stateDirectory, unitPaths } from "../operations_client.ts";
import { type Context, homeOf } from "../terminal/context.ts";
import { dirname, join, resolve } from "../../system/path.ts";

/** `--system`. */
export const SYSTEM_OPTION: OptionSpec = {
  name: "system",
  kind: "boolean",
  meaning: "a unit of the system, not of this user (needs root to install)",
};
/** `--user NAME`. */
export const USER_OPTION: OptionSpec = {
  name: "user",
  kind: "string",
  value: "NAME",
  meaning: "the user that a system unit runs as (sms-bridge, or who set it up)",
};
/** The user that a system unit runs as where none is named: it is made. */
export const SERVICE_USER = "sms-bridge";

type Steps = readonly (readonly string[])[];

/** A service file with the place where it belongs. */
export interface ServiceFile {
  readonly path: string;
  readonly text: string;
  readonly system: boolean;
  /** The executable that it runs. */
  readonly program: string;
  /** Whom it runs as; undefined for whoever installs it. */
  readonly user: string | undefined;
  /** Variables that the service reads. */
  readonly environmentFile: string | undefined;
  /** Where the configuration of the person is to be copied for the service. */
  readonly configFile: string | undefined;
  /** What makes it known, and what begins it. */
  readonly enable: Steps;
  readonly disable: Steps;
  readonly status: readonly string[];
  readonly start: readonly string[];
  readonly stop: readonly string[];
  readonly restart: readonly string[];
  logs(follow: boolean): readonly string[];
}

/** An entry of the system's list of users. */
export interface SystemUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

function textOf(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}

/** Finds a user of this machine; null when there is none of that name. */
export function systemUser(context: Context, name: string): SystemUser | null {
  for (const line of (textOf(`${etcOf(context)}/passwd`) ?? "").split("\n")) {
    const [found, , uid, gid, , home] = line.split(":");
    if (found === name) return { name, uid: Number(uid), gid: Number(gid), home: home ?? "/" };
  }
  return null;
}

/**
 * The executable that the service is to run: this one, what `deno install` made of this source, or the one
 * that is compiled from it.
 */
function programOf(context: Context): { readonly program: string; readonly searchPath?: string } {
  const deno = Deno.execPath();
  if (!/deno(\.exe)?$/.test(deno)) return { program: deno };
  const root = context.env("DENO_INSTALL_ROOT") ?? `${homeOf(context)}/.deno`;
  const program = `${root}/bin/sms-bridge`;
  if (textOf(program)?.includes(`'${Deno.mainModule}'`)) {
    return { program, searchPath: `${dirname(deno)}:/usr/local/bin:/usr/bin:/bin` };
  }
  return { program: join(dirname(new URL(import.meta.url).pathname), "../../../dist/sms-bridge") };
}

/** The state directory that a person has set up, with its configuration; undefined for none. */
function setUpBy(context: Context, name: string | undefined): string | undefined {
  const user = name === undefined ? null : systemUser(context, name);
  const folder = user === null ? undefined : defaultStateDir(user.home);
  return folder !== undefined && isThere(`${folder}/config.json5`) ? folder : undefined;
}

function launchd(context: Context): ServiceFile {
  const home = homeOf(context);
  const path = `${home}/Library/LaunchAgents/${LAUNCHD_LABEL}.plist`;
  const domain = `gui/${Deno.uid()}`;
  const log = `${home}/Library/Logs/sms-bridge.log`;
  const service = `${domain}/${LAUNCHD_LABEL}`;
  const { program } = programOf(context);
  return {
    path,
    text: launchdPlist(program, log),
    system: false,
    program,
    user: undefined,
    environmentFile: undefined,
    configFile: undefined,
    enable: [["launchctl", "bootstrap", domain, path]],
    disable: [["launchctl", "bootout", service]],
    status: ["launchctl", "print", service],
    start: ["launchctl", "kickstart", service],
    stop: ["launchctl", "kill", "SIGTERM", service],
    restart: ["launchctl", "kickstart", "-k", service],
    logs: (follow) => ["tail", "-n", "100", ...follow ? ["-f"] : [], log],
  };
}

/** The service file as it would be written today. */
export function serviceFile(context: Context, parsed: Parsed, system: boolean): ServiceFile {
  if (Deno.build.os === "darwin") return launchd(context);
  const { program, searchPath } = programOf(context);
  const person = context.env("SUDO_USER") || undefined;
  const user = parsed.text("user") ??
    (setUpBy(context, person) === undefined ? undefined : person) ??
    SERVICE_USER;
  const etc = `${etcOf(context)}/sms-bridge`;
  const stateDir = system ? setUpBy(context, user) : resolve(stateDirectory(context, parsed));
  const own = parsed.text("config") ?? context.env("SMS_BRIDGE_CONFIG") ??
    `${stateDirectory(context, parsed)}/config.json5`;
  const configFile = system && stateDir === undefined && isThere(own)
    ? `${etc}/config.json5`
    : undefined;
  const usual = stateDir === defaultStateDir(homeOf(context));
  const ctl = system ? ["systemctl"] : ["systemctl", "--user"];
  const journal = system ? ["journalctl"] : ["journalctl", "--user"];
  const environmentFile = system ? `${etc}/env` : `${stateDir}/env`;
  return {
    path: unitPaths(context)[system ? "system" : "user"],
    text: systemdUnit({
      program,
      searchPath,
      scope: system ? "system" : "user",
      user,
      ...(system ? { stateDir, configFile } : {}),
      environmentFile: !system && usual
        ? "%h/.openclaw/sms-bridge/env"
        : environmentFile.replaceAll("%", "%%"),
    }),
    system,
    program,
    user: system ? user : undefined,
    environmentFile,
    configFile,
    enable: [[...ctl, "daemon-reload"], [...ctl, "enable", "--now", UNIT_NAME]],
    disable: [[...ctl, "disable", "--now", UNIT_NAME]],
    status: [...ctl, "--no-pager", "status", UNIT_NAME],
    start: [...ctl, "start", UNIT_NAME],
    stop: [...ctl, "stop", UNIT_NAME],
    restart: [...ctl, "restart", UNIT_NAME],
    logs: (follow) => [
      ...journal,
      "--no-pager",
      "-n",
      "100",
      ...follow ? ["-f"] : [],
      "-u",
      UNIT_NAME,
    ],
  };
}

/** Whether the unit that is installed is the system's: where both could be meant, this user's counts. */
export function isSystemUnit(context: Context, parsed: Parsed): boolean {
  const paths = unitPaths(context);
  return parsed.flag("system") || (!isThere(paths.user) && isThere(paths.system));
}
