import { assertEquals } from "@std/assert";
import { ROOT } from "../e2e/program.ts";

interface InfoModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly isDynamic?: boolean;
  }[];
}

/** The modules that load with each of the entries, by their paths, and those that some of these load later. */
async function loading(
  ...entries: readonly string[]
): Promise<ReadonlyMap<string, { now: string[]; later: string[] }>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    cwd: ROOT,
    stderr: "null",
  }).output();
  const info: { modules: readonly InfoModule[] } = JSON.parse(new TextDecoder().decode(stdout));
  const root = new URL(`file://${ROOT}`).href;
  const modules = new Map(info.modules.map((one) => [one.specifier, one]));
  return new Map(entries.map((entry) => {
    const [found, dynamic] = [new Set([root + entry]), new Set<string>()];
    for (const specifier of found) {
      for (const { code, isDynamic } of modules.get(specifier)?.dependencies ?? []) {
        if (code?.specifier !== undefined) (isDynamic ? dynamic : found).add(code.specifier);
      }
    }
    const paths = (specifiers: ReadonlySet<string>) =>
      [...specifiers].map((one) => one.replace(root, ""));
    return [entry, { now: paths(found), later: paths(dynamic) }];
  }));
}

Deno.test("A command that is run often loads nothing of what only others, or the service, do", async () => {
  const loaded = await loading(
    "main.ts",
    "src/cli/people/pair.ts",
    "src/cli/commands/status.ts",
    "src/cli/store_operations.ts",
  );
  const service =
    /^src\/(admin|bridge|checks|gateway|inbound|outbound|turn|twilio|unasked)\/|_operations\.ts$|^src\/store\/connect\//;
  for (const [entry, { now }] of loaded) {
    const others = now.filter((file) => service.test(file) && file !== entry);
    assertEquals(others, entry.endsWith("status.ts") ? ["src/checks/check.ts"] : [], entry);
  }
  assertEquals(loaded.get("main.ts")!.now.filter((file) => file.startsWith("src/config/")), []);
});

Deno.test("The service loads all of its code at once: it may read no other, and is bundled as one file", async () => {
  const { now, later } = (await loading("src/daemon/worker.ts")).get("src/daemon/worker.ts")!;
  assertEquals([now.length > 150, later], [true, []]);
});
