/**
 * What is wrong with a configuration, told all at once.
 *
 * @module
 */

import type { BridgeValues } from "./rows/bridge_rows.ts";

/** Something missing or wrong, with what mends it. */
export interface Problem {
  /** The key or variable, as in `channels.sms.fromNumber`. */
  readonly name: string;
  /** What is wrong with it: continues the name. */
  readonly problem: string;
  /** What to do, as an example. */
  readonly fix: string;
  /** Where it stands, as in `config.json5:12`; left out when it stands nowhere. */
  readonly where?: string;
}

/** Two listeners cannot have one address; a port that the system chooses is another for each. */
export function listenerProblems({ listen, adminListen }: BridgeValues): readonly Problem[] {
  if (adminListen === null || "path" in adminListen || listen.port === 0) return [];
  if (listen.port !== adminListen.port || listen.hostname !== adminListen.hostname) return [];
  return [{
    name: "bridge.adminListen",
    problem: "is the address of bridge.listen, and only one of them can have it",
    fix: "`sms-bridge config set bridge.adminListen off`, or give it another port",
  }];
}

/** What a header can carry. */
const TOKEN = /^[\x21-\x7e]+$/;

/** An engine that is shared asks everybody for its token. */
export function storeProblems(
  { store, storeToken }: BridgeValues,
  known: readonly Problem[],
): readonly Problem[] {
  const name = "bridge.storeToken";
  if (store === undefined) return [];
  if (storeToken !== undefined) {
    return TOKEN.test(storeToken) ? [] : [{
      name,
      problem: "must be letters, digits and signs of ASCII without spaces and line breaks",
      fix: "copy it again, as the engine was started with it",
    }];
  }
  if (known.some((problem) => problem.name === name)) return [];
  return [{
    name,
    problem: "is missing, which bridge.store needs",
    fix: "set SMS_BRIDGE_STORE_TOKEN, or `sms-bridge config set bridge.storeToken VALUE`",
  }];
}
