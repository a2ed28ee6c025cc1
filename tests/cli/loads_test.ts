import { assertEquals } from "@std/assert";
import { ROOT } from "../e2e/program.ts";

interface InfoModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly isDynamic?: boolean;
  }[];
}

/** The modules that load with each of the entries, by their paths. */
async function loading(...entries: readonly string[]): Promise<ReadonlyMap<string, string[]>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "main.ts"],
    cwd: ROOT,
    stderr: "null",
  }).output();
  const info: { modules: readonly InfoModule[] } = JSON.parse(new TextDecoder().decode(stdout));
  const root = new URL(`file://${ROOT}`).href;
  const modules = new Map(info.modules.map((one) => [one.specifier, one]));
  return new Map(entries.map((entry) => {
    const found = new Set([root + entry]);
    for (const specifier of found) {
      for (const { code, isDynamic } of modules.get(specifier)?.dependencies ?? []) {
        if (code?.specifier !== undefined && !isDynamic) found.add(code.specifier);
      }
    }
    return [entry, [...found].map((one) => one.replace(root, ""))];
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
  for (const [entry, files] of loaded) {
    const others = files.filter((file) => service.test(file) && file !== entry);
    assertEquals(others, entry.endsWith("status.ts") ? ["src/checks/check.ts"] : [], entry);
  }
  assertEquals(loaded.get("main.ts")!.filter((file) => file.startsWith("src/config/")), []);
});
