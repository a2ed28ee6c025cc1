/** Tries in a confined worker what the service must not be able to do; tells how each attempt ended. */
import { endsOf } from "../release/attempts.ts";

const attempts: Record<string, () => unknown> = {
  "read another file": () => Deno.readTextFile("/etc/hostname"),
  "read the program itself": () => Deno.readTextFile(new URL("../../main.ts", import.meta.url)),
  "write another file": () => Deno.writeTextFile("/tmp/sms-bridge-probe", ""),
  "list a folder": () => [...Deno.readDirSync("/")],
  "connect elsewhere": () => Deno.connect({ hostname: "192.0.2.1", port: 443 }),
  "fetch from elsewhere": () => fetch("https://example.com/"),
  "fetch from a host of the settings by another port": () => fetch("https://sms.example.com:444/"),
  "run a program": () => new Deno.Command("true").output(),
  "read the environment": () => Deno.env.toObject(),
  "load a library": () => Deno.dlopen("libc.so.6", {}),
  "ask for what is not listed of the system": () => Deno.hostname(),
};
const line = self as unknown as { postMessage(ends: Record<string, string>): void };
line.postMessage(await endsOf(attempts));
