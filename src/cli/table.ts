/**
 * All commands.
 *
 * @module
 */
import { backupCommand } from "./backup_command.ts";
import { capabilitiesCommand } from "./capabilities_command.ts";
import { adminUrlCommand } from "./admin_command.ts";
import type { Command } from "./command.ts";
import { completionsCommand } from "./completions_command.ts";
import { CONFIG_COMMANDS } from "./config_commands.ts";
import { configAdoptCommand, configPatchCommand } from "./config_patch_command.ts";
import { demoCommand } from "./demo_command.ts";
import { doctorCommand } from "./doctor_command.ts";
import { messagesCommand } from "./messages_command.ts";
import { PAIR_COMMANDS } from "./pair_commands.ts";
import { pluginsInstallCommand } from "./plugins_command.ts";
import { QUEUE_COMMANDS } from "./queue_commands.ts";
import { QUEUE_TRANSFER_COMMANDS } from "./queue_transfer_commands.ts";
import { messageSendCommand, sendCommand } from "./send_commands.ts";
import { serveCommand } from "./serve_command.ts";
import { FUNNEL_COMMANDS, SERVICE_COMMANDS } from "./service_commands.ts";
import { setupCommand } from "./setup_command.ts";
import { statusCommand } from "./status_command.ts";
import { textPreviewCommand } from "./text_command.ts";
import { versionCommand } from "./version_command.ts";
import { webhookSimulateCommand } from "./webhook_simulate_command.ts";
import { webhookVerifyCommand } from "./webhook_verify_command.ts";

/** Every command of the program, in the order in which help lists them. */
export const COMMANDS: readonly Command[] = [
  demoCommand(() => COMMANDS),
  serveCommand,
  ...PAIR_COMMANDS,
  sendCommand,
  messageSendCommand,
  messagesCommand,
  ...QUEUE_COMMANDS,
  ...QUEUE_TRANSFER_COMMANDS,
  backupCommand,
  statusCommand,
  adminUrlCommand,
  capabilitiesCommand,
  doctorCommand,
  webhookVerifyCommand,
  webhookSimulateCommand,
  textPreviewCommand,
  setupCommand,
  ...CONFIG_COMMANDS,
  configPatchCommand,
  configAdoptCommand,
  ...SERVICE_COMMANDS,
  ...FUNNEL_COMMANDS,
  pluginsInstallCommand,
  versionCommand,
  completionsCommand(() => COMMANDS),
];
