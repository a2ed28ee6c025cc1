import { assert, assertEquals } from "@std/assert";
import { missingPermissions, permissionsFor } from "../../src/daemon/permissions.ts";
import { loadSettings } from "../../src/config/load.ts";
import type { Settings } from "../../src/config/settings.ts";

async function settingsOf(more: Record<string, string> = {}): Promise<Settings> {
  const values: Record<string, string> = {
    TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`,
    TWILIO_AUTH_TOKEN: "token",
    TWILIO_PHONE_NUMBER: "+12025550123",
    SMS_PUBLIC_WEBHOOK_URL: "https://sms.example.com/webhooks/sms",
    SMS_BRIDGE_GATEWAY_URL: "wss://gateway.example.com:8443",
    SMS_BRIDGE_GATEWAY_TOKEN: "token",
    SMS_BRIDGE_MEDIA_ROOTS: "/srv/files",
    ...more,
  };
  const { settings } = await loadSettings({ env: (name) => values[name], home: "/nowhere" });
  return settings!;
}

Deno.test("permissionsFor() names the hosts and folders of the settings, and no kind as a whole", async () => {
  const { net, read, write, ...others } = permissionsFor(await settingsOf(), true);
  for (const host of ["gateway.example.com:8443", "sms.example.com:443", "*.twilio.com:443"]) {
    assert(net.includes(host), host);
  }
  assert(read.includes("/srv/files") && !write.includes("/srv/files"));
  assert(write.includes("/nowhere/.openclaw/sms-bridge"));
  for (const named of [...read, ...write]) assert(named.length > 1, named);
  assertEquals(others, { env: false, ffi: false, import: false, run: false, sys: false });
});

Deno.test("missingPermissions() tells what a reload cannot give", async () => {
  const given = permissionsFor(await settingsOf(), true);
  const missing = async (more: Record<string, string>) =>
    missingPermissions(given, permissionsFor(await settingsOf(more), true));
  assertEquals(await missing({}), []);
  assertEquals(await missing({ SMS_BRIDGE_GATEWAY_URL: "wss://gateway.example.com:9999" }), [
    "hosts",
  ]);
  assertEquals(await missing({ SMS_BRIDGE_MEDIA_ROOTS: "/srv/files,/etc" }), ["folders"]);
  assertEquals(await missing({ SMS_BRIDGE_ADMIN_LISTEN: "off" }), []);
});

Deno.test("a worker with the service's permissions reaches nothing else", async () => {
  const folder = await Deno.makeTempDir();
  const settings = await settingsOf({ SMS_BRIDGE_STATE_DIR: folder });
  const permissions = permissionsFor(settings, Deno.build.os !== "windows");
  const worker = new Worker(
    new URL("./confined_probe.ts", import.meta.url),
    { type: "module", deno: { permissions } } as unknown as WorkerOptions,
  );
  const ends = await new Promise<Record<string, string>>((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
  });
  worker.terminate();
  assertEquals(Object.keys(ends).length, 11);
  for (const [attempt, end] of Object.entries(ends)) assertEquals(end, "NotCapable", attempt);
  await Deno.remove(folder, { recursive: true });
});
