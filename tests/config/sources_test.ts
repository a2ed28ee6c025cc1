import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { configuredStateDir } from "../../src/config/sources.ts";
import { createFolder, type FolderOptions } from "./folder.ts";

const SID = `AC${"1".repeat(32)}`;
const SMS = `accountSid: "${SID}", fromNumber: "+12025550123",
  publicWebhookUrl: "https://g.example.com/webhooks/sms"`;
const GATEWAY = 'gateway: { auth: { token: "g" } }';

async function load(options: FolderOptions) {
  await using folder = await createFolder(options);
  const loaded = await folder.load();
  const told = loaded.problems.map(({ name, problem, fix, where }) =>
    `${name} ${problem} → ${fix} (${where})`
  );
  return { ...loaded, told: told.join("\n"), folder };
}

Deno.test("what OpenClaw has no key for stands in bridge, for all accounts or for one", async () => {
  const { settings, told, values, folder } = await load({
    gateway: `{
      ${GATEWAY},
      channels: { sms: { enabled: false, authToken: "t", ${SMS}, accounts: {
        work: { webhookPath: "/w", publicWebhookUrl: "https://g.example.com/w" },
      } } },
      skills: { entries: { "sms-bridge": { config: {
        region: "ie1", edge: "dublin", authTokenNext: "next",
        accounts: { work: { region: "au1" } },
      } } } },
    }`,
  });
  assertEquals(told, "");
  const parts = settings!.accounts.map(({ id, region, edge, authTokenNext }) => [
    id,
    region,
    edge,
    authTokenNext,
  ]);
  assertEquals(parts, [["default", "ie1", "dublin", "next"], ["work", "au1", "dublin", "next"]]);
  const region = values.find(({ path }) => path === "channels.sms.accounts.work.region");
  assertEquals(region?.origin, { kind: "file", file: folder.gatewayPath, line: 9 });
});

Deno.test("the own channels.sms is stronger than bridge, and bridge takes no key of OpenClaw's", async () => {
  const { told } = await load({
    own: `{ ${GATEWAY}, bridge: { fromNumber: "+12025550123", accounts: { work: { nmae: 1 } } } }`,
  });
  assertStringIncludes(told, "bridge.fromNumber is not a setting");
  assertStringIncludes(told, "bridge.accounts.work.nmae is not a setting");
  const { settings } = await load({
    own: `{
      ${GATEWAY},
      channels: { sms: { authToken: "t", ${SMS}, edge: "dublin" } },
      bridge: { edge: "ashburn" },
    }`,
  });
  assertEquals(settings!.accounts[0]!.edge, "dublin");
});

Deno.test("mediaMaxMb comes from the agents' defaults when channels.sms has none", async () => {
  const gateway = (sms: string) =>
    `{ ${GATEWAY}, agents: { defaults: { mediaMaxMb: 8 } }, channels: { sms: { enabled: false, ${sms} } } }`;
  assertEquals(
    (await load({ gateway: gateway(`authToken: "t", ${SMS}`) })).settings!.accounts[0]!.mediaMaxMb,
    8,
  );
  const own = await load({ gateway: gateway(`authToken: "t", ${SMS}, mediaMaxMb: 2`) });
  assertEquals(own.settings!.accounts[0]!.mediaMaxMb, 2);
});

Deno.test("a variable that is not set is a problem where it is used, and nowhere else", async () => {
  const { told, folder } = await load({
    gateway: `{
      ${GATEWAY},
      models: { key: "\${NOT_OURS}" },
      secrets: { providers: { files: { source: "file", path: "\${NOT_USED}/x" } } },
      channels: { sms: { enabled: false, ${SMS}, authToken: "t", name: "the \${UNSET} one", authTokenNext: "\${TOKEN}" } },
    }`,
  });
  assertStringIncludes(told, "${UNSET} names a variable that is not set → export UNSET=…");
  assertStringIncludes(told, `${folder.gatewayPath}:6`);
  for (const other of ["NOT_OURS", "NOT_USED"]) assert(!told.includes(other), told);
});

Deno.test("a secret's unset variable is told once, by the secret's name", async () => {
  const { told } = await load({
    own: `{ ${GATEWAY}, channels: { sms: { ${SMS}, authToken: "\${TOKEN}" } } }`,
  });
  assertEquals(told.match(/TOKEN/g)?.length, 2, told);
  assertStringIncludes(told, "channels.sms.authToken names TOKEN, which is not set → export TOKEN");
});

Deno.test("the Gateway's own file is not taken for a file of the bridge's", async () => {
  await using folder = await createFolder({ gateway: `{ ${GATEWAY}, agents: {} }` });
  const { problems } = await folder.load({ SMS_BRIDGE_CONFIG: folder.gatewayPath });
  assertStringIncludes(problems[0]!.problem, "is the Gateway's own file");
  assert(!problems.some(({ name }) => name === "agents"));
});

Deno.test("configuredStateDir() finds the state directory wherever it is written", async () => {
  const config = '{ stateDir: "~/elsewhere" }';
  await using gateway = await createFolder({
    gateway: `{ skills: { entries: { "sms-bridge": { config: ${config} } } } }`,
  });
  await using own = await createFolder({ own: `{ bridge: ${config} }` });
  for (const { home } of [gateway, own]) {
    assertEquals(configuredStateDir({ env: () => undefined, home }), `${home}/elsewhere`);
    const env = (name: string) => name === "SMS_BRIDGE_STATE_DIR" ? "/first" : undefined;
    assertEquals(configuredStateDir({ env, home }), "/first");
  }
});

Deno.test("files may come from the workspaces of agents in entries, in a list, and of none", async () => {
  for (
    const [agents, wanted] of [
      ["{}", [".openclaw/workspace"]],
      ['{ entries: { helper: { workspace: "~/ws" }, other: {} } }', [
        "ws",
        ".openclaw/workspace-other",
        ".openclaw/workspace",
      ]],
      ['{ list: [{ id: "a", workspace: "~/a" }], defaults: { workspace: "~/b" } }', ["a", "b"]],
    ] as const
  ) {
    const gateway = `{ ${GATEWAY}, agents: ${agents},
      channels: { sms: { enabled: false, authToken: "t", ${SMS} } } }`;
    const { settings, told, folder } = await load({ gateway });
    assertEquals(told, "");
    assertEquals(settings!.bridge.mediaRoots, wanted.map((path) => `${folder.home}/${path}`));
  }
});
