/**
 * Scheduled jobs of the Gateway that announce to sms: the Gateway itself cannot deliver there, but tells
 * what it would have sent, and to whom.
 *
 * @module
 */
import type { GatewayEvent } from "../gateway/connection.ts";
import { asObject, asString } from "../gateway/frames.ts";
import type { Link } from "../gateway/link.ts";
import { parsePhone } from "../policy/phone.ts";
import { Failure } from "../system/failure.ts";
import { maskNumber } from "../system/redact.ts";
import { accountOf, type BridgeContext } from "./context.ts";
import { isKnown } from "./known.ts";
import type { SendReceipt, SendRequest } from "./send.ts";

/** What the delivery works with. */
export interface CronParts {
  readonly context: BridgeContext;
  readonly link: Pick<Link, "onEvent">;
  readonly send: (request: SendRequest) => Promise<SendReceipt | Failure>;
}

/** What a job that has ended wants texted; null when it wants nothing by SMS. */
function announcement({ event, payload }: GatewayEvent) {
  const intended = asObject(asObject(payload.delivery).intended);
  const text = asString(payload.summary)?.trim() ?? "";
  const wanted = event === "cron" && payload.action === "finished" && payload.status === "ok" &&
    payload.delivered !== true && intended.channel === "sms" && text !== "";
  if (!wanted) return null;
  return {
    to: asString(intended.to) ?? "",
    account: asString(intended.accountId),
    run: `${asString(payload.runId) ?? ""} ${asString(payload.jobId) ?? ""} ${
      payload.runAtMs ?? ""
    }`,
    text,
  };
}

async function deliver(
  { context, send }: CronParts,
  announced: NonNullable<ReturnType<typeof announcement>>,
): Promise<void> {
  const { log, settings } = context;
  const account = accountOf(context, announced.account ?? settings().defaultAccount);
  const to = parsePhone(announced.to);
  if (account === undefined || to === null) {
    return log.warn("cron.not-texted", { hint: "the job's delivery.to must be a number in E.164" });
  }
  if (!await isKnown(context, account, to)) {
    const hint = "let the number in first: `sms-bridge pair allow <NUMBER>`";
    return log.warn("cron.not-texted", { to: maskNumber(to), hint });
  }
  const receipt = await send({
    to,
    text: announced.text,
    account: account.id,
    idempotencyKey: `cron ${announced.run}`.slice(0, 200),
  });
  if (receipt instanceof Failure) {
    log.warn("cron.not-texted", { to: maskNumber(to), reason: receipt.code });
  } else log.info("cron.texted", { to: maskNumber(to), repeated: receipt.repeated });
}

/** Texts what jobs announce, once for each run; the function returned ends that. */
export function startCronDelivery(parts: CronParts): () => void {
  return parts.link.onEvent((event) => {
    const announced = announcement(event);
    if (announced === null || !parts.context.settings().bridge.cronDelivery) return;
    deliver(parts, announced).catch((error) =>
      parts.context.log.error("cron.failed", { error: String(error) })
    );
  });
}
