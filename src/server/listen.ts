/**
 * Opening a listener, on TCP or a Unix socket.
 *
 * @module
 */
import type { Server } from "node:http";
import { type Failure, failure } from "../system/failure.ts";

/** Where a listener can be reached. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** The path of a Unix socket. */
export interface SocketPath {
  readonly path: string;
}

/** An address as `ADDRESS:PORT`, an IPv6 one in brackets. */
export function addressText({ hostname, port }: Address): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/** Says why an address cannot be listened on. */
function listenError(error: unknown, { hostname, port }: Address): Failure {
  const code = (error as { code?: unknown })?.code;
  const why = code === "EADDRINUSE" || error instanceof Deno.errors.AddrInUse
    ? "another program listens there"
    : code === "EADDRNOTAVAIL" || error instanceof Deno.errors.AddrNotAvailable
    ? "this machine has no such address"
    : code === "EACCES" || error instanceof Deno.errors.PermissionDenied
    ? "the system does not permit it"
    : String((error as Error)?.message ?? error);
  return failure(
    "configuration",
    "cannot-listen",
    `Cannot listen on ${hostname}:${port}: ${why}`,
    "give the bridge a free address of this machine: SMS_BRIDGE_LISTEN for webhooks, " +
      "SMS_BRIDGE_ADMIN_LISTEN (or off) for health and metrics",
  );
}

/**
 * Makes a server listen; port 0 takes a free one.
 *
 * @throws {Failure} When the address cannot be listened on; the message says why.
 */
export function listen(server: Server, address: Address | SocketPath): Promise<Address> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) =>
      reject("path" in address ? error : listenError(error, address));
    server.once("error", fail);
    const isUp = () => {
      server.off("error", fail);
      server.on("error", () => {});
      const bound = server.address();
      if ("path" in address) return resolve({ hostname: address.path, port: 0 });
      const port = typeof bound === "object" && bound !== null ? bound.port : address.port;
      resolve({ hostname: address.hostname, port });
    };
    if ("path" in address) server.listen(address.path, isUp);
    else server.listen(address.port, address.hostname, isUp);
  });
}
