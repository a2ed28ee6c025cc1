/**
 * What the executable is made of, as SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3/): the program, the
 * Deno that it runs on, and the packages that `deno.lock` pins.
 *
 * @module
 */

/** What of a lock file is read. */
export interface Lock {
  readonly specifiers: Readonly<Record<string, string>>;
  readonly jsr: Readonly<
    Record<string, { readonly integrity: string; readonly dependencies?: readonly string[] }>
  >;
}

/** What is to be told. */
export interface SbomParts {
  readonly version: string;
  readonly deno: string;
  readonly lock: Lock;
  /** The packages that the program itself imports, such as `@std/http`. */
  readonly imports: readonly string[];
  readonly timeSec: number;
}

/** The packages of a lock file that these need, as `name@version`. */
function needed({ specifiers, jsr }: Lock, imports: readonly string[]): string[] {
  const found = new Set<string>();
  const walk = (specifier: string) => {
    const name = specifier.replace(/^jsr:/, "").replace(/@[\^~]?[\d.]+$/, "");
    const key = Object.keys(specifiers).find((one) =>
      one === specifier || one.startsWith(`jsr:${name}@`)
    );
    if (key === undefined) throw new RangeError(`Cannot find ${specifier} in the lock file`);
    const pinned = `${name}@${specifiers[key]}`;
    if (found.has(pinned)) return;
    found.add(pinned);
    jsr[pinned]?.dependencies?.forEach(walk);
  };
  imports.forEach((name) => walk(`jsr:${name}`));
  return [...found].sort();
}

/** The document, the same each time. */
export function sbom({ version, deno, lock, imports, timeSec }: SbomParts): string {
  const idOf = (name: string) =>
    `SPDXRef-${name.replace(/[^A-Za-z0-9.]+/g, "-").replace(/^-/, "")}`;
  const item = (
    name: string,
    versionInfo: string,
    licenseDeclared: string,
    sourceInfo?: string,
  ) => ({
    SPDXID: idOf(`${name}-${versionInfo}`),
    name,
    versionInfo,
    licenseDeclared,
    licenseConcluded: licenseDeclared,
    downloadLocation: "NOASSERTION",
    copyrightText: "NOASSERTION",
    filesAnalyzed: false,
    ...(sourceInfo === undefined ? {} : { sourceInfo }),
  });
  const program = item("sms-bridge", version, "MIT");
  const parts = [
    item("deno", deno, "MIT", "the runtime of the executable, with V8 and SQLite in it"),
    ...needed(lock, imports).map((pinned) => {
      const at = pinned.lastIndexOf("@");
      const source = `JSR; integrity of its manifest: sha256 ${lock.jsr[pinned]!.integrity}`;
      return item(pinned.slice(0, at), pinned.slice(at + 1), "MIT", source);
    }),
  ];
  const relationship = (spdxElementId: string, relationshipType: string, to: string) => ({
    spdxElementId,
    relationshipType,
    relatedSpdxElement: to,
  });
  const document = {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: `sms-bridge-${version}`,
    documentNamespace: `urn:sms-bridge:sbom:${version}:${timeSec}`,
    creationInfo: {
      created: new Date(timeSec * 1_000).toISOString().replace(/\.\d+Z$/, "Z"),
      creators: ["Tool: sms-bridge scripts/sbom.ts"],
    },
    packages: [program, ...parts],
    relationships: [
      relationship("SPDXRef-DOCUMENT", "DESCRIBES", program.SPDXID),
      ...parts.map(({ SPDXID }) => relationship(program.SPDXID, "CONTAINS", SPDXID)),
    ],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
