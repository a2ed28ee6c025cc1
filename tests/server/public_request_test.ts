import { assertEquals } from "@std/assert";
import { publicRequest } from "../../src/server/public_request.ts";

Deno.test("publicRequest() tells an answer with its status and headers, redirects included", async () => {
  const seen: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      seen.push(`${request.method} ${await request.text()} ${request.headers.get("x-test")}`);
      return new Response("moved", { status: 302, headers: { location: "/elsewhere" } });
    },
  );
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const post = { headers: { "x-test": "yes" }, body: "a=b" };
  const answer = await publicRequest(url, post, 5_000);
  await server.shutdown();
  assertEquals(answer.kind === "answer" && answer.status, 302);
  assertEquals(answer.kind === "answer" && answer.headers.get("location"), "/elsewhere");
  assertEquals(seen, ["POST a=b yes"]);
});

Deno.test("publicRequest() says why nothing answers", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = silent.addr as Deno.NetAddr;
  const reason = async (url: string) => {
    const answer = await publicRequest(url, null, 300);
    return answer.kind === "none" ? answer.reason : answer.status;
  };
  const held = silent.accept();
  assertEquals(await reason(`http://127.0.0.1:${port}/tls`), "timeout");
  (await held).close();
  silent.close();
  assertEquals(await reason(`http://127.0.0.1:${port}/certificate`), "refused");
});

Deno.test("publicRequest() tells a host that does not speak TLS from one that is not there", async () => {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("plain"),
  );
  const answer = await publicRequest(`https://127.0.0.1:${server.addr.port}/`, null, 5_000);
  await server.shutdown();
  assertEquals(answer, { kind: "none", reason: "tls" });
});
