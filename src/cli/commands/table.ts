/**
 * All commands.
 *
 * @module
 */
import { AS_OPENCLAW_COMMANDS } from "./as_openclaw.ts";
import { storeMoveCommand } from "../host/store_move.ts";
import { backupCommand } from "./backup.ts";
import { capabilitiesCommand } from "./capabilities.ts";
import { adminUrlCommand } from "./admin.ts";
import type { Command } from "../command.ts";
import { completionsCommand } from "./completions.ts";
import { CONFIG_COMMANDS } from "./config.ts";
import { configPatchCommand } from "./config_patch.ts";
import { handoverCommands } from "../host/handover.ts";
import { demoCommand } from "./demo.ts";
import { doctorCommand } from "./doctor.ts";
import { messagesCommand } from "./messages.ts";
import { PAIR_COMMANDS } from "../people/pair.ts";
import { PEOPLE_COMMANDS } from "../people/people.ts";
import { STANDING_COMMANDS } from "../people/standing.ts";
import { QUEUE_COMMANDS } from "./queue.ts";
import { QUEUE_TRANSFER_COMMANDS } from "./queue_transfer.ts";
import { messageSendCommand, sendCommand } from "./send.ts";
import { routeCommand } from "./route.ts";
import { serveCommand } from "./serve.ts";
import { FUNNEL_COMMANDS } from "../host/funnel.ts";
import { WEBHOOK_COMMANDS } from "../host/webhook.ts";
import { SERVICE_COMMANDS } from "../host/service.ts";
import { upgradeCommand } from "../host/upgrade.ts";
import { setupCommand } from "../setup/command.ts";
import { spendCommand } from "./spend.ts";
import { statusCommand } from "./status.ts";
import { textPreviewCommand } from "./text.ts";
import { versionCommand } from "./version.ts";
import { webhookSimulateCommand } from "./webhook_simulate.ts";
import { webhookVerifyCommand } from "./webhook_verify.ts";

/** Every command of the program, in the order in which help lists them. */
export const COMMANDS: readonly Command[] = [
  demoCommand(() => COMMANDS),
  serveCommand,
  ...PAIR_COMMANDS,
  ...PEOPLE_COMMANDS,
  ...STANDING_COMMANDS,
  sendCommand,
  messageSendCommand,
  messagesCommand,
  ...QUEUE_COMMANDS,
  ...QUEUE_TRANSFER_COMMANDS,
  backupCommand,
  storeMoveCommand,
  statusCommand,
  spendCommand,
  adminUrlCommand,
  capabilitiesCommand,
  routeCommand,
  doctorCommand,
  webhookVerifyCommand,
  webhookSimulateCommand,
  textPreviewCommand,
  setupCommand,
  ...WEBHOOK_COMMANDS,
  ...CONFIG_COMMANDS,
  configPatchCommand,
  ...handoverCommands(doctorCommand),
  ...SERVICE_COMMANDS,
  ...FUNNEL_COMMANDS,
  ...AS_OPENCLAW_COMMANDS,
  upgradeCommand(() => Deno.execPath()),
  versionCommand,
  completionsCommand(() => COMMANDS),
];
