/**
 * The permissions that the compiled program is given: the narrowest that all of its commands work with.
 *
 * Which hosts it talks to, which files it reads and which programs give it secrets stand in the user's
 * configuration, so these kinds cannot be lists made at build time. What no configuration may ask for is
 * denied here; Deno itself keeps `/proc`, `/sys` and `/dev` from a program without all permissions. `serve`
 * gives up running programs once its secrets are read, unless some come from a program.
 *
 * @module
 */

/** Where clouds hand the machine's own credentials to whoever asks from it. */
const METADATA = ["169.254.169.254", "[fd00:ec2::254]", "metadata.google.internal"];
/** The system's own secrets, also where the program runs as root. */
const SYSTEM_SECRETS = ["/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/ssh"];
/** Programs and libraries: nothing here is the bridge's to change. */
const SYSTEM_FOLDERS = ["/usr/bin", "/usr/sbin", "/usr/lib", "/bin", "/sbin", "/lib", "/boot"];

/** Flags for `deno run` and `deno compile`. */
export const PERMISSIONS: readonly string[] = [
  "--allow-net",
  `--deny-net=${METADATA.join(",")}`,
  "--allow-read",
  `--deny-read=${SYSTEM_SECRETS.join(",")}`,
  "--allow-write",
  `--deny-write=${[...SYSTEM_FOLDERS, ...SYSTEM_SECRETS].join(",")}`,
  "--allow-env",
  "--allow-run",
  "--allow-sys=hostname,osRelease,statfs,uid",
  "--deny-ffi",
];
