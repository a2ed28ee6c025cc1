import { assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import vectors from "../vectors/http-raw.json" with { type: "json" };
import { connectRaw, isWholeAnswer } from "./raw_http.ts";
import { CLOSES_STALLED, withWebhookServer } from "./webhook_server.ts";

/** Longer than the deadlines below. */
const WAIT_MS = 150;

Deno.test("startWebhookServer() survives the bytes of http-raw.json and keeps the bad ones from the route", async (t) => {
  let reached = 0;
  // Any path but one leads to the route, so that nothing but the parser keeps bad bytes from it.
  const routeFor = (path: string) =>
    path === "/alive" ? undefined : () => {
      reached += 1;
      return Promise.resolve({ kind: "accepted" } as const);
    };
  const limits = { headersTimeoutMs: 100, bodyTimeoutMs: 100 };
  await withWebhookServer({ routeFor, limits }, async ({ port }) => {
    for (const { id, note, raw, expect } of vectors.cases) {
      // HTTP/2 frames are an answer of Deno.serve's.
      const ignore = note === "HTTP/2 preface" && !CLOSES_STALLED;
      await t.step({
        name: `${id} ${note}`,
        ignore,
        fn: async () => {
          reached = 0;
          const connection = await connectRaw(port);
          await connection.send(raw).catch(() => {});
          const giveUp = setTimeout(() => connection.close(), WAIT_MS);
          const { text } = await connection.receive(isWholeAnswer);
          clearTimeout(giveUp);
          connection.close();
          assertMatch(text, /^$|^HTTP\/1\.[01] \d{3}/);
          assertNotMatch(text, /HTTP\/1\.1 5(?!03)\d\d/);
          if (expect === "must-not-reach-handler") assertEquals(reached, 0);

          const next = await connectRaw(port);
          await next.send("GET /alive HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
          assertMatch((await next.receive()).text, /^HTTP\/1\.1 404/);
          next.close();
        },
      });
    }
  });
});
