import { assertEquals, assertStringIncludes } from "@std/assert";
import { createBridgeWorld } from "../cli/bridge_world.ts";

interface Answer {
  readonly checks: readonly { id: string; state: string; detail: string; fix: string | null }[];
}

function publicCheck(json: string) {
  return (JSON.parse(json) as Answer).checks.find(({ id }) => id === "public.request")!;
}

Deno.test("doctor and status --probe tell another bridge with the same credentials from this one", async () => {
  await using here = await createBridgeWorld();
  await using other = await createBridgeWorld();
  const daemon = await here.start();
  assertEquals(publicCheck((await here.run("doctor", "--json")).out).state, "ok");
  for (const name of Object.keys(here.env)) {
    if (!name.endsWith("STATE_DIR") && name !== "HOME") other.env[name] = here.env[name]!;
  }
  const elsewhere = await other.start();
  here.tunnel.leadTo(`http://127.0.0.1:${elsewhere.address.port}`);
  const doctor = publicCheck((await here.run("doctor", "--json")).out);
  assertEquals(doctor.state, "problem");
  assertStringIncludes(doctor.detail, "another bridge");
  assertStringIncludes(doctor.detail, "not this one");
  const probed = JSON.parse((await here.run("status", "--probe", "--json")).out);
  assertEquals(publicCheck(JSON.stringify(probed.probe)).state, "problem");
  await daemon.stop();
  const stopped = publicCheck((await here.run("doctor", "--json")).out);
  assertEquals(stopped.state, "problem");
  assertStringIncludes(stopped.detail, "none runs in this state directory");
});
