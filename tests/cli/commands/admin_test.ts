import { assertEquals } from "@std/assert";
import { tunnelLine } from "../../../src/cli/commands/admin.ts";

const URL_ = "http://127.0.0.1:8788/enter?t=x";
const line = (variables: Record<string, string>) =>
  tunnelLine({ env: (name) => variables[name] }, URL_);

Deno.test("tunnelLine() is for whoever came over SSH, with their server, port and name", () => {
  assertEquals(line({}), null);
  assertEquals(
    line({ SSH_CONNECTION: "198.51.100.7 50000 203.0.113.9 22", USER: "ada" }),
    "ssh -N -L 8788:127.0.0.1:8788 ada@203.0.113.9",
  );
  assertEquals(
    line({ SSH_CONNECTION: "2001:db8::1 50000 2001:db8::2 2222" }),
    "ssh -N -L 8788:127.0.0.1:8788 -p 2222 2001:db8::2",
  );
});

Deno.test("tunnelLine() copies nothing that a shell would run", () => {
  assertEquals(line({ SSH_CONNECTION: "a 1 $(reboot) 22", USER: "ada" }), null);
  assertEquals(
    line({ SSH_CONNECTION: "a 1 203.0.113.9 22;reboot", USER: "a;reboot" }),
    "ssh -N -L 8788:127.0.0.1:8788 203.0.113.9",
  );
});
