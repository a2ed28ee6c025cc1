import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readSecretInput, type SecretRef } from "../../../src/config/secrets/secret_ref.ts";
import { resolveSecret } from "../../../src/config/secrets/secrets.ts";

type Entries = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

async function folder() {
  const path = await Deno.makeTempDir({ prefix: "sms-bridge-secrets-" });
  const write = async (name: string, text: string, mode = 0o600) => {
    await Deno.writeTextFile(`${path}/${name}`, text);
    await Deno.chmod(`${path}/${name}`, mode);
    return `${path}/${name}`;
  };
  return { path, write, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function resolve(ref: SecretRef, entries: Entries = {}, env: Record<string, string> = {}) {
  const providers = { entries, defaults: {} };
  return resolveSecret({ env: (name) => env[name], home: "/nowhere", providers }, ref);
}

async function told(ref: SecretRef, entries: Entries = {}, env = {}): Promise<string> {
  const resolved = await resolve(ref, entries, env);
  assert(!resolved.ok);
  return `${resolved.problem} → ${resolved.fix}`;
}

const ENV: SecretRef = { source: "env", provider: "default", id: "TOKEN" };
const FILE: SecretRef = { source: "file", provider: "files", id: "/twilio/a~1b" };
const EXEC: SecretRef = { source: "exec", provider: "vault", id: "twilio/token" };
const POSIX = Deno.build.os !== "windows";

Deno.test("readSecretInput() knows text, both shorthands and references, and says what else it wants", () => {
  assertEquals(readSecretInput(" abc "), { kind: "text", text: "abc" });
  for (const text of ["$TOKEN", "${TOKEN}"]) {
    assertEquals(readSecretInput(text), { kind: "ref", ref: ENV });
  }
  assertEquals(readSecretInput(FILE), { kind: "ref", ref: FILE });
  const wrong = [
    7,
    null,
    [],
    { source: "env" },
    { ...ENV, more: 1 },
    { ...ENV, id: "lower" },
    { ...ENV, provider: "Upper" },
    { ...FILE, id: "no-pointer" },
    { ...EXEC, id: "a/../b" },
  ];
  for (const value of wrong) assertEquals(readSecretInput(value).kind, "malformed");
});

Deno.test("resolveSecret() reads a variable, within the provider's allowlist", async () => {
  assertEquals(await resolve(ENV, {}, { TOKEN: "x" }), { ok: true, value: "x" });
  assertStringIncludes(await told(ENV), "export TOKEN=");
  const listed = { default: { source: "env", allowlist: ["OTHER"] } };
  assertStringIncludes(await told(ENV, listed, { TOKEN: "x" }), "allowlist");
  assertStringIncludes(
    await told({ ...ENV, provider: "work" }, {}, { TOKEN: "x" }),
    "secrets.providers.work",
  );
});

Deno.test({
  name:
    "resolveSecret() reads a private file by pointer or whole, and refuses one that others can read",
  ignore: !POSIX,
  async fn() {
    await using dir = await folder();
    const path = await dir.write("s.json", JSON.stringify({ twilio: { "a/b": "x" } }));
    const files = { files: { source: "file", path } };
    assertEquals(await resolve(FILE, files), { ok: true, value: "x" });
    assertStringIncludes(await told({ ...FILE, id: "/none" }, files), "check the pointer");
    const single = {
      files: { source: "file", path: await dir.write("t", "y\n"), mode: "singleValue" },
    };
    assertEquals(await resolve({ ...FILE, id: "value" }, single), { ok: true, value: "y" });
    await Deno.chmod(path, 0o640);
    assertStringIncludes(await told(FILE, files), `chmod 600 ${path}`);
    await Deno.chmod(path, 0o600);
    await Deno.link(path, `${dir.path}/second`);
    assertStringIncludes(await told(FILE, files), "hard-linked");
    await Deno.symlink(path, `${dir.path}/link`);
    const link = { files: { source: "file", path: `${dir.path}/link` } };
    assertStringIncludes(await told(FILE, link), "not a regular file");
    const big = {
      files: { source: "file", path: await dir.write("big", "x".repeat(99)), maxBytes: 9 },
    };
    assertStringIncludes(await told(FILE, big), "longer than 9 bytes");
    assertStringIncludes(
      await told(FILE, { files: { source: "file", path: "s.json" } }),
      "absolute",
    );
  },
});

Deno.test({
  name:
    "resolveSecret() asks a program without a shell, and trusts no program that others can change",
  ignore: !POSIX,
  async fn() {
    await using dir = await folder();
    const script = `#!/bin/sh
read -r request
case "$request" in *'"protocolVersion":1'*'"twilio/token"'*) ;; *) exit 1 ;; esac
printf '{"protocolVersion":1,"values":{"twilio/token":"%s"}}' "$GIVEN$HIDDEN"
`;
    const command = await dir.write("resolver", script, 0o700);
    const vault = { source: "exec", command, passEnv: ["GIVEN"] };
    const env = { GIVEN: "x", HIDDEN: "y" };
    assertEquals(await resolve(EXEC, { vault }, env), { ok: true, value: "x" });
    await Deno.chmod(command, 0o722);
    assertStringIncludes(await told(EXEC, { vault }), "chmod go-w");
    await Deno.chmod(command, 0o700);
    for (const trustedDirs of [["/opt"], [], "/", null]) {
      const said = await told(EXEC, { vault: { ...vault, trustedDirs } });
      assertStringIncludes(said, "trustedDirs");
    }
    assertStringIncludes(
      await told(EXEC, { vault: { ...vault, command: "resolver" } }),
      "absolute",
    );
    const slow = await dir.write("slow", "#!/bin/sh\nexec sleep 20\n", 0o700);
    const late = { ...vault, command: slow, timeoutMs: 50 };
    assertStringIncludes(await told(EXEC, { vault: late }), "within 50 ms");
    const plain = await dir.write("plain", "#!/bin/sh\necho z\n", 0o700);
    assertStringIncludes(await told(EXEC, { vault: { ...vault, command: plain } }), "got no value");
    const loose = { ...vault, command: plain, jsonOnly: false };
    assertEquals(await resolve(EXEC, { vault: loose }), { ok: true, value: "z" });
  },
});

Deno.test({
  name:
    "resolveSecret() runs no program outside of trustedDirs by a detour, nor from a folder that others may write",
  ignore: !POSIX,
  async fn() {
    await using dir = await folder();
    const script = "#!/bin/sh\necho z\n";
    await Deno.mkdir(`${dir.path}/good`, { mode: 0o700 });
    await Deno.mkdir(`${dir.path}/bad/deep`, { mode: 0o700, recursive: true });
    await dir.write("good/run", script, 0o700);
    const bad = await dir.write("bad/deep/run", script, 0o700);
    const run = (command: string, trustedDirs?: readonly string[]) => ({
      vault: { source: "exec", command, jsonOnly: false, ...(trustedDirs && { trustedDirs }) },
    });
    const good = `${dir.path}/good`;
    assertEquals(await resolve(EXEC, run(`${good}/run`, [good])), { ok: true, value: "z" });
    const detour = run(`${good}/../bad/deep/run`, [good]);
    assertStringIncludes(await told(EXEC, detour), "none of trustedDirs");
    await Deno.symlink(`${dir.path}/bad`, `${good}/link`);
    const linked = run(`${good}/link/deep/run`, [good]);
    assertStringIncludes(await told(EXEC, linked), "none of trustedDirs");
    await Deno.symlink(good, `${dir.path}/alias`);
    const alias = run(`${dir.path}/alias/run`, [`${dir.path}/alias/`]);
    assertEquals(await resolve(EXEC, alias), { ok: true, value: "z" });
    await Deno.chmod(`${dir.path}/bad`, 0o777);
    assertStringIncludes(await told(EXEC, run(bad)), `chmod go-w ${dir.path}/bad`);
    await Deno.chmod(`${dir.path}/bad`, 0o700);
    await Deno.chmod(`${dir.path}/bad/deep`, 0o1777);
    assertStringIncludes(await told(EXEC, run(bad)), "others may write");
  },
});

Deno.test("resolveSecret() reads what systemd passed, and says where the Gateway's store is", async () => {
  await using dir = await folder();
  await dir.write("twilio-token", "x\n", 0o400);
  const ref: SecretRef = { source: "file", provider: "systemd", id: "twilio-token" };
  const env = { CREDENTIALS_DIRECTORY: dir.path };
  assertEquals(await resolve(ref, {}, env), { ok: true, value: "x" });
  assertStringIncludes(await told(ref), "LoadCredential=twilio-token:");
  assertStringIncludes(await told({ ...ENV, source: "store" }), 'source: "file"');
});
