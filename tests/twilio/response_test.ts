import { assertEquals } from "@std/assert";
import { interpretRead, interpretSend, retryAfterMs } from "../../src/twilio/response.ts";

const SID = `SM${"0".repeat(32)}`;

function sendOf(status: number, body: string | null) {
  return interpretSend({ status, retryAfter: null, body }, 0);
}

Deno.test("retryAfterMs() reads seconds and dates, and nothing else", () => {
  const nowMs = Date.UTC(2026, 10, 23, 12, 0, 0);
  assertEquals(retryAfterMs("2", nowMs), 2_000);
  assertEquals(retryAfterMs("Mon, 23 Nov 2026 12:00:30 GMT", nowMs), 30_000);
  assertEquals(retryAfterMs("Mon, 23 Nov 2026 11:00:00 GMT", nowMs), 0);
  for (const long of ["3601", "99999999999999999999", "Mon, 23 Nov 2099 12:00:00 GMT"]) {
    assertEquals(retryAfterMs(long, nowMs), 3_600_000, "an hour at most");
  }
  for (const odd of [null, "", "-1", "1.5", "soon", "0x10", "Mon, never"]) {
    assertEquals(retryAfterMs(odd, nowMs), undefined, String(odd));
  }
});

Deno.test("interpretSend() never calls it sent without a SID of a message", () => {
  const bodies = ["", "{}", "null", "[]", '"ok"', "7", "<html>", '{"sid":""}', '{"sid":7}', null];
  bodies.push(`{"sid":"${SID}`, `[{"sid":"${SID}"}]`, `{"sid":["${SID}"]}`, `{"SID":"${SID}"}`);
  bodies.push(`{"sid":"${SID}0"}`, `{"sid":" ${SID}"}`, `<html>{"sid":"${SID}"}</html>`);
  for (const body of bodies) assertEquals(sendOf(201, body).kind, "unknown", String(body));
  assertEquals(sendOf(201, '{"code":21610,"message":"x","status":400}').kind, "unknown");
  assertEquals(sendOf(201, `{"sid":"AC${"0".repeat(32)}"}`).kind, "unknown");
  assertEquals(sendOf(201, `{"sid":"${SID}"}`), {
    kind: "sent",
    sid: SID,
    status: "accepted",
    segments: 0,
    errorCode: null,
  });
});

Deno.test("interpretSend() refuses only on an error object of Twilio's", () => {
  assertEquals(sendOf(400, '{"code":"21610","message":"x"}').kind, "refused");
  assertEquals(sendOf(401, '{"message":"Authenticate"}'), {
    kind: "refused",
    httpStatus: 401,
    code: null,
    class: "credentials",
    message: "HTTP 401: Authenticate",
  });
  for (const [status, body] of [[403, "<html>"], [404, ""], [408, "{}"], [302, "{}"]] as const) {
    assertEquals(sendOf(status, body).kind, "unknown", `${status} ${body}`);
  }
});

Deno.test("interpretSend() keeps to the status whatever strange code comes with it", () => {
  for (const code of ["1e21", "-1", "21610.5", "null", "true", "[]", '"x"', "123456789012345678"]) {
    const body = `{"code":${code},"message":"x"}`;
    assertEquals(sendOf(400, body).kind, "refused", code);
    assertEquals(sendOf(503, body).kind, "unknown", code);
    assertEquals(sendOf(429, body).kind, "unprocessed", code);
    assertEquals(sendOf(201, body).kind, "unknown", code);
  }
  const huge = `{"sid":"${SID}","status":7,"num_segments":"99999999999","error_code":"?"}`;
  const outcome = sendOf(201, huge);
  assertEquals(outcome, {
    kind: "sent",
    sid: SID,
    status: "accepted",
    segments: 0,
    errorCode: null,
  });
});

Deno.test("interpretSend() calls a rate limit unprocessed, but not in a 5xx", () => {
  assertEquals(sendOf(400, '{"code":14107,"message":"slow"}').kind, "unprocessed");
  assertEquals(sendOf(429, "<html>Too many</html>").kind, "unprocessed");
  assertEquals(sendOf(503, '{"code":20429,"message":"slow"}').kind, "unknown");
});

Deno.test("interpretSend() masks what Twilio says in its own words", () => {
  const outcome = sendOf(400, '{"code":29998,"message":"no \\u001b[31mroute to +14155550100"}');
  assertEquals(
    outcome.kind === "refused" && outcome.message,
    "29998: no  [31mroute to +1•••••0100",
  );
});

Deno.test("interpretRead() wants a JSON object", () => {
  const readOf = (status: number, body: string | null) => {
    const outcome = interpretRead({ status, retryAfter: null, body }, 0);
    return outcome.kind === "ok" ? outcome.value : outcome.reason;
  };
  assertEquals(readOf(200, '{"a":1}'), { a: 1 });
  assertEquals(readOf(200, "[]"), "foreign-answer");
  assertEquals(readOf(200, null), "body-cut");
  assertEquals(readOf(404, '{"code":20404}'), "refused");
  assertEquals(readOf(404, "<html>"), "foreign-answer");
  assertEquals(readOf(500, ""), "server-error");
  assertEquals(readOf(429, ""), "rate");
});

Deno.test("interpretSend() takes no number of somebody's for a code of Twilio's", () => {
  for (const code of ['"+15557654321"', "15557654321", '"15557654321"', "1e400", "-21610", "1.5"]) {
    const body = `{"code":${code},"message":"no","error_code":${code}}`;
    const refused = sendOf(400, body);
    assertEquals(refused.kind === "refused" && [refused.code, refused.message], [
      null,
      "HTTP 400: no",
    ]);
    const sent = sendOf(201, body.replace("{", `{"sid":"${SID}",`));
    assertEquals(sent.kind === "sent" && sent.errorCode, null);
  }
});

Deno.test("interpretSend() and interpretRead() read nothing that nests too deep", () => {
  const body = `{"sid":"${SID}","a":${"[".repeat(300)}${"]".repeat(300)}}`;
  assertEquals(sendOf(201, body).kind, "unknown");
  assertEquals(interpretRead({ status: 200, retryAfter: null, body }, 0).kind, "failed");
});
