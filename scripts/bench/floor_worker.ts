/**
 * A floor: the same server in a worker, as the program runs its service.
 *
 * @module
 */
new Worker(new URL("./floor_serve.ts", import.meta.url), { type: "module" });
