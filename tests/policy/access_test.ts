import { assertEquals } from "@std/assert";
import { type AccessInput, accessProblems, decideAccess } from "../../src/policy/access.ts";
import type { Phone } from "../../src/policy/phone.ts";
import { senderPolicy } from "../vectors/adapt_policy.ts";
import vectors from "../vectors/sender-policy.json" with { type: "json" };

const ANN = "+12025550111" as Phone;
const BOB = "+12025550112" as Phone;

function decide(input: Partial<AccessInput>): string {
  const access = decideAccess({
    dmPolicy: "pairing",
    allowFrom: [],
    from: ANN,
    paired: false,
    ...input,
  });
  return `${access.kind} ${access.reason}`;
}

Deno.test("senderPolicy() decides every vector as OpenClaw does, or more strictly where it may", () => {
  const rank = { allow: 2, pairing: 1, block: 0, "no-sender": 0 };
  for (const vector of vectors.cases) {
    const wanted = vector.openclaw.decision as keyof typeof rank;
    const got = senderPolicy(vector);
    const strict = !["near-miss", "sender-form", "odd-policy"].includes(vector.cat);
    const fits = strict ? rank[got] === rank[wanted] : rank[got] <= rank[wanted];
    assertEquals(fits, true, `${vector.id}: ${got} for ${wanted}`);
  }
});

Deno.test("decideAccess() under pairing admits the listed and the paired, and asks the others", () => {
  assertEquals(decide({}), "pair pairing-required");
  assertEquals(decide({ dmPolicy: undefined }), "pair pairing-required");
  assertEquals(decide({ dmPolicy: null }), "pair pairing-required");
  assertEquals(decide({ paired: true }), "allow paired");
  assertEquals(decide({ allowFrom: [" sms:+1 (202) 555-0111 "] }), "allow allowlisted");
});

Deno.test("decideAccess() under allowlist and open takes no notice of a pairing", () => {
  assertEquals(decide({ dmPolicy: "allowlist", paired: true }), "refuse not-allowlisted");
  assertEquals(decide({ dmPolicy: "open", paired: true }), "refuse not-allowlisted");
  assertEquals(decide({ dmPolicy: "allowlist", allowFrom: ["*"] }), "allow allowlisted");
  assertEquals(decide({ dmPolicy: "open", allowFrom: [" * "] }), "allow open");
  assertEquals(decide({ dmPolicy: "open", allowFrom: [BOB] }), "refuse not-allowlisted");
});

Deno.test("decideAccess() under disabled refuses everyone", () => {
  assertEquals(decide({ dmPolicy: "disabled", allowFrom: ["*"], paired: true }), "refuse disabled");
});

Deno.test("decideAccess() takes an unknown policy for allowlist", () => {
  for (const dmPolicy of ["", "OPEN", "Pairing", "none", "__proto__"]) {
    assertEquals(decide({ dmPolicy, paired: true }), "refuse not-allowlisted", dmPolicy);
    assertEquals(decide({ dmPolicy, allowFrom: [ANN] }), "allow allowlisted", dmPolicy);
  }
});

Deno.test("decideAccess() matches no entry that only resembles the number", () => {
  const near = ["", "**", "+*", "sms:*", "2025550111", "+1202555011", "+120255501111", "alice"];
  const foreign = ["whatsapp:+12025550111", "signal:+12025550111", "+12025550111;ext=1"];
  assertEquals(decide({ allowFrom: [...near, ...foreign] }), "pair pairing-required");
});

Deno.test("decideAccess() looks senders up in access groups", () => {
  const accessGroups = {
    team: { type: "message.senders", members: { sms: ["sms:+1 202 555 0111"], discord: ["1"] } },
    shared: { type: "message.senders", members: { "*": [ANN] } },
    anyone: { type: "message.senders", members: { sms: ["*"] } },
    elsewhere: { type: "message.senders", members: { whatsapp: [ANN] } },
    nested: { type: "message.senders", members: { sms: ["accessGroup:team"] } },
    bare: { type: "message.senders" },
    audience: { type: "discord.channelAudience", members: { sms: [ANN] } },
  };
  const via = (group: string) =>
    decide({ dmPolicy: "allowlist", allowFrom: [`accessGroup:${group}`], accessGroups });
  for (const group of ["team", " team ", "shared", "anyone"]) {
    assertEquals(via(group), "allow allowlisted", group);
  }
  const admitNobody = [
    "elsewhere",
    "nested",
    "bare",
    "audience",
    "gone",
    "",
    "__proto__",
    "toString",
  ];
  for (const group of admitNobody) assertEquals(via(group), "refuse not-allowlisted", group);
  assertEquals(
    decide({ dmPolicy: "open", allowFrom: ["accessGroup:team"] }),
    "refuse not-allowlisted",
  );
  assertEquals(
    decide({ dmPolicy: "open", allowFrom: ["accessGroup:team"], accessGroups }),
    "allow allowlisted",
  );
});

Deno.test("accessProblems() names rules that admit nobody and entries that match nobody", () => {
  const kinds = (rules: Parameters<typeof accessProblems>[0]) =>
    accessProblems(rules).map((problem) => problem.kind);
  assertEquals(kinds({ dmPolicy: "pairing", allowFrom: [] }), []);
  assertEquals(kinds({ dmPolicy: "allowlist", allowFrom: [] }), ["empty-allowlist"]);
  assertEquals(kinds({ dmPolicy: "open", allowFrom: [ANN] }), ["open-without-wildcard"]);
  assertEquals(kinds({ dmPolicy: "OPEN", allowFrom: ["*"] }), ["unknown-policy"]);
  assertEquals(
    accessProblems({
      dmPolicy: "pairing",
      allowFrom: ["*", ANN, "2025550111", "accessGroup:gone", "accessGroup:other"],
      accessGroups: { other: { type: "else" } },
    }),
    [
      { kind: "unreadable-entry", entry: "2025550111" },
      { kind: "missing-group", entry: "accessGroup:gone" },
      { kind: "unsupported-group", entry: "accessGroup:other" },
    ],
  );
});
