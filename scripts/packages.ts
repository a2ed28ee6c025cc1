/**
 * Packages made of a release's archives: a `.deb`, a Homebrew formula and a Containerfile.
 *
 * @module
 */
import { COMMANDS } from "../src/cli/commands/table.ts";
import { renderCompletions } from "../src/cli/completions.ts";
import { systemdUnit, UNIT_NAME } from "../src/daemon/service_unit.ts";
import { manPage } from "./man.ts";

/** Debian's names of the targets that get a package. */
export const DEB_ARCHITECTURES: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "amd64",
  "aarch64-unknown-linux-gnu": "arm64",
};

/**
 * A user of its own for the system unit. Nothing is started: a bridge without settings has nothing to do.
 * One that runs is started anew with the new program. `DPKG_ROOT` is set where another root is filled.
 */
const POSTINST = `#!/bin/sh
set -e
has_user() {
  if [ -n "$DPKG_ROOT" ]; then grep -q '^sms-bridge:' "$DPKG_ROOT/etc/passwd"
  else getent passwd sms-bridge >/dev/null; fi
}
if [ "$1" = configure ]; then
  has_user || useradd \${DPKG_ROOT:+--prefix "$DPKG_ROOT"} --system --user-group \\
    --home-dir /var/lib/sms-bridge --no-create-home --shell /usr/sbin/nologin sms-bridge
  if [ -d "$DPKG_ROOT/run/systemd/system" ]; then
    systemctl daemon-reload || true
    if [ -n "$2" ]; then systemctl try-restart ${UNIT_NAME} || true; fi
  fi
fi
`;

const PRERM = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d "$DPKG_ROOT/run/systemd/system" ]; then
  systemctl --no-reload disable --now ${UNIT_NAME} || true
fi
`;

/** What the bridge has stored is nobody's to delete but the person's. */
const POSTRM = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d "$DPKG_ROOT/run/systemd/system" ]; then systemctl daemon-reload || true; fi
if [ "$1" = purge ]; then
  rm -f "$DPKG_ROOT/etc/sms-bridge/env"
  rmdir "$DPKG_ROOT/etc/sms-bridge" 2>/dev/null || true
  if [ -d "$DPKG_ROOT/var/lib/sms-bridge" ]; then
    echo "sms-bridge: /var/lib/sms-bridge (texts, pairings, settings) stays; delete it by hand" >&2
  fi
fi
`;

/** What the package holds beside the program: path below the root, and text. */
function debFiles(version: string, architecture: string, license: string) {
  const control = [
    "Package: sms-bridge",
    `Version: ${version}`,
    `Architecture: ${architecture}`,
    "Maintainer: The sms-bridge authors <sms-bridge@localhost>",
    "Depends: libc6, ca-certificates, passwd",
    "Section: net",
    "Priority: optional",
    "Description: Text your AI agent",
    " Lets people text the agent of an OpenClaw Gateway by SMS, through Twilio.",
  ];
  const unit = systemdUnit({
    program: "/usr/bin/sms-bridge",
    scope: "system",
    user: "sms-bridge",
    environmentFile: "/etc/sms-bridge/env",
  });
  return {
    "DEBIAN/control": control.map((line) => `${line}\n`).join(""),
    "DEBIAN/postinst": POSTINST,
    "DEBIAN/prerm": PRERM,
    "DEBIAN/postrm": POSTRM,
    [`usr/lib/systemd/system/${UNIT_NAME}`]: unit,
    "usr/share/man/man1/sms-bridge.1": manPage(COMMANDS, version),
    "usr/share/bash-completion/completions/sms-bridge": renderCompletions("bash", COMMANDS),
    "usr/share/zsh/vendor-completions/_sms-bridge": renderCompletions("zsh", COMMANDS),
    "usr/share/fish/vendor_completions.d/sms-bridge.fish": renderCompletions("fish", COMMANDS),
    "usr/share/doc/sms-bridge/copyright": license,
  };
}

/** What a `.deb` is made from. */
export interface DebOptions {
  readonly program: URL;
  readonly version: string;
  readonly architecture: string;
  readonly license: string;
  /** The package's file. */
  readonly output: URL;
  readonly mtimeSec: number;
}

/** Makes a `.deb` with dpkg-deb. Returns why it could not, or null. */
export async function writeDeb(options: DebOptions): Promise<string | null> {
  const { program, version, architecture, license, output, mtimeSec } = options;
  const folder = await Deno.makeTempDir({ prefix: "sms-bridge-deb-" });
  try {
    for (const [path, text] of Object.entries(debFiles(version, architecture, license))) {
      const file = `${folder}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true, mode: 0o755 });
      await Deno.writeTextFile(file, text);
      await Deno.chmod(file, /postinst|prerm|postrm/.test(path) ? 0o755 : 0o644);
    }
    await Deno.mkdir(`${folder}/usr/bin`);
    await Deno.copyFile(program, `${folder}/usr/bin/sms-bridge`);
    await Deno.chmod(`${folder}/usr/bin/sms-bridge`, 0o755);
    await Deno.chmod(folder, 0o755);
    const { success, stderr } = await new Deno.Command("dpkg-deb", {
      args: ["--root-owner-group", "--build", folder, decodeURIComponent(output.pathname)],
      env: { SOURCE_DATE_EPOCH: String(mtimeSec) },
      stdout: "null",
    }).output();
    return success ? null : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "dpkg-deb is not there";
    throw error;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The archives of a release: where they are, and the SHA-256 of each target's. */
export interface Archives {
  readonly version: string;
  readonly baseUrl: string;
  readonly sums: ReadonlyMap<string, string>;
}

const archiveUrl = ({ version, baseUrl }: Archives, target: string) =>
  `${baseUrl}/sms-bridge-${version}-${target}.tar.gz`;

/** A Homebrew formula for the targets of macOS and Linux that were made. */
export function homebrewFormula(archives: Archives): string {
  const system = (name: string, suffix: string) => {
    const parts = ([["arm", "aarch64"], ["intel", "x86_64"]] as const)
      .flatMap(([cpu, prefix]) => {
        const target = `${prefix}-${suffix}`;
        const sum = archives.sums.get(target);
        return sum === undefined ? [] : [
          `    on_${cpu} do`,
          `      url "${archiveUrl(archives, target)}"`,
          `      sha256 "${sum}"`,
          "    end",
        ];
      });
    return parts.length === 0 ? [] : [`  on_${name} do`, ...parts, "  end"];
  };
  return [
    "class SmsBridge < Formula",
    '  desc "Text your AI agent by SMS, through Twilio"',
    `  homepage "${archives.baseUrl}"`,
    `  version "${archives.version}"`,
    '  license "MIT"',
    ...system("macos", "apple-darwin"),
    ...system("linux", "unknown-linux-gnu"),
    "  def install",
    '    bin.install "sms-bridge"',
    '    man1.install "sms-bridge.1"',
    '    bash_completion.install "completions/sms-bridge.bash" => "sms-bridge"',
    '    zsh_completion.install "completions/_sms-bridge"',
    '    fish_completion.install "completions/sms-bridge.fish"',
    "  end",
    "  test do",
    '    assert_match version.to_s, shell_output("#{bin}/sms-bridge version")',
    "  end",
    "end",
  ].map((line) => `${line}\n`).join("");
}

/** A Containerfile that takes the archive of x86-64 Linux and checks its sum; null without one. */
export function containerfile(archives: Archives): string | null {
  const target = "x86_64-unknown-linux-gnu";
  const sum = archives.sums.get(target);
  if (sum === undefined) return null;
  const name = `sms-bridge-${archives.version}-${target}`;
  return `FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ADD --checksum=sha256:${sum} ${archiveUrl(archives, target)} /tmp/sms-bridge.tar.gz
RUN tar -xzf /tmp/sms-bridge.tar.gz -C /tmp \\
  && install -m 755 /tmp/${name}/sms-bridge /usr/local/bin/ && rm -rf /tmp/sms-bridge.tar.gz /tmp/${name} \\
  && useradd --create-home --uid 10001 bridge && install -d -m 700 -o bridge /state
USER bridge
ENV SMS_BRIDGE_STATE_DIR=/state SMS_BRIDGE_LISTEN=0.0.0.0:8787
VOLUME /state
EXPOSE 8787
ENTRYPOINT ["sms-bridge"]
CMD ["serve", "--log-format", "json"]
`;
}
