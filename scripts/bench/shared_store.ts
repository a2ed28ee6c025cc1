/**
 * The whole program on a store that bridges share, a real `denokv` on this machine: beside it the same on a
 * file. Without a `denokv` there is nothing to measure.
 *
 * @module
 */
import { createWorld, type World } from "../../tests/e2e/program.ts";
import { denokvProgram, startDenokv } from "../../tests/store/connect/real_engine.ts";
import { LEASE_MS } from "../../src/system/limits.ts";
import { burst } from "./burst.ts";
import { delayed } from "./delay.ts";
import { share, timed } from "./measure.ts";
import { answerTimes, type ProgramRow } from "./program.ts";
import { OPEN, signer } from "./signer.ts";

const TEXTS = 290;
const PEOPLE = 40;
const ROUNDS = 3;
const TAKEOVERS = 5;

type Measure = (
  world: World,
  serve: (name: string) => ReturnType<World["serve"]>,
) => Promise<number>;

async function onFile(measure: Measure): Promise<number> {
  await using world = await createWorld();
  return await measure(world, () => world.serve(OPEN));
}

/** Measures on a `denokv` that is so far away; null where there is none. */
async function onDenokv(delayMs: number, measure: Measure): Promise<number | null> {
  const program = denokvProgram();
  if (program === null) return null;
  await using engine = await startDenokv(program);
  await using way = delayed(engine.url, delayMs);
  await using world = await createWorld();
  const url = delayMs === 0 ? engine.url : way.url;
  Object.assign(world.env, { SMS_BRIDGE_STORE: url, SMS_BRIDGE_STORE_TOKEN: engine.token });
  return await measure(
    world,
    (name) => world.serve({ ...OPEN, SMS_BRIDGE_STATE_DIR: `${world.stateDir}/${name}` }),
  );
}

const acknowledgements: Measure = async (world, serve) => {
  const { port } = await serve("one");
  return (await burst(port, TEXTS, signer(world))).perSecond;
};

/** Of one bridge that answers, `PEOPLE` at once. */
const answers: Measure = async (world, serve) => {
  await serve("one");
  await answerTimes(world, 5, 3, 1_000);
  let count = 0;
  const ms = await timed(async () => {
    count = (await answerTimes(world, PEOPLE, ROUNDS, 2_000)).length;
  });
  return count / ms * 1_000;
};

/** From the end of the bridge that answers to the answer to a text of that moment. */
function takeovers(signal: "SIGKILL" | "SIGTERM"): Measure {
  return async (world, serve) => {
    let holder = await serve("0");
    await holder.event("lease.taken");
    const took: number[] = [];
    for (let count = 1; count <= TAKEOVERS; count++) {
      const other = await serve(String(count));
      await other.event("lease.standby");
      const ended = holder;
      holder = other;
      took.push(
        await timed(async () => {
          await Promise.all([
            ended.end(signal),
            answerTimes(world, 1, 1, 3_000 + count, 60_000),
          ]);
        }),
      );
    }
    return share(took, 0.5);
  };
}

let filed: Promise<number> | undefined;
const onFileOnce = () => filed ??= onFile(acknowledgements);

function acknowledgementsAt(delayMs: number): ProgramRow {
  const away = delayMs === 0 ? "over loopback" : `${delayMs} ms away`;
  return {
    name: `acknowledgements, denokv ${away}`,
    smoke: false,
    async measure() {
      const value = await onDenokv(delayMs, acknowledgements);
      if (value === null) return null;
      return { value, unit: "/s", floor: await onFileOnce(), floorIs: "a file", more: true };
    },
  };
}

function takeover(name: string, signal: "SIGKILL" | "SIGTERM"): ProgramRow {
  return {
    name,
    smoke: false,
    async measure() {
      const value = await onDenokv(0, takeovers(signal));
      if (value === null) return null;
      const detail = `p50 of ${TAKEOVERS}`;
      return { value, unit: "ms", floor: LEASE_MS, floorIs: "the lease", detail };
    },
  };
}

/** The rows. */
export const SHARED_ROWS: readonly ProgramRow[] = [
  ...[0, 1, 5, 20, 200].map(acknowledgementsAt),
  {
    name: "answers of one bridge, denokv over loopback",
    smoke: false,
    async measure() {
      const value = await onDenokv(0, answers);
      if (value === null) return null;
      return { value, unit: "/s", floor: await onFile(answers), floorIs: "a file", more: true };
    },
  },
  takeover("takeover on denokv, after a kill", "SIGKILL"),
  takeover("takeover on denokv, after a stop", "SIGTERM"),
];
