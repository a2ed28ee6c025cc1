/**
 * What the agent says without being asked, with a real Gateway and a fake model: sub-agents, jobs, other
 * sessions, other clients.
 */
import { assertEquals, assertMatch } from "@std/assert";
import type { Link } from "../../src/gateway/link.ts";
import { isAnnouncement, readRows, type TranscriptRow } from "../../src/gateway/transcript.ts";
import { createWorld, until } from "../e2e/program.ts";
import { connect } from "./gateway_contract.ts";
import { layWire } from "./breakable_wire.ts";
import { available, freePort, killGateway, startGateway, startModel } from "./real_gateway.ts";

const ANN = "+12025550101";
const SESSION = `agent:main:sms:direct:${ANN}`;
const CONFIG = { tools: { sessions: { visibility: "all" }, agentToAgent: { enabled: true } } };
/** So long the Gateway takes for a run at the most, on a busy machine. */
const RUN_MS = 300_000;

/** A directive of the fake model within the JSON of another. */
function nested(text: string): string {
  return `[[say:${text}\\u005d\\u005d`;
}

function toolCall(id: string, args: string): string {
  return `[[tool:tool_call {"id":"${id}","args":${args}}]]`;
}

/** Asks the Gateway again and again until `holds` of its answer. */
async function untilHistory(
  link: Link,
  limit: number,
  holds: (rows: readonly TranscriptRow[]) => boolean,
): Promise<void> {
  const untilMs = Date.now() + RUN_MS;
  for (;;) {
    const answer = await link.request("chat.history", { sessionKey: SESSION, limit });
    if (answer.kind === "ok" && holds(readRows(answer.payload))) return;
    if (Date.now() > untilMs) throw new Error("the transcript does not come to hold it");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function runJob(admin: Link, job: Record<string, unknown>): Promise<void> {
  const at = new Date(Date.now() + 3_600_000).toISOString();
  const added = await admin.request("cron.add", {
    schedule: { kind: "at", at },
    wakeMode: "now",
    ...job,
  });
  if (added.kind !== "ok") throw new Error(JSON.stringify(added));
  await admin.request("cron.run", { id: added.payload.id, mode: "force" });
}

Deno.test({
  name: "what a real Gateway's agent says unasked is texted once, also when the socket drops",
  ignore: !available,
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(t) {
    const runDir = await Deno.makeTempDir({ prefix: "sms-bridge-gateway-" });
    const model = await startModel();
    const port = freePort();
    const gateway = await startGateway(runDir, model.url, port, CONFIG);
    // What follows a step that failed would wait for what never comes.
    const step = async (name: string, fn: () => Promise<void>) => {
      if (!await t.step(name, fn)) throw new Error(`"${name}" failed`);
    };
    const wire = layWire(port);
    const admin = connect(gateway, gateway.token, ["operator.admin"]);
    await admin.ready();
    try {
      // The fake model echoes what some releases tell it of the sub-agent.
      let announced = "";
      await using world = await createWorld();
      const { twilio } = world;
      const bodies = () =>
        twilio.messages.filter(({ direction }) => direction !== "inbound").map(({ body }) => body);
      const texted = (wanted: string) =>
        twilio.nextMessage(({ body }) => body.includes(wanted), RUN_MS);
      const program = await world.serve({
        SMS_BRIDGE_GATEWAY_URL: `ws://127.0.0.1:${wire.port}`,
        SMS_BRIDGE_GATEWAY_TOKEN: gateway.token,
        SMS_BRIDGE_MESSAGES_PER_SECOND: "20",
        SMS_ALLOWED_USERS: ANN,
      });
      await step("an answer to a text comes first, which makes the session", async () => {
        await twilio.inbound({ from: ANN, text: "[[say:the first]]" });
        await texted("the first");
      });
      await step("another session's message", async () => {
        const args = `{"sessionKey":"${SESSION}","message":"${nested("hello from afar")}"}`;
        await admin.request("chat.send", {
          sessionKey: "agent:main:other",
          message: toolCall("sessions_send", args),
          idempotencyKey: crypto.randomUUID(),
        });
        await texted("hello from afar");
      });
      await step("a job in the session", async () => {
        await runJob(admin, {
          name: "in the session",
          sessionTarget: `session:${SESSION}`,
          payload: { kind: "agentTurn", message: "[[say:the job is done]]" },
          delivery: { mode: "none" },
        });
        await texted("the job is done");
      });
      await step("a job of its own that announces to sms", async () => {
        await runJob(admin, {
          name: "announcing",
          sessionTarget: "isolated",
          payload: { kind: "agentTurn", message: "[[say:good morning]]" },
          delivery: { mode: "announce", channel: "sms", to: ANN },
        });
        await texted("good morning");
      });
      await step("but not what another client typed", async () => {
        await admin.request("chat.send", {
          sessionKey: SESSION,
          message: "[[say:to the other client]]",
          idempotencyKey: crypto.randomUUID(),
        });
        await untilHistory(
          admin,
          2,
          (rows) =>
            rows.some(({ role, text }) => role === "assistant" && text === "to the other client"),
        );
      });
      await step("a sub-agent's result, while the socket is down", async () => {
        const spawn = toolCall("sessions_spawn", `{"task":"${nested("sub-agent found it")}"}`);
        await twilio.inbound({ from: ANN, text: spawn });
        await texted("tool said:");
        wire.cut();
        await program.event("gateway.lost");
        await untilHistory(admin, 10, (rows) => {
          announced = rows.find(isAnnouncement)?.text ?? "";
          return announced !== "";
        });
        assertMatch(announced, /sub-agent found it|sourceTool=subagent_announce/);
        wire.mend();
        await texted(announced.slice(0, 18));
      });
      // Whatever was to come twice would come before the seventh: "tool said" is one of them.
      await twilio.inbound({ from: ANN, text: "and goodbye" });
      const untilMs = Date.now() + RUN_MS;
      await until(() => bodies().length >= 7 || Date.now() > untilMs);
      const unasked = bodies().slice(0, -1).filter((body) => !body.startsWith("tool said:"));
      assertEquals(unasked.map((body) => body.slice(0, 18)), [
        "the first",
        "hello from afar",
        "the job is done",
        "good morning",
        announced.slice(0, 18),
      ]);
      assertEquals((await program.end("SIGTERM")).code, 0);
    } finally {
      await admin.close();
      wire.close();
      await killGateway(gateway);
      await model.stop();
      await Deno.remove(runDir, { recursive: true });
    }
  },
});
