/**
 * What is wrong with a configuration, told all at once.
 *
 * @module
 */

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
