import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createWorld, type World } from "../e2e/program.ts";
import { findChromium, openPage, type Page } from "./devtools.ts";

const ANN = "+12025550101";
const BOB = "+12025550102";

const asked = Deno.env.get("SMS_BRIDGE_BROWSER") === "1";
const program = asked ? await findChromium() : null;
if (asked && program === null) {
  // deno-lint-ignore no-console
  console.log("skipped: there is no Chromium on PATH to open the admin page with");
}
const PHONE = { width: 375, height: 740, deviceScaleFactor: 2, mobile: true };
const NARROW = { ...PHONE, width: 320 };
const DESK = { width: 1280, height: 800, deviceScaleFactor: 1, mobile: false };
const ROOMS = {
  now: "/",
  conversations: "/conversations",
  people: "/people",
  money: "/money",
  queues: "/queues",
  doctor: "/doctor",
};

/** What a screen reader could not name: buttons, links, fields and pictures. */
const NAMELESS =
  `[...document.querySelectorAll("button, a, input:not([type=hidden]), svg[role=img]")]
  .filter((one) => !(one.ariaLabel || one.textContent.trim() || one.labels?.[0]?.textContent.trim()))
  .map((one) => one.outerHTML)`;

/** Text with less contrast to what is behind it than WCAG AA asks, 4.5 to 1. */
const FAINT = `(() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((one) => one / 255)
      .map((one) => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (!/, 0\\)$|transparent/.test(backgroundColor)) return backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  return [...document.querySelectorAll("body *")].filter((one) =>
    [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) &&
    !one.closest("script, style, noscript, title, .unseen") && one.getClientRects().length > 0
  ).flatMap((one) => {
    const [a, b] = [light(getComputedStyle(one).color), light(behind(one))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    return ratio < 4.5 ? [one.tagName + " " + ratio.toFixed(2) + " " + one.textContent] : [];
  });
})()`;

/** Heads of tables and numbers that break within a word. */
const BROKEN = `[...document.querySelectorAll("thead th, td")].filter((one) =>
  getComputedStyle(one).overflowWrap !== "normal").map((one) => one.textContent)`;

/** Buttons too small for a thumb. */
const SMALL =
  `[...document.querySelectorAll("button")].filter((one) => one.getClientRects().length > 0 &&
  one.getBoundingClientRect().height < 44).map((one) => one.id)`;

/** A bridge with somebody let in who texted, and a browser in its admin page. */
async function enter(world: World): Promise<Page> {
  await world.run("pair", "allow", ANN);
  await world.serve();
  await world.twilio.inbound({ from: ANN, text: "the body of a text" });
  await world.twilio.nextMessage();
  await world.twilio.inbound({ from: BOB, text: "let me in" });
  await world.twilio.nextMessage();
  await world.run("pair", "name", ANN, "Ada");
  const page = await openPage(program!);
  await page.call("Emulation.setDeviceMetricsOverride", PHONE);
  await page.open(JSON.parse((await world.run("admin", "url", "--json")).stdout).url);
  return page;
}

/** Goes with the Tab key to the element with this id and presses Enter. */
async function pressByKeyboard(page: Page, id: string): Promise<void> {
  const key = async (name: string, text?: string) => {
    const code = name === "Tab" ? 9 : 13;
    const event = { key: name, code: name, windowsVirtualKeyCode: code };
    const down = text === undefined ? { type: "rawKeyDown" } : { type: "keyDown", text };
    await page.call("Input.dispatchKeyEvent", { ...event, ...down });
    await page.call("Input.dispatchKeyEvent", { ...event, type: "keyUp" });
  };
  for (let i = 0; i < 20; i++) {
    await key("Tab");
    if (await page.read("document.activeElement.id") === id) return await key("Enter", "\r");
  }
  throw new Error(`the keyboard does not reach ${id}`);
}

Deno.test({
  name: "the admin page approves by keyboard, stays up to date, and shows nothing secret",
  ignore: program === null,
  async fn() {
    await using world = await createWorld();
    await using page = await enter(world);
    assertEquals(await page.read("location.pathname + location.search"), "/");
    const html = await page.read<string>("document.documentElement.outerHTML");
    for (
      const secret of [
        world.env.TWILIO_AUTH_TOKEN!,
        world.env.SMS_BRIDGE_GATEWAY_TOKEN!,
        world.twilio.accountSid,
        ANN,
        BOB,
        "the body of a text",
        "let me in",
      ]
    ) assert(!html.includes(secret), secret);
    const id = await page.read<string>("document.querySelector('button.approve').id");
    await pressByKeyboard(page, id);
    await page.until("document.getElementById('notice') !== null");
    assertMatch(await page.read("document.getElementById('notice').textContent"), /0102 may now/);
    assertEquals(await page.read("document.querySelector('button.approve')"), null);
    const allowed =
      JSON.parse((await world.run("pair", "allowed", "--json", "--full")).stdout).allowed;
    assert(allowed.some(({ phone }: { phone: string }) => phone === BOB));

    await world.twilio.inbound({ from: "+12025550103", text: "and me" });
    await page.until("document.querySelector('button.reject') !== null");
    assertStringIncludes(
      await page.read("document.getElementById('spoken').textContent"),
      "1 request waiting",
    );
    assertEquals(page.complaints, []);
  },
});

Deno.test({
  name: "the admin page fits a phone, in dark and in light, and has names for a screen reader",
  ignore: program === null,
  async fn() {
    await using world = await createWorld();
    await using page = await enter(world);
    const pictures = Deno.env.get("SMS_BRIDGE_PICTURES");
    const papers = new Set<string>();
    const { origin } = new URL(await page.read<string>("location.href"));
    for (const value of ["light", "dark"]) {
      await page.call("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value }],
      });
      for (const [room, path] of Object.entries(ROOMS)) {
        for (const [size, screen] of Object.entries({ narrow: NARROW, phone: PHONE, desk: DESK })) {
          await page.call("Emulation.setDeviceMetricsOverride", screen);
          await page.open(`${origin}${path}`);
          const wide = await page.read<number>("document.documentElement.scrollWidth");
          assert(wide <= screen.width, `${room} is ${wide} px wide`);
          const name = `${pictures}/${room}-${size}-${value}.png`;
          if (pictures) await Deno.writeFile(name, await page.picture());
        }
        assertEquals(await page.read(NAMELESS), [], room);
        assertEquals(await page.read(BROKEN), [], room);
        assertEquals(await page.read(FAINT), [], `${room}, ${value}`);
        assertEquals(await page.read(SMALL), [], room);
        assertEquals(await page.read("document.querySelectorAll('h1').length"), 1);
      }
      papers.add(await page.read("getComputedStyle(document.body).backgroundColor"));
    }
    assertEquals(papers.size, 2);
    assertEquals(page.complaints, []);
  },
});
