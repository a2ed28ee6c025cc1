import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { adminDocument } from "../../src/admin/document.ts";
import { adminMain, type AdminView, escapeHtml } from "../../src/admin/html.ts";
import { parsePhone } from "../../src/policy/phone.ts";

const NOW_MS = Date.UTC(2026, 0, 1);
const HOSTILE = `<img src=x onerror="alert('1')">&`;

function view(more: Partial<AdminView> = {}): AdminView {
  return {
    csrf: "token",
    pending: [{
      code: "ABCD2345",
      account: HOSTILE,
      phone: parsePhone("+12025550102")!,
      createdAtMs: NOW_MS - 125_000,
      expiresAtMs: NOW_MS + 1,
      lastReplyAtMs: NOW_MS,
      leftMs: 1,
    }],
    messages: [{
      id: "1",
      account: HOSTILE,
      direction: "in",
      number: HOSTILE,
      atMs: NOW_MS,
      status: HOSTILE,
      detail: "",
      segments: 1,
      advice: "ask the carrier",
      trouble: null,
      chunks: [],
      body: "a private text",
    }],
    status: {
      version: "1",
      running: true,
      ready: false,
      reasons: [HOSTILE],
      atMs: NOW_MS,
      startedAtMs: NOW_MS,
      listen: null,
      adminListen: null,
      gateway: {
        state: "not-running",
        ok: false,
        advice: "restart the Gateway",
        version: null,
        agent: null,
      },
      accounts: [],
      errors: [{ atMs: NOW_MS, account: HOSTILE, code: "x", message: HOSTILE, fix: "mend it" }],
      warnings: [HOSTILE],
    },
    ...more,
  };
}

Deno.test("escapeHtml() leaves nothing that ends an element or a quoted attribute", () => {
  assertEquals(
    escapeHtml(`<a href="x" id='y'>&`),
    "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;",
  );
});

Deno.test("adminMain() shows foreign text as text, and no number or body", () => {
  const html = adminMain(view());
  assert(!html.includes("<img"));
  for (const hidden of ["+12025550102", "a private text"]) assert(!html.includes(hidden));
  for (
    const shown of [
      "+1•••••0102",
      "ABCD2345",
      "restart the Gateway",
      "mend it",
      "ask the carrier",
      "2m ago",
    ]
  ) {
    assertStringIncludes(html, shown);
  }
});

Deno.test("adminMain() stays the same within a minute when nothing happens", () => {
  const { status } = view();
  const later = (ms: number) => adminMain(view({ status: { ...status, atMs: NOW_MS + ms } }));
  assertEquals(later(20_000), later(50_000));
  assert(later(20_000) !== later(80_000));
});

Deno.test("adminDocument() loads nothing from elsewhere and tells what was done as text", () => {
  const html = adminDocument({ nonce: "n0nce", notice: HOSTILE, main: "" });
  assert(!/<img|https?:|<script(?! nonce="n0nce")|<style(?! nonce="n0nce")| style=/.test(html));
  assertStringIncludes(html, escapeHtml(HOSTILE));
});

Deno.test("adminMain() says on the button that an approval texts the person", () => {
  assertStringIncludes(adminMain(view()), ">Approve and text them</button>");
});
