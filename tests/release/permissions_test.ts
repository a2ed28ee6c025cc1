import { assertEquals } from "@std/assert";
import { PERMISSIONS } from "../../scripts/permissions.ts";

Deno.test({
  name: "PERMISSIONS keep the program from what no configuration may ask for",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const probe = new URL("./permissions_probe.ts", import.meta.url).pathname;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--no-lock", ...PERMISSIONS, probe],
    }).output();
    const ends: Record<string, string> = JSON.parse(new TextDecoder().decode(stdout));
    for (const [attempt, end] of Object.entries(ends)) assertEquals(end, "NotCapable", attempt);
    assertEquals(Object.keys(ends).length, 8);
  },
});
