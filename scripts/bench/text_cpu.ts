/**
 * CPU that a text takes, from its POST to the last report of its answer, while one after the other comes; and
 * what the platform alone takes for the like of it.
 *
 * @module
 */
import { parsePhone } from "../../src/policy/phone.ts";
import { encodeForm } from "../../src/twilio/form.ts";
import { createWorld } from "../../tests/e2e/program.ts";
import { benchNumber } from "./burst.ts";
import { startServer } from "./floors.ts";
import { cpuSeconds, sleep } from "./measure.ts";
import { OPEN } from "./signer.ts";
import { benchForm } from "./webhook.ts";

const EVERY_MS = 50;
const TEXTS = 500;
/** The first ones measure the compiler. */
const WARM_UP = 200;
/** So many that each texts as seldom as a person does. */
const PEOPLE = 600;
const ANSWERS_MS = 1_000;

/**
 * Milliseconds of CPU a text, of texts that come at an even pace.
 *
 * @throws {Error} When one was not acknowledged, or not answered.
 */
async function cpuMsOf(
  pid: number,
  text: (number: number) => Promise<{ readonly ok: boolean }>,
  answers: () => number,
): Promise<number> {
  let before = 0;
  const texts: Promise<{ readonly ok: boolean }>[] = [];
  for (let number = 0; number < WARM_UP + TEXTS; number++) {
    if (number === WARM_UP) before = await cpuSeconds(pid);
    texts.push(text(number));
    await sleep(EVERY_MS);
  }
  if ((await Promise.all(texts)).some(({ ok }) => !ok)) throw new Error("a text got no 200");
  await sleep(ANSWERS_MS);
  if (answers() < texts.length) throw new Error("a text got no answer");
  return (await cpuSeconds(pid) - before) / TEXTS * 1_000;
}

async function programCpu(): Promise<number> {
  await using world = await createWorld();
  const { pid } = await world.serve(OPEN);
  const text = (number: number) => {
    const from = parsePhone(benchNumber(number % PEOPLE))!;
    return world.twilio.inbound({ from, text: `what about ${number}?` });
  };
  const isAnswer = ({ direction }: { readonly direction: string }) => direction !== "inbound";
  return await cpuMsOf(pid, text, () => world.twilio.messages.filter(isAnswer).length);
}

/** Answers what the floor asks over a WebSocket, and reports twice on what it posts. */
function startPeer(report: (sid: string, status: string) => Promise<unknown>) {
  let sent = 0;
  const options = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const server = Deno.serve(options, async (request) => {
    if (request.headers.has("upgrade")) {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = () => socket.send(JSON.stringify({ text: "This is the answer." }));
      return response;
    }
    await request.body?.cancel();
    const sid = `SM${(sent++).toString(16).padStart(32, "0")}`;
    report(sid, "sent").then(() => report(sid, "delivered"));
    return Response.json({ sid });
  });
  return { server, sent: () => sent };
}

async function floorCpu(): Promise<number> {
  const post = async (body: string | URLSearchParams) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const url = `http://127.0.0.1:${floor.port}/`;
    const response = await fetch(url, { method: "POST", headers, body });
    await response.body?.cancel();
    return response;
  };
  const { server, sent } = startPeer((MessageSid, MessageStatus) =>
    post(new URLSearchParams({ MessageSid, MessageStatus }))
  );
  await using _ = server;
  await using floor = await startServer("floor_text.ts", `127.0.0.1:${server.addr.port}`);
  const text = (number: number) =>
    post(encodeForm(benchForm(number, benchNumber(number % PEOPLE))));
  return await cpuMsOf(floor.pid, text, sent);
}

/** CPU of a text beside its floor, both in milliseconds. */
export async function textCpu() {
  const [value, floor] = [await programCpu(), await floorCpu()];
  const detail = `${TEXTS} texts, one each ${EVERY_MS} ms`;
  return { value, unit: "ms", floor, floorIs: "the platform's part of it", detail };
}
