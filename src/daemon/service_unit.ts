/**
 * Service files: a systemd unit, or a launchd property list on macOS.
 *
 * @module
 */
import { WEBHOOK_CONNECTIONS_MAX } from "../system/limits.ts";

/** What a service file is made from. */
export interface UnitOptions {
  /** The absolute path of the executable. */
  readonly program: string;
  /** Where programs are found, where the executable needs one: Deno, for what `deno install` made. */
  readonly searchPath?: string | undefined;
  /** A system unit with a user of its own, or one of the user who installs it. */
  readonly scope: "user" | "system";
  /** The user of a system unit. */
  readonly user: string;
  /** Where a system unit's configuration is, where that is not in its state directory. */
  readonly configFile?: string | undefined;
  /** The state directory of a person, where a system unit is to go on with it. */
  readonly stateDir?: string | undefined;
  /** A file with variables, read when it is there; with systemd's specifiers. */
  readonly environmentFile: string;
}

/** The unit's name. */
export const UNIT_NAME = "sms-bridge.service";
/** Files and connections that a service may have open: all that its listener takes, twice. */
const DESCRIPTORS = 2 * WEBHOOK_CONNECTIONS_MAX;
/** The launchd label. */
export const LAUNCHD_LABEL = "ai.openclaw.sms-bridge";

/**
 * What takes mounts or capabilities away. A user's service manager may do neither where the kernel does
 * not let it make namespaces, and then the service would not start.
 */
const SYSTEM_HARDENING: readonly string[] = [
  "CapabilityBoundingSet=",
  "PrivateDevices=yes",
  "PrivateTmp=yes",
  "ProtectClock=yes",
  "ProtectControlGroups=yes",
  "ProtectHome=read-only",
  "ProtectHostname=yes",
  "ProtectKernelLogs=yes",
  "ProtectKernelModules=yes",
  "ProtectKernelTunables=yes",
  "ProtectSystem=strict",
];

/** A word as systemd reads it back: one, without specifiers. */
function word(text: string): string {
  const plain = text.replaceAll("%", "%%");
  return /[\s"'\\]/.test(plain) ? `"${plain.replace(/[\\"]/g, "\\$&")}"` : plain;
}

function serviceLines(options: UnitOptions): string[] {
  const { program, searchPath, scope, user, environmentFile, configFile, stateDir } = options;
  const system = scope === "system";
  return [
    "Type=notify",
    `ExecStart=${word(program)} serve --log-format journal`,
    ...(searchPath === undefined ? [] : [`Environment=${word(`PATH=${searchPath}`)}`]),
    `EnvironmentFile=-${environmentFile}`,
    '# Secrets can come by credential: { source: "file", provider: "systemd", id: "twilio-auth-token" }',
    "#LoadCredential=twilio-auth-token:/etc/sms-bridge/twilio-auth-token",
    "Restart=on-failure",
    "RestartSec=2",
    "TimeoutStopSec=20",
    "WatchdogSec=60",
    "UMask=0077",
    `LimitNOFILE=${DESCRIPTORS}`,
    ...(system
      ? [
        `User=${user}`,
        ...(stateDir === undefined
          ? [
            "StateDirectory=sms-bridge",
            "StateDirectoryMode=0700",
            "Environment=SMS_BRIDGE_STATE_DIR=%S/sms-bridge",
          ]
          : [
            `Environment=${word(`SMS_BRIDGE_STATE_DIR=${stateDir}`)}`,
            `ReadWritePaths=${word(stateDir)}`,
          ]),
        ...(configFile === undefined ? [] : [`Environment=SMS_BRIDGE_CONFIG=${configFile}`]),
        "RuntimeDirectory=sms-bridge",
      ]
      : ["RuntimeDirectory=sms-bridge"]),
    "# Hardening. MemoryDenyWriteExecute is left out: V8 compiles at run time.",
    "NoNewPrivileges=yes",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "SystemCallArchitectures=native",
    ...(system ? SYSTEM_HARDENING : []),
  ];
}

/** A systemd unit. */
export function systemdUnit(options: UnitOptions): string {
  return [
    "[Unit]",
    "Description=sms-bridge: text your AI agent",
    "Documentation=https://docs.openclaw.ai/channels/sms",
    // A user's manager knows no such target.
    ...(options.scope === "system"
      ? ["Wants=network-online.target", "After=network-online.target"]
      : []),
    "",
    "[Service]",
    ...serviceLines(options),
    "",
    "[Install]",
    `WantedBy=${options.scope === "system" ? "multi-user.target" : "default.target"}`,
    "",
  ].join("\n");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A launchd property list. */
export function launchdPlist(program: string, logFile: string): string {
  const strings = [program, "serve", "--log-format", "json"].map((text) =>
    `    <string>${escapeXml(text)}</string>`
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    '<plist version="1.0">',
    "<dict>",
    "  <key>Label</key>",
    `  <string>${LAUNCHD_LABEL}</string>`,
    "  <key>ProgramArguments</key>",
    "  <array>",
    ...strings,
    "  </array>",
    "  <key>RunAtLoad</key><true/>",
    "  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>",
    "  <key>Umask</key><integer>63</integer>",
    "  <key>SoftResourceLimits</key>",
    `  <dict><key>NumberOfFiles</key><integer>${DESCRIPTORS}</integer></dict>`,
    "  <key>StandardErrorPath</key>",
    `  <string>${escapeXml(logFile)}</string>`,
    "</dict>",
    "</plist>",
    "",
  ].join("\n");
}
