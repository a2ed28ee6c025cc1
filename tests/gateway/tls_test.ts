import { assertEquals, assertMatch } from "@std/assert";
import { openGatewaySocket } from "../../src/gateway/web_socket.ts";
import { createFolder } from "../config/folder.ts";

const read = (name: string) => Deno.readTextFileSync(new URL(`./tls/${name}`, import.meta.url));
const CA = read("ca.pem");

/** A server with a certificate: `gateway` is signed by a private CA, `pinned` by itself. */
function serve(name: "gateway" | "pinned" = "gateway") {
  const tls = { cert: read(`${name}.pem`), key: read(`${name}.key`) };
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {}, ...tls }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => socket.send("hello");
    return response;
  });
}

/** What comes first over a socket: a message, or its end. */
function first(url: string, caCerts?: readonly string[]): Promise<unknown> {
  const socket = openGatewaySocket(url, caCerts);
  return new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      socket.close();
      resolve(data);
    };
    socket.onclose = ({ code }) => resolve(code);
  });
}

Deno.test("openGatewaySocket() trusts a private CA that it is given, and no certificate without it", async () => {
  const server = serve();
  const url = `wss://127.0.0.1:${server.addr.port}/`;
  assertEquals(await first(url, [CA]), "hello");
  assertEquals(await first(url), 1015);
  await server.shutdown();
});

Deno.test("openGatewaySocket() trusts a certificate that is given as its own CA, and no other of the kind", async () => {
  const pinned = read("pinned.pem");
  for (const [name, answer] of [["pinned", "hello"], ["gateway", 1015]] as const) {
    const server = serve(name);
    const url = `wss://127.0.0.1:${server.addr.port}/`;
    assertEquals(await first(url, [pinned]), answer);
    await server.shutdown();
  }
});

Deno.test("loadSettings() reads the certificate of gateway.tls.caPath, and warns of what is none", async () => {
  const env = {
    TWILIO_ACCOUNT_SID: `AC${"1".repeat(32)}`,
    TWILIO_AUTH_TOKEN: "token",
    TWILIO_PHONE_NUMBER: "+12025550123",
    SMS_PUBLIC_WEBHOOK_URL: "https://sms.example.com/webhooks/sms",
    SMS_BRIDGE_GATEWAY_TOKEN: "token",
  };
  await using folder = await createFolder({
    own: '{ gateway: { url: "wss://gateway.example", tls: { caPath: "~/ca.pem" } } }',
    files: { "ca.pem": CA, "empty.pem": "" },
    env,
  });
  assertEquals((await folder.load()).settings?.gateway.caCerts, [CA]);
  for (const name of ["empty.pem", "gone.pem"]) {
    const loaded = await folder.load({ ...env, SMS_BRIDGE_GATEWAY_CA: `~/${name}` });
    assertEquals(loaded.settings?.gateway.caCerts, []);
    assertMatch(loaded.settings!.warnings.join(), /caPath names .* no certificate/);
  }
});
