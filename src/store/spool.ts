/**
 * The spool: copies of files that go out with a message, until Twilio has fetched them. Their names are
 * random and say nothing.
 *
 * @module
 */
import { encodeHex } from "@std/encoding/hex";
import type { Random } from "../system/random.ts";
import { join } from "../system/path.ts";

/** Files that wait to be fetched. */
export interface Spool {
  /** Keeps a copy; returns its name, or null when there is no more room. On disk when it resolves. */
  keep(bytes: Uint8Array<ArrayBuffer>): Promise<string | null>;
  /** Whether a copy is still there. */
  holds(name: string): Promise<boolean>;
  /** A copy; null when it is gone. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Deletes the copies that were made before. */
  sweep(beforeMs: number): Promise<void>;
}

/** Whatever an agent sends in a day, the disk is not to be full of it. */
const BYTES_MAX = 200 * 1024 * 1024;
const NAME = /^[0-9a-f]{32}$/;

interface Kept {
  readonly path: string;
  readonly size: number;
  readonly madeAtMs: number;
}

async function list(folder: string): Promise<Kept[]> {
  const kept: Kept[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (!NAME.test(name)) continue;
      const path = join(folder, name);
      const { size, mtime } = await Deno.stat(path);
      kept.push({ path, size, madeAtMs: mtime?.getTime() ?? 0 });
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return kept;
}

/** Opens the spool in a state directory; its folder is made when it is first needed. */
export function openSpool(stateDir: string, random: Random): Spool {
  const folder = join(stateDir, "media");
  /** What `look` says of a copy; null when there is none. */
  async function found<T>(name: string, look: (path: string) => Promise<T>): Promise<T | null> {
    if (!NAME.test(name)) return null;
    try {
      return await look(join(folder, name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  }
  return {
    async keep(bytes) {
      const used = (await list(folder)).reduce((sum, { size }) => sum + size, 0);
      if (used + bytes.length > BYTES_MAX) return null;
      await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
      const name = encodeHex(random.bytes(16));
      using file = await Deno.open(join(folder, name), {
        write: true,
        createNew: true,
        mode: 0o600,
      });
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.sync();
      return name;
    },
    holds: async (name) => await found(name, Deno.stat) !== null,
    read: (name) => found(name, Deno.readFile),
    async sweep(beforeMs) {
      for (const { path, madeAtMs } of await list(folder)) {
        if (madeAtMs < beforeMs) await Deno.remove(path).catch(() => {});
      }
    },
  };
}
