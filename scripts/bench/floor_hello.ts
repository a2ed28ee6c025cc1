/**
 * A floor: the runtime alone.
 *
 * @module
 */
await Deno.stdout.write(new TextEncoder().encode("hello\n"));
