import type { IncomingMessage } from "node:http";
import { assertEquals } from "@std/assert";
import { clientAddress, splitTarget } from "../../src/server/request_head.ts";

Deno.test("splitTarget() keeps path and query as they were sent", () => {
  const cases: [target: string, path: string, query: string][] = [
    ["/a?b=c?d&e=%20+", "/a", "?b=c?d&e=%20+"],
    ["/a%2Fb/../c", "/a%2Fb/../c", ""],
    ["http://sms.example.com:443/a?b", "/a", "?b"],
    ["//evil.example/a", "//evil.example/a", ""],
    ["*", "*", ""],
    ["/a#b", "/a#b", ""],
    ["", "", ""],
  ];
  for (const [target, path, query] of cases) assertEquals(splitTarget(target), { path, query });
});

function requestFrom(remoteAddress: string, forwarded?: string): IncomingMessage {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return { socket: { remoteAddress }, headers } as unknown as IncomingMessage;
}

Deno.test("clientAddress() believes a proxy on this machine about the hop that it saw", () => {
  assertEquals(clientAddress(requestFrom("127.0.0.1", "203.0.113.9")), "203.0.113.9");
  assertEquals(clientAddress(requestFrom("::1", "6.6.6.6, 2001:DB8::1")), "2001:db8::1");
  assertEquals(clientAddress(requestFrom("::ffff:127.0.0.1", "203.0.113.9")), "203.0.113.9");
});

Deno.test("clientAddress() takes the peer's own address when the header cannot be believed", () => {
  assertEquals(clientAddress(requestFrom("192.0.2.1", "203.0.113.9")), "192.0.2.1");
  assertEquals(clientAddress(requestFrom("127.0.0.1", "unknown, <script>")), "127.0.0.1");
  assertEquals(clientAddress(requestFrom("127.0.0.1")), "127.0.0.1");
});
