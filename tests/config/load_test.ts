import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Loaded } from "../../src/config/load.ts";
import { describeOrigin } from "../../src/config/json5/tree.ts";
import { createFolder } from "./folder.ts";

const SID = `AC${"1".repeat(32)}`;
const ENV = {
  TWILIO_ACCOUNT_SID: SID,
  TWILIO_AUTH_TOKEN: "env-token",
  TWILIO_PHONE_NUMBER: "+12025550123",
  SMS_PUBLIC_WEBHOOK_URL: "https://sms.example.com/webhooks/sms",
  SMS_BRIDGE_GATEWAY_TOKEN: "gateway-token",
};
const OWN = `{
  channels: { sms: {
    accountSid: "${SID}",
    authToken: "file-token",
    fromNumber: "+12025550199",
    publicWebhookUrl: "https://file.example.com/webhooks/sms",
  } },
  gateway: { auth: { token: "file-gateway" } },
}`;

function origins({ values }: Loaded): Record<string, string> {
  return Object.fromEntries(values.map(({ path, origin }) => [path, describeOrigin(origin)]));
}

function told({ problems }: Loaded): string {
  return problems.map(({ name, problem, fix }) => `${name} ${problem} → ${fix}`).join("\n");
}

Deno.test("loadSettings() takes channels.sms from the file before variables, and bridge from variables before the file", async () => {
  await using folder = await createFolder({
    own: OWN.replace("gateway:", 'bridge: { logFormat: "json", burstWindowMs: 7 }, gateway:'),
    env: { ...ENV, SMS_BRIDGE_BURST_WINDOW_MS: "9", SMS_ALLOWED_USERS: "+12025550111" },
  });
  const loaded = await folder.load();
  const [account] = loaded.settings!.accounts;
  assertEquals(account!.fromNumber, "+12025550199");
  assertEquals(account!.authToken, "file-token");
  assertEquals(account!.allowFrom, ["+12025550111"]);
  assertEquals(loaded.settings!.bridge.burstWindowMs, 9);
  assertEquals(loaded.settings!.bridge.logFormat, "json");
  const from = origins(loaded);
  assertEquals(from["channels.sms.fromNumber"], `${folder.ownPath}:5`);
  assertEquals(from["channels.sms.allowFrom"], "SMS_ALLOWED_USERS");
  assertEquals(from["bridge.burstWindowMs"], "SMS_BRIDGE_BURST_WINDOW_MS");
  assertEquals(from["bridge.logFormat"], `${folder.ownPath}:8`);
  assertEquals(from["bridge.listen"], "default");
});

Deno.test("loadSettings() finds everything in the Gateway's file when that leaves SMS to the bridge", async () => {
  await using folder = await createFolder({
    gateway: `{
      gateway: { port: 19001, auth: { mode: "token", token: "\${GW_TOKEN}" } },
      agents: { defaults: {} },
      accessGroups: { family: { type: "message.senders", members: { sms: ["+12025550111"] } } },
      channels: { sms: { enabled: false, $include: "./sms.json5" }, telegram: { enabled: true } },
      skills: { entries: { "sms-bridge": { config: { sessionScope: "gateway" } } } },
    }`,
    files: {
      ".openclaw/sms.json5": `{ accountSid: "${SID}", authToken: "t", fromNumber: "+12025550123",
        publicWebhookUrl: "https://g.example.com/webhooks/sms", allowFrom: ["accessGroup:family"] }`,
    },
    env: { GW_TOKEN: "from-variable" },
  });
  const { settings, problems } = await folder.load();
  assertEquals(problems, []);
  assertEquals(settings!.gateway, { url: "ws://127.0.0.1:19001", token: "from-variable" });
  assertEquals(settings!.accounts.map(({ id, fromNumber }) => [id, fromNumber]), [
    ["default", "+12025550123"],
  ]);
  assertEquals(settings!.bridge.sessionScope, "gateway");
  assertEquals(settings!.warnings, []);
});

Deno.test("loadSettings() takes the Gateway's password where the Gateway asks for one", async () => {
  const auths: readonly (readonly [string, string])[] = [
    ['mode: "password", password: "secret"', "secret"],
    ['mode: "password", password: "secret", token: "left over"', "secret"],
    ['mode: "password", password: "${GW_PASSWORD}"', "from-variable"],
    [
      'mode: "password", password: { source: "env", provider: "default", id: "GW_PASSWORD" }',
      "from-variable",
    ],
    ['password: "secret"', "secret"],
    ['mode: "token", password: "left over", token: "token"', "token"],
    ['password: "left over", token: "token"', "token"],
  ];
  const { SMS_BRIDGE_GATEWAY_TOKEN: _, ...twilio } = ENV;
  const env = { ...twilio, GW_PASSWORD: "from-variable" };
  for (const [auth, token] of auths) {
    const text = `{ gateway: { auth: { ${auth} } } }`;
    for (const files of [{ gateway: text }, { own: text }]) {
      await using folder = await createFolder({ ...files, env });
      const { settings, problems } = await folder.load();
      assertEquals([problems, settings?.gateway.token], [[], token], text);
    }
  }
  await using folder = await createFolder({
    gateway: '{ gateway: { auth: { mode: "password" } } }',
    env: { ...env, OPENCLAW_GATEWAY_PASSWORD: "set" },
  });
  assertEquals((await folder.load()).settings?.gateway.token, "set");
});

Deno.test("loadSettings() refuses to serve a number that the Gateway serves, and says how to hand it over", async () => {
  for (const enabled of ["", "enabled: true,"]) {
    await using folder = await createFolder({
      own: OWN,
      gateway: `{ channels: { sms: { ${enabled} fromNumber: "+12025550123" } } }`,
    });
    const loaded = await folder.load();
    assertEquals(loaded.settings, null);
    assertStringIncludes(told(loaded), "sms-bridge config adopt");
  }
});

Deno.test("loadSettings() tells every problem in one go, with where it stands and the nearest name", async () => {
  await using folder = await createFolder({
    own: `{
      channels: { sms: { accountSid: "AC1", fromNumer: "+1", dmPolicy: "maybe", textChunkLimit: 7 } },
      bridge: { limits: { segmentsPerDayMax: -1 } },
      gatway: {},
    }`,
  });
  const loaded = await folder.load();
  const text = told(loaded);
  for (
    const part of [
      "channels.sms.fromNumer is not a setting → did you mean channels.sms.fromNumber?",
      "gatway is not a setting → did you mean gateway?",
      'channels.sms.accountSid must be "AC" and 32 letters and digits',
      "channels.sms.dmPolicy must be one of pairing, allowlist, open, disabled",
      "channels.sms.textChunkLimit must be a whole number from 70 to 1600: it is 7",
      "bridge.limits.segmentsPerDayMax must be a whole number from 0 to 1000000: it is -1",
      "channels.sms.authToken is missing → TWILIO_AUTH_TOKEN=… in the environment, or",
      "channels.sms.publicWebhookUrl is missing: signatures are made over it",
      "gateway.auth.token is missing",
    ]
  ) assertStringIncludes(text, part);
  assertEquals(loaded.problems.find(({ name }) => name === "gatway")?.where, `${folder.ownPath}:4`);
});

Deno.test("loadSettings() names line and column of a text that is not JSON5, and of a key that repeats", async () => {
  await using broken = await createFolder({ own: "{\n  channels: [\n}" });
  assertMatch(
    told(await broken.load()),
    /config\.json5:3:1 is not JSON5: expected a value, found "}"/,
  );
  assertEquals((await broken.load()).problems.length, 1, "what is missing is not known");
  await using twice = await createFolder({ own: "{\n  bridge: {},\n  bridge: {},\n}" });
  assertMatch(told(await twice.load()), /config\.json5:3 repeats the key "bridge" of line 2/);
});

Deno.test("loadSettings() gives each account its own values over the channel's, and wants paths apart", async () => {
  const accounts = (path: string) =>
    `{
      channels: { sms: {
        accountSid: "${SID}", authToken: "shared", publicWebhookUrl: "https://e.example.com/a",
        defaultAccount: "work",
        accounts: {
          work: { fromNumber: "+12025550131", webhookPath: "/work" },
          home: { fromNumber: "+12025550132", webhookPath: "${path}", authToken: "own" },
          off: { enabled: false },
        },
      } },
      gateway: { auth: { token: "x" } },
    }`;
  await using folder = await createFolder({ own: accounts("/home") });
  const { settings, problems } = await folder.load();
  assertEquals(problems, []);
  assertEquals(
    settings!.accounts.map(({ id, authToken, webhookPath }) => [id, authToken, webhookPath]),
    [["home", "own", "/home"], ["work", "shared", "/work"]],
  );
  assertEquals(settings!.defaultAccount, "work");
  await using clash = await createFolder({ own: accounts("/work") });
  assertStringIncludes(told(await clash.load()), "/work is that of two accounts: home and work");
});

Deno.test("loadSettings() refuses a secret in a file that others can read, with the command that mends it", async () => {
  await using folder = await createFolder({ own: OWN });
  await Deno.chmod(folder.ownPath, 0o644);
  const loaded = await folder.load();
  assertEquals(loaded.settings, null);
  assertStringIncludes(told(loaded), `chmod 600 ${folder.ownPath}`);
});

Deno.test("loadSettings() only warns of the same in the Gateway's file, whose mode is not ours to rule", async () => {
  const gateway = OWN.replace("sms: {", "sms: { enabled: false,");
  await using folder = await createFolder({ gateway });
  await Deno.chmod(folder.gatewayPath, 0o644);
  const { settings, problems } = await folder.load();
  assertEquals(problems, []);
  assertStringIncludes(settings!.warnings.join(), `chmod 600 ${folder.gatewayPath}`);
});

Deno.test("loadSettings() never shows a secret in its values or problems", async () => {
  await using folder = await createFolder({ own: OWN.replace("fromNumber", "fromNumer") });
  const loaded = await folder.load();
  const shown = JSON.stringify([loaded.values, loaded.problems]);
  for (const secret of ["file-token", "file-gateway"]) assert(!shown.includes(secret));
});

Deno.test("loadSettings() tells what is wrong without the numbers, tokens and passwords in it", async () => {
  await using folder = await createFolder({
    own: `{ channels: { sms: {
      accountSid: "77abcdef77abcdef77abcdef77abcdef",
      fromNumber: "2025550123",
      dmPolicy: "fedcba9876543210fedcba9876543210",
      allowFrom: { number: "+12025550124" },
      publicWebhookUrl: "https://ann:hunter2@example.com/x",
    } } }`,
  });
  const { problems } = await folder.load();

  const text = JSON.stringify(problems);
  for (const hidden of ["77abcdef", "fedcba98", "2025550123", "2025550124", "hunter2"]) {
    assert(!text.includes(hidden), text);
  }
});

Deno.test("loadSettings() takes the default account as it is spelt, and refuses one that is not there", async () => {
  const own = (name: string) =>
    `{
      channels: { sms: {
        accountSid: "${SID}", authToken: "t", defaultAccount: "${name}",
        accounts: {
          Work: { fromNumber: "+12025550131", webhookPath: "/w", publicWebhookUrl: "https://e.example.com/w" },
          home: { fromNumber: "+12025550132", webhookPath: "/h", publicWebhookUrl: "https://e.example.com/h" },
          off: { enabled: false },
        },
      } },
      gateway: { auth: { token: "x" } },
    }`;
  await using right = await createFolder({ own: own("work") });
  assertEquals((await right.load()).settings!.defaultAccount, "Work");
  for (const name of ["wrok", "off"]) {
    await using wrong = await createFolder({ own: own(name) });
    assertStringIncludes(
      told(await wrong.load()),
      `channels.sms.defaultAccount must be an account that is enabled (home, Work): it is "${name}"`,
    );
  }
});

Deno.test("loadSettings() asks for a secret that accounts share only once", async () => {
  await using folder = await createFolder({
    own: `{
      channels: { sms: {
        accountSid: "${SID}", authToken: { source: "exec", provider: "vault", id: "token" },
        accounts: {
          a: { fromNumber: "+12025550131", webhookPath: "/a", publicWebhookUrl: "https://e.example.com/a" },
          b: { fromNumber: "+12025550132", webhookPath: "/b", publicWebhookUrl: "https://e.example.com/b" },
        },
      } },
      gateway: { auth: { token: "x" } },
      secrets: { providers: { vault: { source: "exec", command: "\${HOME}/vault", jsonOnly: false } } },
    }`,
  });
  const log = `${folder.home}/asked`;
  const script = `#!/bin/sh\nread -r request\necho asked >> ${log}\necho secret\n`;
  await Deno.writeTextFile(`${folder.home}/vault`, script, { mode: 0o700 });
  const { settings } = await folder.load({ HOME: folder.home });
  assertEquals(settings!.accounts.map(({ authToken }) => authToken), ["secret", "secret"]);
  assertEquals(await Deno.readTextFile(log), "asked\n");
});

Deno.test("loadSettings() takes an empty secret for missing, and policies for incomplete without what they require", async () => {
  const problemsOf = async (sms: string, env: Record<string, string> = {}) => {
    await using folder = await createFolder({
      own: `{ channels: { sms: { accountSid: "${SID}", fromNumber: "+12025550123",
        publicWebhookUrl: "https://g.example.com/webhooks/sms", ${sms} } },
        gateway: { auth: { token: "t" } } }`,
      env,
    });
    return (await folder.load()).problems.map(({ name, problem }) => `${name} ${problem}`);
  };
  assertEquals(await problemsOf('authToken: ""'), ["channels.sms.authToken is empty"]);
  assertEquals(await problemsOf('authToken: " "'), ["channels.sms.authToken is empty"]);
  assertEquals(await problemsOf('authToken: "$EMPTY"', { EMPTY: "" }), [
    "channels.sms.authToken names EMPTY, which is not set",
  ]);
  assertEquals(await problemsOf('authToken: "t", dmPolicy: "allowlist"'), [
    "channels.sms.allowFrom is empty, and dmPolicy allowlist requires a number in it",
  ]);
  assertEquals(await problemsOf('authToken: "t", dmPolicy: "open", allowFrom: ["+12025550111"]'), [
    'channels.sms.allowFrom must hold "*", as dmPolicy open requires it',
  ]);
  assertEquals(await problemsOf('authToken: "t", dmPolicy: "open", allowFrom: ["*"]'), []);
});

Deno.test("loadSettings() takes the last of keys that stand twice in the Gateway's file, with a warning", async () => {
  const sms = `accountSid: "${SID}", authToken: "t", fromNumber: "+12025550123", enabled: false,
    publicWebhookUrl: "https://e.example.com/a"`;
  await using folder = await createFolder({
    gateway: `{ channels: { sms: { ${sms},
      dmPolicy: "open",
      dmPolicy: "disabled" } } }`,
  });
  const loaded = await folder.load({ SMS_BRIDGE_GATEWAY_TOKEN: "t" });
  assertEquals(loaded.problems.map(({ name }) => name), []);
  assertEquals(loaded.settings!.accounts[0]!.dmPolicy, "disabled");
  assertMatch(
    loaded.settings!.warnings.join("\n"),
    /openclaw\.json:4 repeats channels\.sms\.dmPolicy of line 3: the last counts/,
  );
});

Deno.test("loadSettings() refuses what the Gateway refuses to take for an object", async () => {
  const complete = {
    TWILIO_ACCOUNT_SID: SID,
    TWILIO_AUTH_TOKEN: "t",
    TWILIO_PHONE_NUMBER: "+12025550123",
    SMS_PUBLIC_WEBHOOK_URL: "https://e.example.com/a",
    SMS_BRIDGE_GATEWAY_TOKEN: "t",
  };
  for (
    const [gateway, name] of [
      [`{ channels: "x" }`, "channels"],
      [`{ channels: [] }`, "channels"],
      [`{ channels: null }`, "channels"],
      [`{ channels: { sms: "x" } }`, "channels.sms"],
      [`{ channels: { sms: { enabled: false, accounts: "x" } } }`, "channels.sms.accounts"],
      [`{ gateway: 5 }`, "gateway"],
    ] as const
  ) {
    await using folder = await createFolder({ gateway });
    const { problems, settings } = await folder.load(complete);
    assertEquals([settings, problems.map((one) => one.name)], [null, [name]], gateway);
    assertMatch(problems[0]!.problem, /must be an object/);
    assertMatch(problems[0]!.where!, /openclaw\.json:1$/);
  }
  await using fine = await createFolder({ gateway: "{ channels: {} }" });
  assertEquals((await fine.load(complete)).problems, []);
});

Deno.test("loadSettings() refuses one address for both listeners, which could not serve", async () => {
  const problemsOf = async (adminListen: string) => {
    await using folder = await createFolder({
      own: OWN.replace(
        "gateway:",
        `bridge: { listen: "127.0.0.1:8787", adminListen: "${adminListen}" }, gateway:`,
      ),
      env: ENV,
    });
    return (await folder.load()).problems.map(({ name }) => name);
  };
  assertEquals(await problemsOf("127.0.0.1:8787"), ["bridge.adminListen"]);
  assertEquals(await problemsOf("127.0.0.1:8788"), []);
  assertEquals(await problemsOf("off"), []);
});

Deno.test("loadSettings() shows no whole number that stands without quotes", async () => {
  await using folder = await createFolder({
    own: OWN.replace(
      '"+12025550199",',
      "+12025550199, defaultTo: 12025550142, allowFrom: 12025550143,",
    )
      .replace("accountSid:", "name: 12025550144, accountSid:"),
    env: ENV,
  });
  const text = told(await folder.load());
  for (const key of ["fromNumber", "defaultTo", "allowFrom", "name"]) {
    assertStringIncludes(text, `channels.sms.${key} must be`);
  }
  assert(!text.includes("2025550"), text);
});

Deno.test("loadSettings() shows how a variable holds a list, which is not as a file holds it", async () => {
  await using folder = await createFolder({ env: { ...ENV, SMS_BRIDGE_OWNERS: "5551234" } });
  const [, example = ""] = told(await folder.load()).match(/→ as in "(.*)"/) ?? [];
  const again = await folder.load({ ...ENV, SMS_BRIDGE_OWNERS: example });
  assertEquals(again.settings?.bridge.ownerAllowFrom, [example]);
});

Deno.test("loadSettings() tells a number that no JSON knows as it stands", async () => {
  await using folder = await createFolder({
    own: OWN.replace("accountSid:", "textChunkLimit: Infinity, mediaMaxMb: NaN, accountSid:"),
    env: ENV,
  });
  const text = told(await folder.load());
  assertStringIncludes(text, "it is Infinity");
  assertStringIncludes(text, "it is NaN");
});

Deno.test("loadSettings() wants a token with a store on another machine, and tells once where one cannot be read", async () => {
  await using folder = await createFolder({});
  const problemsOf = async (more: Record<string, string>) =>
    (await folder.load({ ...ENV, SMS_BRIDGE_STORE: "https://kv.example.net", ...more }))
      .problems.map(({ name, problem }) => `${name} ${problem}`);
  assertEquals(await problemsOf({}), [
    "bridge.storeToken is missing, which bridge.store needs",
  ]);
  assertEquals(await problemsOf({ SMS_BRIDGE_STORE_TOKEN: "store-token" }), []);
  assertEquals((await problemsOf({ SMS_BRIDGE_STORE_TOKEN: "$ABSENT" })).length, 1);
  for (const token of ["two words", "two\nlines", "tök€n"]) {
    const problems = await problemsOf({ SMS_BRIDGE_STORE_TOKEN: token });
    assertEquals(problems, [
      "bridge.storeToken must be letters, digits and signs of ASCII without spaces and line breaks",
    ]);
  }
});

Deno.test("loadSettings() takes no URL of a store that says more than where it is", async () => {
  await using folder = await createFolder({});
  const problemsOf = async (url: string) =>
    (await folder.load({ ...ENV, SMS_BRIDGE_STORE: url, SMS_BRIDGE_STORE_TOKEN: "store-token" }))
      .problems.map(({ problem }) => problem);
  const whole = ["https://kv.example.net/base/", "HTTPS://KV.example.net", "http://[::1]:4512"];
  for (const url of whole) assertEquals(await problemsOf(url), [], url);
  const wrong = ["?db=1", "#db", "?"].map((end) => `https://kv.example.net/${end}`);
  for (const url of [...wrong, "https://u:p@kv.example.net", "http://10.0.0.5:4512"]) {
    assertEquals((await problemsOf(url)).length, 1, url);
  }
});
