/** The admin page over a test's bridge, and a browser without a screen that is in it. */
import { assertEquals } from "@std/assert";
import { createAdminSessions } from "../../src/admin/session.ts";
import { adminPageOver } from "../../src/admin/wiring.ts";
import { type OperationParts, operationsOn } from "../../src/operations/operations.ts";
import { systemRandom } from "../../src/system/random.ts";
import type { Kit } from "../bridge/kit.ts";

const ORIGIN = "http://127.0.0.1:1";

/** The page as its user sees it. */
export interface Browser {
  /** A room's HTML. */
  open(path: string): Promise<string>;
  /** Posts the form whose button has this label, with what is typed into it; where it leads. */
  press(html: string, label: string, typed?: Readonly<Record<string, string>>): Promise<string>;
}

interface Form {
  readonly action: string;
  readonly fields: Record<string, string>;
}

/** The form with a button of this label. */
export function formOf(html: string, label: string): Form {
  const forms = html.match(/<form method="post".*?<\/form>/gs) ?? [];
  const found = forms.find((one) => one.includes(`aria-label="${label}"`));
  if (found === undefined) throw new Error(`no button "${label}" in ${html}`);
  const inputs = [...found.matchAll(/<input ([^>]*)>/g)].map(([, text]) => text!);
  const of = (text: string, name: string) => text.match(new RegExp(`${name}="([^"]*)"`))?.[1];
  const sent = inputs.filter((one) => !one.includes("checkbox") || one.includes("checked"));
  return {
    action: found.match(/action="([^"]*)"/)![1]!,
    fields: Object.fromEntries(sent.map((one) => [of(one, "name")!, of(one, "value") ?? ""])),
  };
}

/** Enters the page of a bridge. */
export async function enterPage(kit: Kit, more: Partial<OperationParts> = {}): Promise<Browser> {
  const { context, clock } = kit;
  const { settings } = context;
  const accounts = () => settings().accountChoice;
  const sessions = createAdminSessions(clock, systemRandom);
  const operations = operationsOn({ ...context, accounts, ...more });
  const page = adminPageOver(operations, {
    sessions,
    clock,
    random: systemRandom,
    balances: () => null,
  });
  const ask = async (path: string, init: RequestInit = {}) =>
    (await page.answer(new Request(`${ORIGIN}${path}`, init)))!;
  const entered = await ask(`/enter?t=${sessions.link()}`);
  const cookie = entered.headers.get("set-cookie")!.split(";")[0]!;
  return {
    async open(path) {
      const response = await ask(path, { headers: { cookie } });
      assertEquals(response.status, 200, path);
      return await response.text();
    },
    async press(html, label, typed = {}) {
      const { action, fields } = formOf(html, label);
      const response = await ask(action, {
        method: "POST",
        headers: { cookie, origin: ORIGIN, "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ ...fields, ...typed }).toString(),
      });
      assertEquals(response.status, 303, label);
      return response.headers.get("location")!;
    },
  };
}
