import { assert, assertEquals } from "@std/assert";
import { createLog, type LogOptions, silentLog } from "../../src/system/log.ts";
import { rememberTroubles } from "../../src/system/recent_troubles.ts";

const TIME_MS = Date.UTC(2026, 10, 23, 8, 20, 26, 7);

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLog({
    clock: { now: () => TIME_MS, after: () => () => {} },
    format: "text",
    level: "debug",
    colour: false,
    write: (line) => lines.push(line),
    ...options,
  });
  return { log, lines };
}

Deno.test("createLog() writes an event a line as text", () => {
  const { log, lines } = capture();
  log.info("text.finished", { from: "+1•••••0123", segments: 2, ok: true, error: null });
  assertEquals(lines, [
    "2026-11-23T08:20:26.007Z INFO  text.finished from=+1•••••0123 segments=2 ok=true error=null\n",
  ]);
});

Deno.test("createLog() quotes text values that could be taken for something else", () => {
  const { log, lines } = capture();
  log.warn("x", { a: "two words", b: 'say "hi"', c: "k=v", d: "" });
  assertEquals(lines[0]!.slice(25), 'WARN  x a="two words" b="say \\"hi\\"" c="k=v" d=""\n');
});

Deno.test("createLog() writes an event a line as JSON", () => {
  const { log, lines } = capture({ format: "json" });
  log.error("send.failed", { code: 21610, certain: true, sid: "…0e01fe" });
  assertEquals(lines.length, 1);
  assertEquals(JSON.parse(lines[0]!), {
    time: "2026-11-23T08:20:26.007Z",
    level: "error",
    event: "send.failed",
    code: 21610,
    certain: true,
    sid: "…0e01fe",
  });
});

for (const format of ["text", "json"] as const) {
  Deno.test(`createLog() keeps a ${format} event on one line, without control characters`, () => {
    const { log, lines } = capture({ format });
    log.info("x", { said: "one\nINFO forged\x1b[2J\u2028two" });
    assertEquals(lines[0]!.indexOf("\n"), lines[0]!.length - 1);
    assertEquals(/\p{Cc}|\u2028|\\n|\\u001b/u.test(lines[0]!.slice(0, -1)), false, lines[0]);
  });

  Deno.test(`createLog() cuts long values in ${format}`, () => {
    const { log, lines } = capture({ format });
    log.info("x", { said: "y".repeat(10_000) });
    assertEquals(lines[0]!.length < 700, true);
  });

  Deno.test(`createLog() leaves out undefined values in ${format}`, () => {
    const { log, lines } = capture({ format });
    log.info("x", { gone: undefined, here: 1 });
    assertEquals(lines[0]!.includes("gone"), false);
    assertEquals(lines[0]!.includes("here"), true);
  });
}

Deno.test("createLog() puts what journald takes as the priority before an event", () => {
  const { log, lines } = capture({ format: "journal" });
  for (const level of ["debug", "info", "warn", "error"] as const) log[level]("x.y");
  assertEquals(lines.map((line) => line.slice(0, 3)), ["<7>", "<6>", "<4>", "<3>"]);
  assertEquals(JSON.parse(lines[2]!.slice(3)).level, "warn");
});

Deno.test("createLog() drops events below its level", () => {
  const { log, lines } = capture({ level: "warn" });
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  assertEquals(lines.map((line) => line.slice(25)), ["WARN  c\n", "ERROR d\n"]);
});

Deno.test("createLog() colours the level only", () => {
  const { log, lines } = capture({ colour: true });
  log.error("x", { a: 1 });
  assertEquals(lines[0]!.slice(25), "\x1b[31mERROR\x1b[0m x a=1\n");
});

Deno.test("silentLog drops everything", () => {
  silentLog.error("nobody.hears", { of: "this" });
});

Deno.test("a log and the troubles that it remembers show no key, number or escape of what says why", () => {
  const lines: string[] = [];
  const clock = { now: () => 0, after: () => () => {} };
  const write = (line: string) => void lines.push(line);
  for (const format of ["text", "json"] as const) {
    const log = createLog({ clock, format, level: "debug", colour: false, write });
    const remembering = rememberTroubles(log, clock);
    const said = "401 key sk-proj-CANARYKEY0123 \x1b[31m for +15557654321";
    for (const key of ["reason", "detail", "error"]) {
      remembering.warn("gateway.lost", { [key]: said });
    }
    const shown = `${lines.join("")}${JSON.stringify(remembering.troubles())}`;
    assert(!/CANARY|5557654321|\\u001b|\[31m\S/.test(shown), shown);
    assert(shown.includes("401"), shown);
  }
});
