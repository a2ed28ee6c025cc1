/**
 * A headless Chromium, driven over its DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol/).
 *
 * @module
 */

/** One page of a browser. */
export interface Page extends AsyncDisposable {
  /** Errors of the console, of the page's policy and of scripts, as they came. */
  readonly complaints: readonly string[];
  /** Calls a method of the protocol. */
  call<T = Record<string, unknown>>(method: string, params?: Record<string, unknown>): Promise<T>;
  /** Opens an address and waits until it is loaded. */
  open(url: string): Promise<void>;
  /** The value of an expression in the page. */
  read<T>(expression: string): Promise<T>;
  /** Waits until an expression in the page holds. */
  until(expression: string): Promise<void>;
  /** A picture of the page, as PNG. */
  picture(): Promise<Uint8Array>;
}

const NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/** Where a Chromium is, or null. */
export async function findChromium(): Promise<string | null> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    for (const name of NAMES) {
      const found = await Deno.stat(`${folder}/${name}`).catch(() => null);
      if (found?.isFile) return `${folder}/${name}`;
    }
  }
  return null;
}

/** Reads stderr until the browser says where its DevTools are; goes on draining it. */
async function devtoolsUrl(stderr: ReadableStream<Uint8Array>): Promise<[string, Promise<void>]> {
  const reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`the browser ended:\n${text}`);
    text += value;
    const url = text.match(/DevTools listening on (ws:\S+)/)?.[1];
    if (url === undefined) continue;
    const draining = (async () => {
      while (!(await reader.read()).done);
    })();
    return [url, draining];
  }
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** What an event complains of; null when it does not. */
function complaint({ method, params = {} }: Answer): string | null {
  const text = JSON.stringify(params);
  if (method === "Runtime.exceptionThrown") return text;
  if (method === "Runtime.consoleAPICalled") {
    return /^(error|warning)$/.test(`${params.type}`) ? text : null;
  }
  const entry = params.entry as { level?: string } | undefined;
  return method === "Log.entryAdded" && entry?.level !== "verbose" ? text : null;
}

/** Calls over a socket, answers by their number. */
function caller(socket: WebSocket, hear: (event: Answer) => void) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let last = 0;
  socket.onmessage = ({ data }) => {
    const answer: Answer = JSON.parse(data);
    const call = waiting.get(answer.id ?? -1);
    if (call === undefined) return hear(answer);
    waiting.delete(answer.id!);
    if (answer.error) call.reject(new Error(answer.error.message));
    else call.resolve(answer.result);
  };
  return (method: string, params: Record<string, unknown> = {}, sessionId?: string) => {
    const id = ++last;
    const call = Promise.withResolvers<unknown>();
    waiting.set(id, call);
    socket.send(JSON.stringify({ id, method, params, sessionId }));
    return call.promise;
  };
}

async function connect(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return socket;
}

/** Starts a browser with a profile of its own and opens an empty page. */
export async function openPage(program: string): Promise<Page> {
  const profile = await Deno.makeTempDir({ prefix: "chromium-" });
  const child = new Deno.Command(program, {
    // A container's root has no namespaces for the browser's own sandbox.
    args: [
      "--headless",
      ...(Deno.uid() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const [url, draining] = await devtoolsUrl(child.stderr);
  const socket = await connect(url);
  const complaints: string[] = [];
  let loaded = Promise.withResolvers<void>();
  const send = caller(socket, (event) => {
    if (event.method === "Page.loadEventFired") loaded.resolve();
    const said = complaint(event);
    if (said !== null) complaints.push(said);
  });
  const { targetId } = await send("Target.createTarget", { url: "about:blank" }) as {
    targetId: string;
  };
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true }) as {
    sessionId: string;
  };
  const call = <T>(method: string, params?: Record<string, unknown>) =>
    send(method, params, sessionId) as Promise<T>;
  for (const domain of ["Page", "Runtime", "Log"]) await call(`${domain}.enable`);
  async function read<T>(expression: string): Promise<T> {
    const { result } = await call<{ result: { value: T } }>("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    return result.value;
  }
  return {
    complaints,
    call,
    read,
    async open(address) {
      loaded = Promise.withResolvers();
      await call("Page.navigate", { url: address });
      await loaded.promise;
    },
    async until(expression) {
      const look = `new Promise((done) => requestAnimationFrame(() => done(!!(${expression}))))`;
      // A form that is posted takes the page away while it is looked at.
      while (!await read<boolean>(look).catch(() => false));
    },
    async picture() {
      const { data } = await call<{ data: string }>("Page.captureScreenshot", {
        captureBeyondViewport: true,
      });
      return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => socket.onclose = resolve);
      await send("Browser.close").catch(() => {});
      await closed;
      await child.status;
      await draining;
      await Deno.remove(profile, { recursive: true });
    },
  };
}
