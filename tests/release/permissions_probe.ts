/** Tries what the program must not be able to do; prints how each attempt ended, as JSON. */
import { endsOf } from "./attempts.ts";

const attempts: Record<string, () => unknown> = {
  "connect to the metadata service": () => Deno.connect({ hostname: "169.254.169.254", port: 80 }),
  "fetch from the metadata service": () => fetch("http://metadata.google.internal/"),
  "read the system's passwords": () => Deno.readTextFile("/etc/shadow"),
  "read another process's environment": () => Deno.readTextFile(`/proc/${Deno.ppid}/environ`),
  "write a program": () => Deno.writeTextFile("/usr/bin/sms-bridge-probe", ""),
  "load a library": () => Deno.dlopen("libc.so.6", {}),
  "ask for what is not listed of the system": () => Deno.systemMemoryInfo(),
  "run a program after it was given up": async () => {
    await Deno.permissions.revoke({ name: "run" });
    await new Deno.Command("true").output();
  },
};
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(await endsOf(attempts))));
