/**
 * A folder with configuration files, and loading from it.
 */
import { type Loaded, loadSettings } from "../../src/config/load.ts";

/** What a test writes and sets. */
export interface FolderOptions {
  /** The own file. */
  readonly own?: string;
  /** The Gateway's file. */
  readonly gateway?: string;
  /** Further files, by their path below the folder. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A folder that is a home directory, with the files where they are looked for. */
export interface Folder extends AsyncDisposable {
  readonly home: string;
  readonly ownPath: string;
  readonly gatewayPath: string;
  load(env?: Readonly<Record<string, string>>): Promise<Loaded>;
}

/** Makes one; everything in it is private to its owner. */
export async function createFolder(options: FolderOptions = {}): Promise<Folder> {
  const home = await Deno.makeTempDir({ prefix: "sms-bridge-config-" });
  const ownPath = `${home}/.openclaw/sms-bridge/config.json5`;
  const gatewayPath = `${home}/.openclaw/openclaw.json`;
  const write = async (path: string, text: string | undefined) => {
    if (text === undefined) return;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text, { mode: 0o600 });
  };
  await write(ownPath, options.own);
  await write(gatewayPath, options.gateway);
  for (const [path, text] of Object.entries(options.files ?? {})) {
    await write(`${home}/${path}`, text);
  }
  return {
    home,
    ownPath,
    gatewayPath,
    load(env = options.env ?? {}) {
      return loadSettings({ env: (name) => env[name], home });
    },
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
}
