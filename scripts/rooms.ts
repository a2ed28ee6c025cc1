/**
 * The rooms of the source: which room may import which. A room is a folder below `src`; what a room
 * is for stands in `.github/ARCHITECTURE.md`.
 *
 * @module
 */

/** Each room with the rooms, or single files (without `.ts`), that it may import besides its own. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // Leaves: pure decisions and formats. They know nothing of one another.
  "system": [],
  "policy": ["system"],
  "text": [],
  "text/markdown": ["text"],
  "text/sms": ["text", "text/markdown", "policy/blank"],
  "twilio": ["system", "policy/phone"],
  "gateway": ["system", "policy/phone"],
  "config": ["system", "policy", "text/sms/render"],
  // Effects: the disk and the listeners.
  "store": ["system", "policy", "text/sms/segments", "twilio/delivery"],
  "server": ["system"],
  // The way of a text, stage by stage. `bridge` is what every stage is given.
  "bridge": ["system", "config", "twilio", "gateway", "store", "server/metrics"],
  "people": ["system", "config", "policy", "store", "bridge"],
  "outbound": [
    "system",
    "config",
    "policy",
    "twilio",
    "gateway",
    "text/sms",
    "store",
    "server",
    "bridge",
    "people",
  ],
  "inbound": [
    "system",
    "config",
    "policy",
    "twilio",
    "text/sms",
    "store",
    "server",
    "bridge",
    "people",
    "outbound",
  ],
  "turn": [
    "system",
    "config",
    "policy",
    "twilio",
    "gateway",
    "store",
    "bridge",
    "people",
    "outbound",
    "inbound",
  ],
  "unasked": [
    "system",
    "config",
    "policy",
    "gateway",
    "store",
    "bridge",
    "people",
    "outbound",
    "operations/message_view",
    "operations/message_price",
  ],
  // Around it: what operators ask, look at and check.
  "checks": ["system", "config", "policy", "twilio", "gateway", "store", "server", "bridge"],
  "operations": [
    "system",
    "text/sms",
    "config",
    "policy",
    "twilio",
    "gateway",
    "store",
    "server",
    "bridge",
    "people",
    "outbound",
    "checks",
  ],
  "admin": ["system", "text", "server", "bridge", "operations"],
  // The composition root: the only place that joins the stages.
  "daemon": [
    "system",
    "config",
    "policy",
    "twilio",
    "gateway",
    "store",
    "server",
    "bridge",
    "people",
    "outbound",
    "inbound",
    "turn",
    "unasked",
    "checks",
    "operations",
    "admin",
  ],
  // The fakes of the demo and the tests.
  "sim": ["system", "policy/phone", "twilio", "gateway", "text/sms"],
  // The only place that talks to a person.
  "cli/terminal": ["system", "text", "checks", "operations"],
  "cli": [
    "system",
    "text",
    "text/sms",
    "config",
    "policy",
    "twilio",
    "gateway",
    "store",
    "server",
    "outbound",
    "checks",
    "operations",
    "daemon",
    "cli/terminal",
  ],
  "cli/setup": [
    "system",
    "config",
    "policy",
    "twilio",
    "gateway",
    "server",
    "checks",
    "cli",
    "cli/terminal",
  ],
  "cli/commands": [
    "system",
    "text",
    "text/sms",
    "config",
    "policy",
    "twilio",
    "store",
    "server",
    "sim",
    "outbound",
    "checks",
    "operations",
    "daemon",
    "cli",
    "cli/setup",
    "cli/terminal",
  ],
};

/** Where `Deno.` and `fetch(` may stand: effects are at the edges. */
export const EFFECTS: readonly RegExp[] = [
  /^src\/(store|server|system|daemon|admin|cli|sim)\//,
  /^src\/gateway\/link\.ts$/,
  /^src\/twilio\/(rest|media)\.ts$/,
  /^src\/config\/(load|secrets|files|trusted)[a-z_]*\.ts$/,
];

/** Files of one folder at most: beyond that a folder is a heap. */
export const FOLDER_FILES_MAX = 25;
