/**
 * A floor: what one text takes of the platform alone. It is written down, a WebSocket is asked, the answer is
 * written down and posted, what became of it is noted twice; nothing is decided, and no signature compared.
 * The folder of its store and the address it asks and posts to are the arguments; it prints its port.
 *
 * @module
 */
import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

const [folder, peer] = Deno.args;
const kv = await Deno.openKv(`${folder}/floor.kv`);
const hmac = { name: "HMAC", hash: "SHA-1" };
const key = await crypto.subtle.importKey("raw", new TextEncoder().encode("token"), hmac, false, [
  "sign",
]);
const asked: ((answer: string) => void)[] = [];
const socket = new WebSocket(`ws://${peer}`);
socket.onmessage = ({ data }) => asked.shift()?.(JSON.parse(data).text);
await new Promise((resolve) => socket.onopen = resolve);
let last = 0;

async function answer(id: number, message: string): Promise<void> {
  const reply = await new Promise<string>((resolve) => {
    asked.push(resolve);
    socket.send(JSON.stringify({ id, method: "agent", params: { message } }));
  });
  await kv.atomic().delete(["inbox", id]).set(["outbox", id], { id, reply }).commit();
  const body = new URLSearchParams({ To: "+12025550100", From: "+12025550101", Body: reply });
  const { sid } = await (await fetch(`http://${peer}`, { method: "POST", body })).json();
  await kv.atomic().delete(["outbox", id]).set(["delivery", sid], { id }).commit();
}

async function read(request: IncomingMessage): Promise<URLSearchParams> {
  const form = new URLSearchParams(await text(request));
  const signed = new TextEncoder().encode([...form].toSorted().join());
  await crypto.subtle.sign(hmac, key, signed);
  return form;
}

const server = createServer(async (request, response) => {
  const form = await read(request);
  const sid = form.get("MessageSid")!;
  const body = form.get("Body");
  if (body === null) {
    await kv.set(["delivery", sid], form.get("MessageStatus"));
    response.end();
    return;
  }
  const id = ++last;
  const row = Object.fromEntries(form);
  await kv.atomic().set(["seen", sid], id).set(["inbox", id], row).set(["history", id], id)
    .commit();
  response.end("<Response/>");
  await answer(id, body);
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address() as { readonly port: number };
  Deno.stdout.writeSync(new TextEncoder().encode(`${address.port}\n`));
});
