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
