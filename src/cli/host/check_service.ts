/**
 * What doctor says of the service: is it installed, could it start, is it what would be written today.
 *
 * @module
 */
import { type Check, checkOf } from "../../checks/check.ts";
import type { Parsed } from "../command.ts";
import { isThere, unitPaths } from "../operations_client.ts";
import type { Context } from "../terminal/context.ts";
import { isSystemUnit, serviceFile } from "./service_file.ts";

/** Whether the bridge comes back after a restart of the machine. */
export async function checkService(context: Context, parsed: Parsed): Promise<Check> {
  const check = checkOf("service", "Service");
  if (Deno.build.os !== "linux") return check.skipped("only systemd's units are looked at");
  const { user, system } = unitPaths(context);
  for (const path of [user, system]) {
    const unit = await Deno.readTextFile(path).catch(() => null);
    if (unit === null) continue;
    const anew = path === system
      ? "sudo sms-bridge service install --system"
      : "sms-bridge service install";
    const program = unit.match(/^ExecStart=[-@:+!]*("?)([^"\s]+)\1/m)?.[2] ?? "";
    if (program.startsWith("/") && !isThere(program)) {
      const detail = `${path} starts ${program}, which is not there`;
      return check.problem(detail, "write the unit anew", anew);
    }
    const today = serviceFile(context, parsed, isSystemUnit(context, parsed)).text;
    const rest = (text: string) => text.replace(/^(ExecStart|User)=.*$/gm, "");
    return rest(unit) === rest(today) ? check.ok(path) : check.warning(
      `${path} differs from what would be written today`,
      "write the unit anew, unless you have changed it yourself",
      anew,
    );
  }
  return check.warning(
    "there is no systemd unit: the bridge does not start with the machine",
    "install it as a service",
    "sms-bridge service install",
  );
}
