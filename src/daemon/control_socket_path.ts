/**
 * Where the daemon listens for commands.
 *
 * @module
 */

/** Where the daemon with this state directory listens for commands. */
export function controlSocketPath(stateDir: string): string {
  return `${stateDir}/control.sock`;
}
