import { assertEquals, assertStringIncludes } from "@std/assert";
import { createWorld, until, type World } from "./program.ts";

const ANN = "+12025550101";
const FRITZ = "+4915112345678";
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);

/** A world whose agent answers with the files named in the text, one each word. */
async function filesWorld(): Promise<World & { readonly workspace: string }> {
  const workspace = await Deno.makeTempDir({ prefix: "sms-bridge-workspace-" });
  await Deno.writeFile(`${workspace}/pic.png`, PNG);
  await Deno.writeTextFile(`${workspace}/notes.txt`, "notes");
  await Deno.writeFile(`${workspace}/huge.png`, new Uint8Array([...PNG, ...new Uint8Array(6e6)]));
  const world = await createWorld({
    respond: (message) => ({
      text: "Here it is",
      mediaUrls: message.split(" "),
      delayMs: 0,
      failure: null,
    }),
  });
  world.env.SMS_BRIDGE_MEDIA_ROOTS = workspace;
  await world.run("pair", "allow", ANN);
  await world.run("pair", "allow", FRITZ);
  return {
    ...world,
    workspace,
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await Deno.remove(workspace, { recursive: true });
    },
  };
}

Deno.test("a picture of the workspace goes out as MMS, and Twilio fetches it over the public path", async () => {
  await using world = await filesWorld();
  const { twilio, workspace } = world;
  const program = await world.serve();
  await twilio.inbound({ from: ANN, text: `./pic.png ${workspace}/pic.png` });
  const message = await twilio.nextMessage();
  assertEquals(message.body, "Here it is");
  assertEquals(message.mediaUrls.length, 2);
  assertEquals(message.media.map(({ contentType, bytes }) => [contentType, bytes]), [
    ["image/png", PNG],
    ["image/png", PNG],
  ]);
  const [url] = message.mediaUrls;
  assertStringIncludes(url!, "https://sms.example.com/webhooks/sms/media/");
  const { pathname } = new URL(url!);
  const local = `http://127.0.0.1:${program.port}`;
  const status = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${local}${path}`, init);
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await status(pathname, { method: "HEAD" }), 200);
  assertEquals(await status(pathname, { method: "DELETE" }), 405);
  assertEquals(await status(`${pathname.slice(0, -1)}x`), 404);
  assertEquals(await status(pathname.replace(/[0-9a-f]{32}$/, "0".repeat(32))), 404);
  assertEquals(await status(pathname.replace("/webhooks/sms", "/webhooks/other")), 404);
});

Deno.test("what cannot be sent is named, and no text depends on a file of somebody else", async () => {
  await using world = await filesWorld();
  const { twilio, workspace } = world;
  await Deno.writeTextFile(`${workspace}/../outside-${ANN}.png`, "secret");
  await world.serve();
  await twilio.inbound({ from: ANN, text: `gone.png notes.txt huge.png ../outside-${ANN}.png` });
  const named = await twilio.nextMessage();
  assertEquals([named.mediaUrls, named.media], [[], []]);
  assertEquals(named.body.split("\n\n"), [
    "Here it is",
    "(A file could not be sent: gone.png, there is no such file)",
    "(A file could not be sent: notes.txt, phones cannot show such files)",
    "(A file could not be sent: huge.png, it is too large: 6 MB, at most 5 MB can be sent)",
    `(A file could not be sent: outside-${ANN}.png, it is not in the agent's workspace)`,
  ]);
  await Deno.remove(`${workspace}/../outside-${ANN}.png`);
  await twilio.inbound({ from: ANN, text: "https://example.com/a.png" });
  const text = await twilio.nextMessage();
  assertEquals([text.body, text.mediaUrls], ["Here it is", []]);
  const picture = await twilio.nextMessage();
  assertEquals([picture.body, picture.mediaUrls], ["", ["https://example.com/a.png"]]);
});

Deno.test("where MMS does not go, files are links or sentences", async () => {
  await using world = await filesWorld();
  await world.serve();
  await world.twilio.inbound({ from: FRITZ, text: "pic.png https://example.com/a.png" });
  const message = await world.twilio.nextMessage();
  assertEquals(message.mediaUrls, []);
  assertStringIncludes(message.body, "pic.png, pictures cannot be sent to this number");
  assertStringIncludes(message.body, "https://example.com/a.png");
});

Deno.test("files come from the folders of mediaRoots where these are set, and from none where they are empty", async () => {
  await using world = await filesWorld();
  const { twilio, workspace } = world;
  await Deno.mkdir(`${workspace}/public`);
  await Deno.writeFile(`${workspace}/public/open.png`, PNG);
  const first = await world.serve({ SMS_BRIDGE_MEDIA_ROOTS: `${workspace}/public` });
  await twilio.inbound({ from: ANN, text: `open.png ${workspace}/pic.png` });
  const message = await twilio.nextMessage();
  assertEquals(message.media.length, 1);
  assertStringIncludes(message.body, "pic.png, it is not in the agent's workspace");
  await first.end("SIGTERM");
  delete world.env.SMS_BRIDGE_MEDIA_ROOTS;
  await world.run("config", "set", "bridge.mediaRoots", "[]");
  await world.serve();
  await twilio.inbound({ from: ANN, text: "public/open.png" });
  assertStringIncludes((await twilio.nextMessage()).body, "not in the agent's workspace");
});

Deno.test("a file waits with its message, also through a crash, and is named when it is gone by then", async () => {
  await using world = await filesWorld();
  const { twilio, stateDir, workspace } = world;
  const tried = (count: number) =>
    until(() => twilio.requests.filter(({ method }) => method === "POST").length >= count);
  const first = await world.serve();
  // Twice: a slow machine may try again before it is killed.
  twilio.faults.next({ kind: "status", status: 429 });
  twilio.faults.next({ kind: "status", status: 429 });
  await twilio.inbound({ from: ANN, text: "pic.png" });
  await tried(1);
  await first.end("SIGKILL");
  await Deno.remove(`${workspace}/pic.png`);
  const second = await world.serve();
  // Killed before Twilio's answer was heard, it is looked for first.
  const message = await twilio.nextMessage(undefined, 30_000);
  assertEquals(message.media.map(({ bytes }) => bytes), [PNG]);
  twilio.faults.next({ kind: "status", status: 429 });
  await Deno.writeFile(`${workspace}/pic.png`, PNG);
  await twilio.inbound({ from: ANN, text: "pic.png" });
  await tried(4);
  await Deno.remove(`${stateDir}/media`, { recursive: true });
  const bare = await twilio.nextMessage();
  assertEquals([bare.body, bare.mediaUrls], ["Here it is", []]);
  await second.event("message.file-gone");
});

Deno.test("files of this machine go with a message by hand, several at once, and Twilio fetches them", async () => {
  await using world = await filesWorld();
  const { twilio, workspace } = world;
  await Deno.writeTextFile(`${workspace}/table.csv`, "a,b\n1,2\n");
  await world.serve();
  const files = ["--media", `${workspace}/pic.png`, "--media", `${workspace}/table.csv`];
  const key = ["--idempotency-key", "photo-1"];
  for (const repeated of [false, true]) {
    const sent = await world.run("send", ANN, "look", ...files, ...key, "--json");
    assertEquals(sent.code, 0, sent.stderr);
    assertEquals(JSON.parse(sent.stdout).repeated, repeated);
  }
  const message = await twilio.nextMessage();
  assertEquals(message.body, "look");
  assertEquals(message.media.map(({ contentType }) => contentType), ["image/png", "text/csv"]);
  assertEquals(message.media[0]!.bytes, PNG);
  const bare = await world.run(
    ..."message send --channel sms --target".split(" "),
    `sms:${ANN}`,
    "--media",
    `${workspace}/pic.png`,
  );
  assertEquals(bare.code, 0, bare.stderr);
  const picture = await twilio.nextMessage();
  assertEquals([picture.body, picture.media.length], ["", 1]);
});

Deno.test("a file that cannot go is refused before anything is sent, with the reason", async () => {
  await using world = await filesWorld();
  const { workspace } = world;
  const refusal = async (to: string, file: string, ...more: string[]) => {
    const { code, stderr } = await world.run("send", to, "look", "--media", file, ...more);
    return `${code} ${stderr.split("\n")[0]}`;
  };
  const no = (name: string, why: string) => `2 error: Cannot send ${name}: ${why}`;
  const size = "it is too large: 6 MB, at most 5 MB can be sent";
  assertEquals(await refusal(ANN, `${workspace}/huge.png`), no("huge.png", size));
  assertEquals(await refusal(ANN, `${workspace}/no.png`), no("no.png", "there is no such file"));
  assertEquals(await refusal(ANN, workspace), no(workspace.split("/").at(-1)!, "it is not a file"));
  const unfit = no("notes.txt", "phones cannot show such files");
  assertEquals(await refusal(ANN, `${workspace}/notes.txt`), unfit);
  const far = no("pic.png", "MMS does not go between these two numbers");
  assertEquals(await refusal(FRITZ, `${workspace}/pic.png`), far);
  assertStringIncludes(await refusal(ANN, `${workspace}/pic.png`), "no bridge runs");
  assertEquals((await refusal(ANN, `${workspace}/pic.png`, "--dry-run")).split(" ")[0], "0");
});
