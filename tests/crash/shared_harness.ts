/**
 * The crash harness of two bridges on one `denokv`: whichever answers is killed or stopped again and again
 * while people text, and sometimes the engine. In the end everything must have been answered once.
 */
import { lines, programCommand } from "../e2e/program.ts";
import { type RealEngine, startDenokv } from "../store/connect/real_engine.ts";
import {
  createRig,
  drain,
  findingsOf,
  freePort,
  leftInQueues,
  type Rig,
  sleep,
  text,
} from "./harness.ts";

/** How another bridge went on when the one that answered was struck. */
export interface Takeover {
  readonly tookMs: number;
  /** Whether the other stood by, rather than that it was still starting as well. */
  readonly stoodBy: boolean;
}

/** What came of it. */
export interface SharedCrashReport {
  readonly texts: number;
  readonly acknowledged: number;
  /** After each kill. */
  readonly takeovers: readonly Takeover[];
  /** What the bridges logged. */
  readonly logged: readonly string[];
  readonly findings: readonly string[];
}

const STOPPED_MS = 30_000;
/** With another that stands by. */
const TAKEOVER_MS_MAX = 15_000;
/** Long enough that the other has to take over. */
const DOWN_MS = 16_000;

/** One of the machines: the same settings, and a place of its own. */
class Machine {
  readonly port = freePort();
  /** Whether it runs and has seen who answers. */
  standsBy = false;
  readonly env: Record<string, string>;
  readonly #rig: Rig;
  readonly #tell: (line: string) => void;
  #child: Deno.ChildProcess | null = null;
  #reading: Promise<unknown> = Promise.resolve();

  constructor(rig: Rig, engine: RealEngine, stateDir: string, tell: (line: string) => void) {
    this.#rig = rig;
    this.#tell = tell;
    this.env = {
      ...rig.env,
      SMS_BRIDGE_LISTEN: `127.0.0.1:${this.port}`,
      SMS_BRIDGE_STATE_DIR: stateDir,
      SMS_BRIDGE_STORE: engine.url,
      SMS_BRIDGE_STORE_TOKEN: engine.token,
    };
  }

  start(): void {
    const child = programCommand(["serve", "--log-format", "json"], this.env).spawn();
    this.#child = child;
    this.standsBy = false;
    const draining = child.stdout.pipeTo(new WritableStream());
    const reading = (async () => {
      for await (const line of lines(child.stderr)) {
        this.#rig.logged.push(line);
        this.standsBy ||= line.includes('"lease.standby"');
        this.#tell(line);
      }
    })();
    this.#reading = Promise.all([draining, reading]);
    // A supervisor starts what has ended, as when the engine was away at the start.
    child.status.then(async () => {
      this.standsBy &&= this.#child !== child;
      await sleep(500);
      if (this.#child === child) this.start();
    });
  }

  signal(signal: Deno.Signal): void {
    this.#child?.kill(signal);
  }

  async end(signal: Deno.Signal): Promise<void> {
    const child = this.#child;
    this.#child = null;
    this.standsBy = false;
    child?.kill(signal);
    await child?.status;
    await this.#reading;
  }
}

/** Leads webhooks to the machines in turn, and past one that does not answer. */
function startBalancer(port: number, machines: readonly Machine[]): Deno.HttpServer {
  let turn = 0;
  return Deno.serve({ port, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const body = await request.arrayBuffer();
    const { pathname, search } = new URL(request.url);
    const first = turn++;
    for (let i = 0; i < machines.length; i++) {
      const machine = machines[(first + i) % machines.length]!;
      const url = `http://127.0.0.1:${machine.port}${pathname}${search}`;
      const { method, headers } = request;
      const signal = AbortSignal.timeout(5_000);
      try {
        const answer = await fetch(url, { method, headers, body, signal });
        return new Response(await answer.arrayBuffer(), { status: answer.status });
      } catch {
        // The next one.
      }
    }
    return new Response("", { status: 502 });
  });
}

/** Runs the harness on a `denokv`. */
export async function crashShared(
  program: string,
  { kills, seed, onKill }: { kills: number; seed: number; onKill?: (count: number) => void },
): Promise<SharedCrashReport> {
  const folder = await Deno.makeTempDir({ prefix: "sms-bridge-crash-" });
  const engine = await startDenokv(program);
  const rig = createRig(`${folder}/none`, seed);
  let holder = -1;
  let heard = Promise.withResolvers<void>();
  const machines = [0, 1].map((number) =>
    new Machine(rig, engine, `${folder}/${number}`, (line) => {
      if (!line.includes('"lease.taken"')) return;
      holder = number;
      heard.resolve();
    })
  );
  const balancer = startBalancer(Number(rig.env.SMS_BRIDGE_LISTEN!.split(":")[1]), machines);
  const takeovers: Takeover[] = [];
  rig.up = true;
  try {
    machines.forEach((machine) => machine.start());
    await heard.promise;
    let over = false;
    const texting = text(rig, () => over);
    for (let count = 1; count <= kills; count++) {
      rig.lives++;
      await sleep(rig.random.below(6_000));
      if (count % 10 === 5) {
        await engine.kill();
        await sleep(rig.random.below(3_000));
        await engine.start();
        await sleep(2_000);
      }
      heard = Promise.withResolvers();
      const struck = machines[holder]!;
      const { standsBy: stoodBy } = machines[1 - holder]!;
      const beganAtMs = performance.now();
      const stops = count % 12 === 0;
      if (stops) struck.signal("SIGSTOP");
      else await struck.end("SIGKILL");
      const downMs = count % 2 === 0 ? DOWN_MS : rig.random.below(3_000);
      const back = stops ? Promise.resolve() : sleep(downMs).then(() => struck.start());
      await heard.promise;
      takeovers.push({ tookMs: performance.now() - beganAtMs, stoodBy });
      if (stops) {
        await sleep(Math.max(0, STOPPED_MS - (performance.now() - beganAtMs)));
        struck.signal("SIGCONT");
      }
      await back;
      onKill?.(count);
    }
    over = true;
    await texting;
    const view = { ...rig, env: machines[0]!.env };
    await drain(view);
    const left = await leftInQueues(view);
    const late = takeovers.filter(({ tookMs, stoodBy }) => stoodBy && tookMs > TAKEOVER_MS_MAX)
      .map(({ tookMs }) => `another answered after ${Math.round(tookMs)} ms`);
    const findings = [...findingsOf(rig), ...left, ...late];
    const { texts, acknowledgedAtMs } = rig;
    return {
      texts: texts.length,
      acknowledged: acknowledgedAtMs.size,
      takeovers,
      logged: rig.logged,
      findings,
    };
  } finally {
    for (const machine of machines) await machine.end("SIGKILL").catch(() => {});
    await balancer.shutdown();
    await rig.gateway.close();
    await rig.twilio.close();
    await engine[Symbol.asyncDispose]();
    await Deno.remove(folder, { recursive: true });
  }
}
