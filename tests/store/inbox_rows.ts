/** Rows of the inbox for tests. */
import type { Phone } from "../../src/policy/phone.ts";
import type { InboxRow } from "../../src/store/inbox_row.ts";

/** A text that was taken in and waits; `more` is what matters to a test. */
export function inboxRow(more: Partial<InboxRow> = {}): InboxRow {
  return {
    id: 0,
    account: "default",
    accountSid: `AC${"0".repeat(32)}`,
    messageSid: `SM${"0".repeat(32)}`,
    from: "+12025550101" as Phone,
    to: "+12025550123",
    text: "hello",
    media: [],
    mediaMissing: 0,
    receivedAtMs: 0,
    recovered: false,
    started: null,
    attempts: 0,
    noticed: false,
    ...more,
  };
}
