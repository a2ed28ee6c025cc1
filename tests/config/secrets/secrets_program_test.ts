import { assertEquals } from "@std/assert";
import { askProgram } from "../../../src/config/secrets/secrets_program.ts";

const ignore = Deno.build.os === "windows";

function ask(script: string, limits: { timeoutMs?: number; outputBytesMax?: number } = {}) {
  const program = { command: "/bin/sh", args: ["-c", script], env: { GIVEN: "x" } };
  return askProgram({ ...program, timeoutMs: 60_000, outputBytesMax: 100, ...limits }, "request\n");
}

Deno.test({
  name:
    "askProgram() hands on the request and what is said, with the variables given and no others",
  ignore,
  async fn() {
    assertEquals(await ask('read -r line; echo "$line $GIVEN $HOME"'), { text: "request x \n" });
    assertEquals(await ask("exit 3"), { fault: "failed" });
    const program = { command: "/nowhere/at/all", args: [], env: {} };
    const limits = { timeoutMs: 60_000, outputBytesMax: 100 };
    assertEquals(await askProgram({ ...program, ...limits }, ""), { fault: "failed" });
  },
});

Deno.test({
  name:
    "askProgram() ends a program that takes too long, also one that minds no signal or has others",
  ignore,
  async fn() {
    const limits = { timeoutMs: 100 };
    assertEquals(await ask("exec sleep 60", limits), { fault: "late" });
    assertEquals(await ask("trap '' TERM; while :; do :; done", limits), { fault: "late" });
    assertEquals(await ask("sleep 2 & wait", limits), { fault: "late" });
  },
});

Deno.test({
  name: "askProgram() stops to read where the limit is, however much is said",
  ignore,
  async fn() {
    assertEquals(await ask("while :; do echo more; done"), { fault: "long" });
    assertEquals(await ask("printf %100s y", {}), { text: "y".padStart(100) });
  },
});
