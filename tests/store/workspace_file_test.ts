import { assert, assertEquals } from "@std/assert";
import { readWorkspaceFile, type WorkspaceFile } from "../../src/store/workspace_file.ts";

const SECRET = "the owner's secret";
const decoder = new TextDecoder();

interface Ground extends AsyncDisposable {
  readonly folder: string;
  readonly workspace: string;
}

/** A workspace with a secret beside it, and links of every kind that lead there. */
async function layGround(): Promise<Ground> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const workspace = `${folder}/workspace`;
  await Deno.mkdir(`${workspace}/sub/deep`, { recursive: true });
  await Deno.mkdir(`${folder}/workspace-other`);
  for (const at of ["secret.txt", "workspace-other/secret.txt"]) {
    await Deno.writeTextFile(`${folder}/${at}`, SECRET);
  }
  await Deno.writeTextFile(`${workspace}/pic.png`, "a picture");
  await Deno.writeTextFile(`${workspace}/sub/a b.png`, "another");
  await Deno.symlink(`${folder}/secret.txt`, `${workspace}/link.png`);
  await Deno.symlink("../secret.txt", `${workspace}/relative-link.png`);
  await Deno.symlink(folder, `${workspace}/sub/out`);
  await Deno.symlink(`${workspace}/link.png`, `${workspace}/sub/link-to-link.png`);
  await Deno.symlink("loop", `${workspace}/loop`);
  await Deno.symlink(`${workspace}/pic.png`, `${workspace}/good-link.png`);
  await Deno.link(`${folder}/secret.txt`, `${workspace}/hard.png`);
  await Deno.symlink("/dev/zero", `${workspace}/zero.png`);
  await Deno.symlink("/proc/self/environ", `${workspace}/environ.png`);
  return {
    folder,
    workspace,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function textOf(file: WorkspaceFile): string {
  assert(file.kind === "file", JSON.stringify(file));
  return decoder.decode(file.bytes);
}

/** Names by which a model might be brought to ask for something else. */
function hostileNames({ folder, workspace }: Ground): string[] {
  const secrets = [
    "secret.txt",
    "workspace-other/secret.txt",
    "etc/passwd",
    "etc/shadow",
    "proc/self/environ",
    "root/.ssh/id_ed25519",
  ];
  const climbs = ["..", "../..", "../../..", "sub/../..", "sub/deep/../../..", "./..", ".//..//.."];
  const coded = (path: string) => [
    path.replaceAll("/", "\\"),
    path.replaceAll("..", "%2e%2e"),
    path.replaceAll("/", "%2f"),
    path.replaceAll("..", "．．"),
    path.replaceAll("/", "／"),
    path.replaceAll("/", "∕"),
    `${path}\0.png`,
    `pic.png\0${path}`,
    ` ${path}`,
    `file:${path}`,
    `file://${path}`,
    `file:///${path}`,
    `file://localhost/${path}`,
    `FILE:///${path}`,
    `~/${path}`,
    `\${HOME}/${path}`,
    `$(cat ${path})`,
    `|cat ${path}`,
  ];
  return [
    ...secrets.flatMap((secret) => climbs.map((climb) => `${climb}/${secret}`)),
    ...secrets.flatMap((secret) => coded(`../${secret}`)),
    ...secrets.map((secret) => `/${secret}`),
    `${folder}/secret.txt`,
    `file://${folder}/secret.txt`,
    `file://${workspace}/../secret.txt`,
    `file://${workspace}/%2e%2e/secret.txt`,
    `file://${workspace}/..%2fsecret.txt`,
    `${workspace}/../secret.txt`,
    `${workspace}/sub/../../secret.txt`,
    `${workspace}-other/secret.txt`,
    `${folder}//workspace-other/secret.txt`,
    "link.png",
    "./link.png",
    "relative-link.png",
    "hard.png",
    "sub/link-to-link.png",
    "sub/out/secret.txt",
    "sub/out/workspace-other/secret.txt",
    "zero.png",
    "environ.png",
    "loop",
    "loop/loop",
    ".",
    "..",
    "/",
    "",
    "sub",
    "sub/",
    "pic.png/",
    "pic.png/..",
    "pic.png/../../secret.txt",
    "/dev/stdin",
    "/dev/zero",
    "/dev/fd/0",
    "/proc/self/fd/0",
    "/proc/self/cwd/deno.json",
    "/proc/self/root/etc/passwd",
    "C:\\Windows\\win.ini",
    "\\\\server\\share\\a.png",
    "//server/share/a.png",
    "http://127.0.0.1/a.png",
    "ftp://example.com/a.png",
    "data:text/plain,hello",
    "media://inbound/1",
    "javascript:1",
    "x".repeat(5_000),
    "a/".repeat(2_000),
    "pic\n.png",
  ];
}

Deno.test({
  name: "readWorkspaceFile() reads nothing outside the workspace, whatever the name says",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using ground = await layGround();
    const names = hostileNames(ground);
    assert(names.length >= 200, `${names.length} names`);
    for (const name of names) {
      const file = await readWorkspaceFile([ground.workspace], name, 1_000_000);
      assertEquals(file.kind, "unavailable", name);
    }
  },
});

Deno.test({
  name: "readWorkspaceFile() reads a workspace's files by relative and absolute path, URL and link",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using ground = await layGround();
    const { workspace } = ground;
    const read = async (name: string) => textOf(await readWorkspaceFile([workspace], name, 100));
    for (const name of ["pic.png", "./pic.png", "sub/../pic.png", `${workspace}/pic.png`]) {
      assertEquals(await read(name), "a picture");
    }
    assertEquals(await read("good-link.png"), "a picture");
    assertEquals(await read(`file://${workspace}/sub/a%20b.png`), "another");
    assertEquals(await read("sub/a b.png"), "another");
    const roots = [`${workspace}/sub/deep`, "/nowhere", workspace];
    assertEquals(textOf(await readWorkspaceFile(roots, "pic.png", 100)), "a picture");
  },
});

Deno.test("readWorkspaceFile() says why there is no file", async () => {
  await using ground = await layGround();
  const fault = async (name: string, roots = [ground.workspace]) => {
    const file = await readWorkspaceFile(roots, name, 8);
    return file.kind === "unavailable" ? file.fault : "none";
  };
  assertEquals(await fault("gone.png"), "not-found");
  assertEquals(await fault("sub"), "not-a-file");
  assertEquals(await fault("pic.png"), "too-large");
  assertEquals(await fault("../secret.txt"), "outside");
  assertEquals(await fault("pic.png", []), "outside");
});

Deno.test("readWorkspaceFile() reads a path from the home of the workspace's owner, and no other there", async () => {
  await using ground = await layGround();
  const { folder, workspace } = ground;
  const read = (name: string) => readWorkspaceFile([workspace], name, 1_000);
  assertEquals(textOf(await read("~/workspace/pic.png")), "a picture");
  const home = folder.split("/").at(-1)!;
  assertEquals(textOf(await read(`~/${home}/workspace/sub/a b.png`)), "another");
  for (const name of ["~/secret.txt", "~/workspace/../secret.txt", "~/workspace/link.png", "~/x"]) {
    assertEquals((await read(name)).kind, "unavailable", name);
  }
});
