import { assert, assertEquals, assertLess } from "@std/assert";
import { createWorld } from "../e2e/program.ts";

const read = (name: string) =>
  Deno.readTextFile(new URL(`../../scripts/watch/${name}`, import.meta.url));

/** Names of metrics in expressions; those of a histogram's parts as the histogram. */
function metricsIn(text: string): string[] {
  const names = [...text.matchAll(/smsbridge_\w+/g)].map(([name]) => name);
  return [...new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")))];
}

Deno.test("dashboard and alerts name only metrics that a real scrape has", async () => {
  await using world = await createWorld();
  const program = await world.serve();
  const scrape = await (await fetch(`http://${program.admin}/metrics`)).text();
  const known = new Set([...scrape.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!));
  const used = metricsIn(await read("dashboard.json") + await read("alerts.yml"));
  assertLess(15, used.length);
  assertEquals(used.filter((name) => !known.has(name)), []);
});

Deno.test("every alert has an expression, a severity, and a command that helps", async () => {
  const rules = (await read("alerts.yml")).split(/^ {6}- alert: /m).slice(1);
  assertLess(5, rules.length);
  for (const rule of rules) {
    for (const part of ["expr: ", "severity: ", "summary: ", "action: "]) {
      assert(rule.includes(part), `${rule.split("\n")[0]} has ${part}`);
    }
  }
});

Deno.test("every panel of the dashboard asks the data source that is chosen", async () => {
  const { panels } = JSON.parse(await read("dashboard.json"));
  assertLess(8, panels.length);
  assertEquals(new Set(panels.map(({ id }: { id: number }) => id)).size, panels.length);
  for (const { title, datasource, targets } of panels) {
    assertEquals([title, datasource.uid], [title, "${datasource}"]);
    assert(targets.every(({ expr }: { expr: string }) => expr.includes("smsbridge_")), title);
  }
});

/** What promtool (Debian's package `prometheus`) says; null where it is not there. */
async function promtool(args: string[], input = ""): Promise<{ ok: boolean; said: string } | null> {
  const streams = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("promtool", { args, ...streams }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    // deno-lint-ignore no-console
    console.log("skipped: there is no promtool here");
    return null;
  }
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { ok: success, said: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("promtool takes the alerts, and a real scrape after a text was answered", async () => {
  const rules = new URL("../../scripts/watch/alerts.yml", import.meta.url).pathname;
  const checked = await promtool(["check", "rules", rules]);
  if (checked === null) return;
  assert(checked.ok, checked.said);
  await using world = await createWorld();
  await world.run("pair", "allow", "+12025550101");
  const program = await world.serve();
  await world.twilio.inbound({ from: "+12025550101", text: "hello" });
  await world.twilio.nextMessage();
  await program.event("message.sent");
  const scrape = await (await fetch(`http://${program.admin}/metrics`)).text();
  const metrics = (await promtool(["check", "metrics"], scrape))!;
  assert(metrics.ok, metrics.said);
  assertEquals(metrics.said, "");
});
