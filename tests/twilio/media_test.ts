import { assert, assertEquals } from "@std/assert";
import { startFakeTwilio } from "../../src/sim/twilio.ts";
import { createSimClock } from "../../src/sim/clock.ts";
import { type Clock, systemClock } from "../../src/system/clock.ts";
import {
  fetchMedia,
  type MediaFile,
  type MediaOptions,
  type MediaRequest,
} from "../../src/twilio/media.ts";
import { sniffType } from "../../src/twilio/sniff.ts";
import { HOSTILE_URLS, NEAR_MISSES } from "./hostile_urls.ts";

const OWNER = { accountSid: `AC${"0".repeat(32)}`, messageSid: `MM${"1".repeat(32)}` };
const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]);
/** Pauses end at once, time limits never. */
const impatient: Clock = {
  now: systemClock.now,
  after: (delayMs, fn) => systemClock.after(delayMs < 10_000 ? 0 : 2 ** 31 - 1, fn),
};

function mediaUrl(index: number): string {
  const { accountSid, messageSid } = OWNER;
  const sid = `ME${String(index).padStart(32, "0")}`;
  return `https://api.twilio.com/2010-04-01/Accounts/${accountSid}/Messages/${messageSid}/Media/${sid}`;
}

/** A request that a fetch was asked for. */
interface Asked {
  readonly url: string;
  readonly authorization: string | null;
}

/** Answers without a network and notes what it was asked. */
function network(answer: (url: string) => Response) {
  const asked: Asked[] = [];
  const fetch = (input: RequestInfo | URL, init?: RequestInit) => {
    const url = String(input);
    asked.push({ url, authorization: new Headers(init?.headers).get("authorization") });
    return Promise.resolve(answer(url));
  };
  const options: MediaOptions = {
    username: OWNER.accountSid,
    password: "token",
    clock: impatient,
    fetch: fetch as typeof globalThis.fetch,
  };
  return { asked, options };
}

function fetchFiles(
  urls: string[],
  options: MediaOptions,
  more: Pick<MediaRequest, "bytesMax" | "fileBytesMax" | "signal"> = {},
): Promise<MediaFile[]> {
  const { accountSid, messageSid } = OWNER;
  const media = urls.map((url) => ({ url, contentType: "image/png", messageSid }));
  return fetchMedia({ accountSid, media, ...more }, options);
}

function faults(files: MediaFile[]): string[] {
  return files.map((file) => file.kind === "file" ? file.contentType : file.fault);
}

function redirect(location: string): Response {
  return new Response(null, { status: 307, headers: { location } });
}

Deno.test("fetchMedia() gets a file of the fake Twilio over its redirect, without credentials there", async () => {
  const fake = startFakeTwilio();
  const text = {
    from: "+14155550100",
    text: "look",
    media: [{ contentType: "image/gif", bytes: PNG }],
  };
  await fake.inbound(text);
  const message = fake.messages[0]!;
  const path = `/2010-04-01/Accounts/${fake.accountSid}/Messages/${message.sid}/Media`;
  const files = await fetchMedia({
    accountSid: fake.accountSid,
    media: [{
      messageSid: message.sid,
      url: `${fake.url}${path}/${message.media[0]!.sid}`,
      contentType: "image/gif",
    }],
  }, {
    username: fake.accountSid,
    password: fake.authToken,
    baseUrl: fake.url,
    clock: systemClock,
  });
  assertEquals(files, [{ kind: "file", bytes: PNG, contentType: "image/png" }]);
  assertEquals(fake.mediaLeaks, []);
  await fake.close();
});

Deno.test("fetchMedia() gives its credentials to Twilio's API only", async () => {
  const storage = "https://mms.twiliocdn.com/a";
  const { asked, options } = network((url) =>
    url === storage
      ? redirect("https://api.twilio.com/b")
      : url.endsWith("/b")
      ? new Response(PNG)
      : redirect(storage)
  );
  assertEquals(faults(await fetchFiles([mediaUrl(0)], options)), ["image/png"]);
  assertEquals(asked.map(({ authorization }) => authorization !== null), [true, false, false]);
});

Deno.test("fetchMedia() connects nowhere for a URL that is not of this message", async () => {
  const { asked, options } = network(() => new Response(PNG));
  const urls = ["http://127.0.0.1/", "https://api.twilio.com@evil.example/", `${mediaUrl(0)}?x`];
  const foreign = ["foreign-url", "foreign-url", "foreign-url"];
  assertEquals(faults(await fetchFiles(urls, options)), foreign);
  assertEquals(asked, []);
});

Deno.test("fetchMedia() stops at a redirect that it may not follow, and at the fourth", async () => {
  const evil = network(() => redirect("http://169.254.169.254/latest/meta-data"));
  assertEquals(faults(await fetchFiles([mediaUrl(0)], evil.options)), ["bad-redirect"]);
  assertEquals(evil.asked.length, 1);
  const circle = network(() => redirect("https://mms.twiliocdn.com/again"));
  assertEquals(faults(await fetchFiles([mediaUrl(0)], circle.options)), ["bad-redirect"]);
  assertEquals(circle.asked.length, 4);
});

Deno.test("fetchMedia() takes ten files and their bytes together within the limit", async () => {
  const { asked, options } = network(() => new Response(PNG));
  const urls = Array.from({ length: 11 }, (_, index) => mediaUrl(index));
  assertEquals(faults(await fetchFiles(urls, options)).at(-1), "too-many");
  assertEquals(asked.length, 10);
  const tight = { bytesMax: 2 * PNG.length + 1 };
  assertEquals(faults(await fetchFiles(urls.slice(0, 3), options, tight)), [
    "image/png",
    "image/png",
    "too-large",
  ]);
});

Deno.test("fetchMedia() takes each file within the limit of one, however many there are", async () => {
  const { options } = network((url) =>
    new Response(url === mediaUrl(1) ? new Uint8Array([...PNG, 0]) : PNG)
  );
  const urls = [mediaUrl(0), mediaUrl(1), mediaUrl(2)];
  assertEquals(faults(await fetchFiles(urls, options, { fileBytesMax: PNG.length })), [
    "image/png",
    "too-large",
    "image/png",
  ]);
});

Deno.test("fetchMedia() stops reading a file that never ends", async () => {
  let pulled = 0;
  const { options } = network(() =>
    new Response(
      new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(1024 * 1024));
        },
      }),
    )
  );
  assertEquals(faults(await fetchFiles([mediaUrl(0)], options)), ["too-large"]);
  assert(pulled < 10, `${pulled} MiB were read`);
});

Deno.test("fetchMedia() asks for ten seconds for a file that Twilio fails to hand over", async () => {
  const clock = createSimClock();
  const answers = [503, 403, 200, 500, 502, 503, 504];
  const { asked, options } = network(() => new Response(PNG, { status: answers.shift()! }));
  const files = fetchFiles([mediaUrl(0), mediaUrl(1)], { ...options, clock });
  await clock.advance(4_000);
  assertEquals(asked.length, 4);
  await clock.advance(10_000);
  assertEquals(faults(await files), ["image/png", "failed"]);
  assertEquals(asked.length, 7);
});

Deno.test("fetchMedia() waits at least 20 s for a file that Twilio does not have yet", async () => {
  const clock = createSimClock();
  const { asked, options } = network(() =>
    asked.length < 5 ? new Response(null, { status: 404 }) : new Response(PNG)
  );
  const late = fetchFiles([mediaUrl(0)], { ...options, clock });
  await clock.advance(20_000);
  assertEquals(faults(await late), ["image/png"]);

  const never = network(() => new Response(null, { status: 404 }));
  let ended = false;
  const missing = fetchFiles([mediaUrl(0)], { ...never.options, clock });
  missing.then(() => ended = true);
  await clock.advance(20_000);
  assertEquals(ended, false);
  await clock.advance(2_000);
  assertEquals(faults(await missing), ["not-found"]);
});

Deno.test("fetchMedia() takes the other files when one is empty", async () => {
  const { options } = network((url) => new Response(url === mediaUrl(1) ? "" : PNG));
  const urls = [mediaUrl(0), mediaUrl(1), mediaUrl(2)];
  assertEquals(faults(await fetchFiles(urls, options)), ["image/png", "empty", "image/png"]);
});

Deno.test("fetchMedia() gives up on a host that does not answer", async () => {
  const clock = createSimClock();
  const never = (_: RequestInfo | URL, init?: RequestInit) =>
    new Promise<Response>((_, reject) => {
      init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
    });
  const { options } = network(() => new Response());
  const files = fetchFiles([mediaUrl(0)], { ...options, clock, fetch: never as typeof fetch });
  await clock.advance(60_000);
  assertEquals(faults(await files), ["timeout"]);
  assertEquals(clock.timers, 0);
});

Deno.test("sniffType() believes bytes, not declarations", () => {
  const utf8 = new TextEncoder();
  assertEquals(sniffType(PNG, "text/html"), "image/png");
  assertEquals(sniffType(new Uint8Array([0xff, 0xd8, 0xff, 0xe0]), ""), "image/jpeg");
  assertEquals(sniffType(utf8.encode("GIF89a…"), ""), "image/gif");
  assertEquals(sniffType(utf8.encode("RIFF\0\0\0\0WEBPVP8 "), ""), "image/webp");
  assertEquals(sniffType(utf8.encode("\0\0\0\x18ftypheic"), ""), "image/heic");
  for (const brand of ["heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1"]) {
    assertEquals(sniffType(utf8.encode(`\0\0\0\x18ftyp${brand}`), ""), "image/heic");
  }
  assertEquals(sniffType(new Uint8Array([0xff, 0xf1, 0x50, 0x80]), "audio/mpeg"), "audio/aac");
  assertEquals(sniffType(new Uint8Array([0xff, 0xfb, 0x90, 0x44]), ""), "audio/mpeg");
  assertEquals(sniffType(utf8.encode("\0\0\0\x18ftyp3gp5"), ""), "video/3gpp");
  assertEquals(sniffType(utf8.encode("%PDF-1.7"), ""), "application/pdf");
  assertEquals(sniffType(utf8.encode("BEGIN:VCARD\r\n"), "text/x-vcard"), "text/vcard");
  assertEquals(
    sniffType(utf8.encode("<svg onload=x>"), "image/svg+xml"),
    "application/octet-stream",
  );
  assertEquals(sniffType(utf8.encode("hello"), "text/html"), "text/plain");
  assertEquals(sniffType(utf8.encode("a,b\n1,2"), "text/csv; charset=utf-8"), "text/csv");
  assertEquals(sniffType(utf8.encode("{\\rtf1 hello}"), "text/plain"), "text/rtf");
  assertEquals(sniffType(utf8.encode("RIFF\0\0\0\0WAVEfmt "), ""), "audio/wav");
  assertEquals(sniffType(new Uint8Array([0, 0, 1, 0xba]), ""), "video/mpeg");
  assertEquals(sniffType(new Uint8Array([0xc3]), "text/plain"), "application/octet-stream");
  assertEquals(sniffType(new Uint8Array(0), "image/png"), "application/octet-stream");
});

Deno.test("fetchMedia() asks nobody for any of 300 hostile URLs", async () => {
  const { asked, options } = network(() => new Response(PNG));
  for (const url of [...HOSTILE_URLS, ...NEAR_MISSES]) {
    assertEquals(faults(await fetchFiles([url], options)), ["foreign-url"], url);
  }
  assertEquals(asked, []);
});

Deno.test("fetchMedia() goes to none of the hostile redirects, and hands no credentials on", async () => {
  for (const target of HOSTILE_URLS) {
    const { asked, options } = network((url) =>
      url === mediaUrl(1) ? redirect(encodeURI(target)) : new Response(PNG)
    );
    await fetchFiles([mediaUrl(1)], options);
    assertEquals(asked.map(({ url }) => url), [mediaUrl(1)], target);
  }
});
