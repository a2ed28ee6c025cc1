/**
 * A floor: an HTTP server that has each request on disk, together with those that came meanwhile, before
 * it answers. It checks nothing. The folder of its store is the argument; it prints its port.
 *
 * @module
 */
const kv = await Deno.openKv(`${Deno.args[0]}/floor.kv`);
const waiting: { readonly body: string; readonly done: () => void }[] = [];
let next = 0;
let busy = false;

async function write(): Promise<void> {
  if (busy) return;
  busy = true;
  while (waiting.length > 0) {
    const batch = waiting.splice(0, 100);
    const commit = kv.atomic();
    for (const { body } of batch) commit.set(["row", next++], body);
    await commit.commit();
    batch.forEach(({ done }) => done());
  }
  busy = false;
}

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
  const body = await request.text();
  await new Promise<void>((done) => {
    waiting.push({ body, done });
    write();
  });
  return new Response("<Response/>");
});
await Deno.stdout.write(new TextEncoder().encode(`${server.addr.port}\n`));
