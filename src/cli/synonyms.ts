/**
 * Words that other programs use for what is called otherwise here.
 *
 * @module
 */

/** What was typed, and the command that does it. */
export const SYNONYMS: Readonly<Record<string, string>> = {
  allow: "pair allow",
  approve: "pair approve",
  block: "pair block",
  check: "doctor",
  codes: "pair list",
  dashboard: "admin url",
  "dead-letters": "queue dead",
  export: "queue export",
  health: "status",
  history: "messages",
  import: "queue import",
  inbox: "queue list",
  init: "setup",
  install: "service install",
  list: "pair list",
  log: "service logs",
  login: "setup",
  logs: "service logs",
  man: "help",
  onboard: "setup",
  outbox: "queue list",
  probe: "doctor",
  reject: "pair reject",
  restart: "service restart",
  retry: "queue retry",
  revoke: "pair revoke",
  run: "serve",
  simulate: "webhook simulate",
  sms: "send",
  start: "service start",
  stop: "service stop",
  tail: "service logs --follow",
  test: "doctor",
  tunnel: "funnel enable",
  ui: "admin url",
  unblock: "pair unblock",
  uninstall: "service uninstall",
  update: "upgrade",
  users: "people",
};
