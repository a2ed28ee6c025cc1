/**
 * Unix sockets: which paths can be one, and who is behind them.
 *
 * @module
 */
import { errorText, type Failure, failure } from "../system/failure.ts";
import { CONTROL_PATH_BYTES_MAX } from "../system/limits.ts";

/** Says why a path cannot be a socket's, or null. */
export function socketPathFailure(path: string): Failure | null {
  if (Deno.build.os === "windows") {
    return failure(
      "configuration",
      "socket-unsupported",
      "Cannot open a Unix socket: Deno has none on Windows",
      "run commands that change the store while the daemon is stopped",
    );
  }
  const bytes = new TextEncoder().encode(path).byteLength;
  if (bytes <= CONTROL_PATH_BYTES_MAX) return null;
  return failure(
    "configuration",
    "socket-path",
    `Cannot open a Unix socket as its path must be at most ${CONTROL_PATH_BYTES_MAX} bytes: ` +
      `current value has ${bytes} (${path})`,
    "set a shorter state directory with --state-dir or SMS_BRIDGE_STATE_DIR",
  );
}

/** Whether somebody answers on a socket; a failure when that cannot be known. */
export async function probeSocket(path: string): Promise<"answered" | "absent" | Failure> {
  try {
    const connection = await Deno.connect({ transport: "unix", path });
    connection.close();
    return "answered";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "absent";
    if (error instanceof Deno.errors.ConnectionRefused) return "absent";
    if (error instanceof Deno.errors.NotADirectory) {
      return failure(
        "configuration",
        "state-not-directory",
        `${path.slice(0, path.lastIndexOf("/"))} is not a directory`,
        "name another one with --state-dir or SMS_BRIDGE_STATE_DIR",
      );
    }
    return failure(
      "unreachable",
      "socket-unreachable",
      `Cannot reach the daemon on ${path}: ${errorText(error)}`,
      "run the command as the user that the daemon runs as",
    );
  }
}

/**
 * Makes way for a new socket at `path`: removes the one of a program that died, which is known by a
 * refused connection. A failure when the path does not fit, somebody answers, or something else than a
 * socket is there.
 */
export async function claimSocketPath(path: string): Promise<Failure | null> {
  const unfit = socketPathFailure(path);
  if (unfit !== null) return unfit;
  const found = await Deno.lstat(path).catch(() => null);
  if (found === null) return null;
  if (found.isSocket !== true) {
    return failure(
      "configuration",
      "socket-path-taken",
      `Cannot open a Unix socket on ${path}: something else is there`,
      "move that file away, or name another path",
    );
  }
  const there = await probeSocket(path);
  if (there === "absent") {
    await Deno.remove(path);
    return null;
  }
  if (there !== "answered") return there;
  return failure(
    "conflict",
    "already-running",
    `Cannot start as another daemon answers on ${path}`,
    "stop it first, or give this one a state directory of its own",
  );
}
