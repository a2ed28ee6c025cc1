import { assertEquals, assertStringIncludes } from "@std/assert";
import { runtimeDoubt } from "../../src/system/runtime.ts";

Deno.test("runtimeDoubt() warns of runtimes that keep descriptors of clients that broke off", () => {
  for (const version of ["2.9.0", "2.9.6", "2.10.1", "3.0.0"]) {
    assertEquals(runtimeDoubt(version), null);
  }
  for (const version of ["2.4.2", "2.8.3", "1.46.3"]) {
    assertStringIncludes(runtimeDoubt(version)!, "Deno 2.9.0 or later");
  }
});
