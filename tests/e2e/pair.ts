/**
 * Several bridges on one store: on a real `denokv` where it is installed, else on the engine of the tests.
 */
import { startFakeEngine } from "../store/connect/fake_engine.ts";
import { denokvProgram, startDenokv } from "../store/connect/real_engine.ts";
import { createWorld, type Program, programCommand, ROOT, type World } from "./program.ts";

/** A world whose bridges share a store. */
export interface Pair extends AsyncDisposable {
  readonly world: World;
  /** Starts a bridge of its own state directory, of another version where its sources are given. */
  readonly serve: (name: string, root?: string) => Promise<Program>;
  readonly run: World["run"];
  /** Runs a command with the state directory of one of them. */
  readonly on: (name: string, ...args: string[]) => ReturnType<World["run"]>;
  /** The same with the sources of another version. */
  readonly of: (root: string, name: string, ...args: string[]) => ReturnType<World["run"]>;
}

/** Makes a pair; everything in it is gone at the end of the block that uses it. */
export async function createPair(): Promise<Pair> {
  const denokv = denokvProgram();
  const world = await createWorld();
  const engine = denokv === null ? startFakeEngine() : await startDenokv(denokv);
  const store = { SMS_BRIDGE_STORE: engine.url, SMS_BRIDGE_STORE_TOKEN: engine.token };
  Object.assign(world.env, store);
  const of: Pair["of"] = async (root, name, ...args) => {
    const stateDir = `${world.stateDir}/${name}`;
    const env = { ...world.env, SMS_BRIDGE_STATE_DIR: stateDir };
    const { code, stdout, stderr } = await programCommand(args, env, root).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: decode(stdout), stderr: decode(stderr) };
  };
  return {
    world,
    serve: (name, root) =>
      world.serve({ SMS_BRIDGE_STATE_DIR: `${world.stateDir}/${name}` }, undefined, root),
    run: world.run,
    of,
    on: (name, ...args) => of(ROOT, name, ...args),
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await engine[Symbol.asyncDispose]();
    },
  };
}
